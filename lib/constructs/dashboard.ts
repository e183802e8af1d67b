/**
 * The CloudWatch dashboard: from what a person should do, over how the migration goes, to whether the machine is well and
 * what it costs. Everything on it is an aggregate of the deployment; single jobs are in the attention list on top, which a
 * function renders for whoever looks. The metrics come from `metrics.ts`, the alarms from `alarms.ts`.
 */

import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  CustomWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  LegendPosition,
  type MetricOptions,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Functions } from './functions.ts';
import { HANDLER_NAMES, type HandlerName } from './handlers.ts';
import type { FleetMetric, Metrics } from './metrics.ts';
import { TABLE_IDS } from './tables.ts';

interface DashboardProps {
  readonly metrics: Metrics;
  readonly alarms: Alarms;
  readonly deadLetters: Readonly<Record<string, DeadLetters>>;
  readonly runbookUrl: string;
  readonly deployment: string;
  readonly functions: Functions;
}

/** A dashboard is 24 wide. */
const WHOLE = 24;
const HALF = 12;
const THIRD = 8;
const QUARTER = 6;

/** The same everywhere: old is grey, what is watched is blue to green, what is wrong is red. */
const COLOURS: Partial<Record<FleetMetric, string>> = {
  PendingJobs: '#8c8c8c',
  ShadowJobs: '#1f77b4',
  ReverseShadowJobs: '#17becf',
  CleanupJobs: '#98df8a',
  CompleteJobs: '#2ca02c',
  PromotedJobs: '#2ca02c',
  DemotedJobs: '#d62728',
  SplitWriterJobs: '#d62728',
  RegressingJobs: '#ff7f0e',
};

export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { metrics } = props;
    this.dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        ...whatToDo(props),
        ...migration(metrics),
        ...sweeps(metrics),
        ...landings(props),
        ...health(metrics),
        ...costs(metrics),
      ],
    });
  }
}

function whatToDo({ alarms, runbookUrl, deployment, functions }: DashboardProps): IWidget[][] {
  return [
    [
      new TextWidget({
        markdown: `**${deployment}** | [runbook](${runbookUrl}) | counts are of the last sweep; silence is not green`,
        width: WHOLE,
        height: 1,
      }),
    ],
    [
      // Without parameters it lists what wants a person; the viewer's own IAM decides about it and about its buttons.
      new CustomWidget({
        functionArn: functions.byName.widget.functionArn,
        title: 'what wants a person',
        width: WHOLE,
        height: 10,
        updateOnTimeRangeChange: false,
      }),
    ],
    [new AlarmStatusWidget({ title: 'alarms', alarms: [...alarms.all], width: WHOLE, height: 4 })],
  ];
}

function migration(metrics: Metrics): IWidget[][] {
  const fleet = fleetGraph(metrics);
  return [
    [
      fleet(
        'jobs by phase',
        HALF,
        ['PendingJobs', 'ShadowJobs', 'ReverseShadowJobs', 'CleanupJobs', 'CompleteJobs'],
        true,
      ),
      fleet('promotions and demotions by sweeps', HALF, [
        'PromotedJobs',
        'DemotedJobs',
        'RefusedPromotions',
        'UnknownPromotions',
      ]),
    ],
    [
      fleet(
        'attention by kind',
        HALF,
        ['SplitWriterJobs', 'RegressingJobs', 'HookFailedJobs', 'OwedJobs', 'FlappingJobs', 'StuckJobs'],
        true,
      ),
      fleet('the oldest stuck job, in seconds since it is', QUARTER, ['OldestStuckSeconds']),
      fleet('stopped: 1 is on', QUARTER, ['PromotionsPaused', 'BreakGlassPause', 'BreakerOpen']),
    ],
  ];
}

function sweeps(metrics: Metrics): IWidget[][] {
  const fleet = fleetGraph(metrics);
  return [
    [
      graph('sweeps started, evaluations failed', THIRD, [metrics.sweeps(), metrics.evaluationsFailed()]),
      graph('the longest evaluation, in ms', THIRD, [metrics.evaluationTime({ label: 'evaluation' })]),
      fleet('from the scheduled time: start, and end of the last group, in seconds', THIRD, [
        'SweepLagSeconds',
        'SweepSeconds',
      ]),
    ],
    [
      graph('evidence lag, in ms', HALF, [metrics.evidenceLag({ label: 'oldest landing that is not folded' })]),
      fleet('jobs that were judged, and could not be', HALF, ['Jobs', 'UnjudgedJobs']),
    ],
  ];
}

function landings({ metrics, deadLetters }: DashboardProps): IWidget[][] {
  const fleet = fleetGraph(metrics);
  const letters = Object.entries(deadLetters).map(([label, { queue }]) =>
    queue.metricApproximateNumberOfMessagesVisible({ label, statistic: Stats.MAXIMUM, period: metrics.interval }),
  );
  return [
    [
      fleet('the fence: landings fenced, requests refused', THIRD, ['FencedLandings', 'RefusedRequests']),
      fleet('jobs with owed partitions and split writers', THIRD, ['OwedJobs', 'SplitWriterJobs']),
      graph('the queue of landings: age of the oldest, in seconds', THIRD, [metrics.queueAge({ label: 'age' })]),
    ],
    [graph('dead letters', HALF, letters), graph('failures of the event pipes', HALF, [metrics.pipeFailures()])],
  ];
}

function health(metrics: Metrics): IWidget[][] {
  const failing = (names: readonly HandlerName[], label: string) => metrics.failures(names, label);
  return [
    [
      graph('functions: errors and throttles', HALF, [
        failing(['assign', 'land', 'published'], 'calls of pipelines'),
        failing(['ingest'], 'ingest'),
        failing(['gather'], 'gather'),
        failing(['evaluate'], 'evaluate'),
        failing(['commit', 'hook', 'account'], 'commit, hook and account'),
        failing(['fan-out'], 'fan-out'),
        failing(['tell'], 'tell'),
      ]),
      graph('requests turned away by DynamoDB', HALF, [
        metrics.throttled('Read'),
        metrics.throttled('Write'),
        metrics.storeErrors(),
      ]),
    ],
  ];
}

/** What the bill is made of: calls, state transitions, capacity. */
function costs(metrics: Metrics): IWidget[][] {
  const capacity = (kind: 'Read' | 'Write') => TABLE_IDS.map((table) => metrics.consumed(table, kind));
  return [
    [
      graph(
        'cost: invocations',
        HALF,
        HANDLER_NAMES.map((name) => metrics.invocations(name)),
        true,
      ),
      graph('cost: state transitions', HALF, [metrics.stateTransitions()]),
    ],
    [
      graph('cost: read units consumed by tables', HALF, capacity('Read'), true),
      graph('cost: write units consumed by tables', HALF, capacity('Write'), true),
    ],
  ];
}

function fleetGraph(metrics: Metrics) {
  return (title: string, width: number, names: readonly FleetMetric[], stacked = false): IWidget => {
    const options = (name: FleetMetric): MetricOptions => {
      const color = COLOURS[name];
      return { label: labelOf(name), ...(color && { color }) };
    };
    return graph(
      title,
      width,
      names.map((name) => metrics.fleet(name, options(name))),
      stacked,
    );
  };
}

function graph(title: string, width: number, left: IMetric[], stacked = false): GraphWidget {
  return new GraphWidget({
    title,
    width,
    height: 6,
    left,
    stacked,
    leftYAxis: { min: 0, showUnits: false },
    legendPosition: LegendPosition.BOTTOM,
  });
}

/** `ReverseShadowJobs` -> `reverse shadow`. */
function labelOf(name: FleetMetric): string {
  const words = name.replace(/(.)([A-Z])/g, '$1 $2').toLowerCase();
  return words === 'jobs' ? words : words.replace(/ (jobs|seconds)$/, '');
}
