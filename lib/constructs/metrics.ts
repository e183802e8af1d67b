/**
 * What can be watched. Much comes from AWS's own metrics; the state of the fleet is counted by the functions, which write it
 * as embedded metrics, for the whole deployment and never for one job. The names here are the ones that they write
 * (`functions/metrics.ts`, `functions/refusals.ts`); a test holds them together. Drawn by `dashboard.ts`, watched by the
 * alarms.
 */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { TABLES, type Table } from '../aws/tables.ts';
import type { Evaluations } from './evaluations.ts';
import type { Functions } from './functions.ts';
import type { HandlerName } from './handlers.ts';
import { TABLE_IDS, type Tables } from './tables.ts';

const NAMESPACE = 'Crossfade';

/** The deployment's own metrics by the function that writes each. */
export const WRITTEN_BY = {
  evaluate: [
    'Jobs',
    'PendingJobs',
    'ShadowJobs',
    'ReverseShadowJobs',
    'CleanupJobs',
    'CompleteJobs',
    'DemotedJobs',
    'UnjudgedJobs',
    'SplitWriterJobs',
    'RegressingJobs',
    'HookFailedJobs',
    'OwedJobs',
    'FlappingJobs',
    'StuckJobs',
    'OldestStuckSeconds',
  ],
  'fan-out': ['PromotionsPaused', 'BreakGlassPause', 'BreakerOpen', 'SweepLagSeconds'],
  account: ['PromotedJobs', 'RefusedPromotions', 'UnknownPromotions', 'SweepSeconds'],
  assign: ['FencedLandings', 'RefusedRequests'],
  land: ['FencedLandings', 'RefusedRequests'],
  ingest: ['FencedLandings', 'RefusedRequests'],
} as const satisfies Partial<Record<HandlerName, readonly string[]>>;

export type FleetMetric = (typeof WRITTEN_BY)[keyof typeof WRITTEN_BY][number];
export const FLEET_METRICS: readonly FleetMetric[] = [...new Set(Object.values(WRITTEN_BY).flat())];

/** Times and states are the largest of what an interval's evaluations and sweeps said; everything else is their sum. */
const LARGEST: readonly FleetMetric[] = [
  'OldestStuckSeconds',
  'SweepLagSeconds',
  'SweepSeconds',
  'PromotionsPaused',
  'BreakGlassPause',
  'BreakerOpen',
];

interface MetricSources {
  readonly deployment: string;
  readonly functions: Functions;
  readonly evaluations: Evaluations;
  readonly tables: Tables;
  readonly landings: IQueue;
  readonly pipes: readonly CfnPipe[];
  readonly intervalMinutes: number;
}

/** CloudWatch has AWS's own metrics by the minute; five of them tell a fault from a hiccup. */
const SHORT = Duration.minutes(5);

export class Metrics {
  readonly interval: Duration;
  readonly #sources: MetricSources;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.interval = Duration.minutes(sources.intervalMinutes);
  }

  /** Sweeps that were started: calls of fan-out that did not fail. */
  sweeps(options?: MetricOptions): IMetric {
    const fanOut = this.#sources.functions.byName['fan-out'];
    const each = { period: this.interval, ...options, statistic: Stats.SUM };
    return new MathExpression({
      expression: 'FILL(calls, 0) - FILL(errors, 0)',
      usingMetrics: { calls: fanOut.metricInvocations(each), errors: fanOut.metricErrors(each) },
      label: 'sweeps started',
      period: each.period,
    });
  }

  /** Milliseconds that the longest evaluation took from its start to its end. */
  evaluationTime(options?: MetricOptions): IMetric {
    const { stateMachine } = this.#sources.evaluations;
    return stateMachine.metricTime({ period: this.interval, statistic: Stats.MAXIMUM, ...options });
  }

  /** About: three for each evaluation, two for each commit, one for each hook. AWS counts them for whole accounts only. */
  stateTransitions(options?: MetricOptions): IMetric {
    const { functions, evaluations } = this.#sources;
    const each = { period: this.interval, ...options, statistic: Stats.SUM };
    return new MathExpression({
      expression: '3 * FILL(evaluations, 0) + 2 * FILL(commits, 0) + FILL(hooks, 0)',
      usingMetrics: {
        evaluations: evaluations.stateMachine.metricStarted(each),
        commits: functions.byName.commit.metricInvocations(each),
        hooks: functions.byName.hook.metricInvocations(each),
      },
      label: 'state transitions, about',
      period: each.period,
    });
  }

  /** Evaluations that ended otherwise than with success. */
  evaluationsFailed(options?: MetricOptions): IMetric {
    const { stateMachine } = this.#sources.evaluations;
    const each = { period: this.interval, ...options, statistic: Stats.SUM };
    const ended = [
      stateMachine.metricFailed(each),
      stateMachine.metricTimedOut(each),
      stateMachine.metricAborted(each),
    ];
    return sumOf('evaluations failed', ended, each.period);
  }

  /** Milliseconds between a landing and its evidence, at most. */
  evidenceLag(options?: MetricOptions): IMetric {
    return this.#sources.functions.byName.gather.metric('IteratorAge', {
      period: SHORT,
      statistic: Stats.MAXIMUM,
      ...options,
    });
  }

  /** Errors and throttles of these functions together. */
  failures(names: readonly HandlerName[], label: string, options?: MetricOptions): IMetric {
    const each = { period: SHORT, ...options, statistic: Stats.SUM };
    const metrics = names.flatMap((name) => {
      const handler = this.#sources.functions.byName[name];
      return [handler.metricErrors(each), handler.metricThrottles(each)];
    });
    return sumOf(label, metrics, each.period);
  }

  /** Errors of evaluate, and its throttles where there are more than waiting groups make. */
  evaluateFailures(throttlesExpected: number, options?: MetricOptions): IMetric {
    const { evaluate } = this.#sources.functions.byName;
    const each = { period: SHORT, ...options, statistic: Stats.SUM };
    return new MathExpression({
      expression: `FILL(errors, 0) + IF(FILL(throttles, 0) > ${throttlesExpected}, throttles, 0)`,
      usingMetrics: { errors: evaluate.metricErrors(each), throttles: evaluate.metricThrottles(each) },
      label: 'evaluations that failed at an attempt',
      period: each.period,
    });
  }

  invocations(name: HandlerName, options?: MetricOptions): IMetric {
    const { functions } = this.#sources;
    return functions.byName[name].metricInvocations({
      period: this.interval,
      statistic: Stats.SUM,
      label: name,
      ...options,
    });
  }

  /** Seconds that the oldest landing has waited in the queue. */
  queueAge(options?: MetricOptions): IMetric {
    const { landings } = this.#sources;
    return landings.metricApproximateAgeOfOldestMessage({ period: SHORT, statistic: Stats.MAXIMUM, ...options });
  }

  consumed(table: Table, kind: 'Read' | 'Write', options?: MetricOptions): IMetric {
    return this.#table(table, `Consumed${kind}CapacityUnits`, { period: this.interval, label: table, ...options });
  }

  /** Requests of one kind that DynamoDB turned away, on all tables and indexes. */
  throttled(kind: 'Read' | 'Write', options?: MetricOptions): IMetric {
    const each = { period: SHORT, ...options };
    const metrics = TABLE_IDS.flatMap((table) => [
      this.#table(table, `${kind}ThrottleEvents`, each),
      ...TABLES[table].indexes.map(({ name }) =>
        this.#table(table, `${kind}ThrottleEvents`, each, { GlobalSecondaryIndexName: name }),
      ),
    ]);
    return sumOf(`${kind.toLowerCase()}s throttled`, metrics, each.period);
  }

  /** Failures of DynamoDB itself, on the two tables that neither a claim nor a demotion can do without. */
  storeErrors(options?: MetricOptions): IMetric {
    const each = { period: SHORT, ...options };
    const metrics = (['jobs', 'landings'] as const).flatMap((table) =>
      ['GetItem', 'PutItem', 'Query'].map((Operation) => this.#table(table, 'SystemErrors', each, { Operation })),
    );
    return sumOf('failures of DynamoDB', metrics, each.period);
  }

  /** Events that the pipes could not hand over, whether they try again or not. */
  pipeFailures(options?: MetricOptions): IMetric {
    const each = { period: SHORT, ...options };
    const ofPipe = (pipe: CfnPipe, metricName: string) =>
      new Metric({
        namespace: 'AWS/EventBridge/Pipes',
        metricName,
        dimensionsMap: { PipeName: pipe.ref },
        statistic: Stats.SUM,
        ...each,
      });
    const names = ['ExecutionFailed', 'ExecutionPartiallyFailed', 'ExecutionTimeout'];
    const metrics = this.#sources.pipes.flatMap((pipe) => names.map((name) => ofPipe(pipe, name)));
    return sumOf('failures of the pipes', metrics, each.period);
  }

  /** One of the deployment's own: of the last sweep, or since it. */
  fleet(metricName: FleetMetric, options?: MetricOptions): IMetric {
    return new Metric({
      namespace: NAMESPACE,
      metricName,
      dimensionsMap: { service: this.#sources.deployment },
      period: this.interval,
      statistic: LARGEST.includes(metricName) ? Stats.MAXIMUM : Stats.SUM,
      ...options,
    });
  }

  #table(table: Table, metricName: string, options: MetricOptions, dimensions: Record<string, string> = {}): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.#sources.tables.byName[table].tableName, ...dimensions },
      statistic: Stats.SUM,
      ...options,
    });
  }
}

/** Metrics without a value, which services leave out when nothing happened, count as zero. Ids are unique within a graph. */
function sumOf(label: string, metrics: readonly IMetric[], period: Duration): IMetric {
  const prefix = label.replace(/\W+/g, '_');
  const ids = metrics.map((_, index) => `${prefix}_${index}`);
  return new MathExpression({
    expression: ids.map((id) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [ids[index] ?? '', metric])),
    label,
    period,
  });
}
