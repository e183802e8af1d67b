/** The alarms, and the metrics between code and CloudWatch: what is written is watched, and what is watched is written. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { WRITTEN_BY } from '../../lib/constructs/metrics.ts';
import type { Stage } from '../controller/stage.ts';
import { aStageWithWork, type Line, Lines, sweepOnce } from '../functions/a-sweep.ts';
import {
  compositeAlarms,
  dashboardWidgets,
  metricAlarms,
  metricsOfAlarm,
  metricsOfWidget,
  textOf,
  type WatchedMetric,
} from './monitoring.ts';
import type { PolicyDocument } from './permissions.ts';
import { namesOf, resourcesOf, SYNTH_MS, synthesize, thePlainStack } from './synth.ts';

const world = vi.hoisted(() => {
  process.env.CROSSFADE_DEPLOYMENT = 'Crossfade-1';
  process.env.CROSSFADE_STATE_MACHINE_ARN = 'arn';
  process.env.CROSSFADE_DEAD_LETTER_QUEUE_URL = 'http://localhost/dead';
  return { stage: undefined as unknown, started: [] as object[] };
});
vi.mock('../../functions/stores.ts', () => {
  const ports = () => (world.stage as Stage).ports;
  return { jobs: () => ports().jobs, claims: () => ports().claims, fleet: () => ports().fleet };
});
vi.mock('../../functions/deciding.ts', () => ({
  allPorts: () => (world.stage as Stage).ports,
  policies: () => (world.stage as Stage).ports.policies,
}));
vi.mock('../../lib/aws/executions.ts', () => ({
  createExecutions: () => ({ start: async (_: string, input: object) => void world.started.push(input) }),
}));
vi.mock('../../lib/aws/dead-letters.ts', () => ({ createDeadLetters: () => ({ send: async () => undefined }) }));

interface Embedded {
  CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
}

/** What CloudWatch makes of the lines that the handlers really wrote. */
const lines = new Lines();
const embeddedIn = (line: Line) => (line._aws as Embedded | undefined)?.CloudWatchMetrics ?? [];
const namesIn = (all: readonly Line[]) =>
  new Set(all.flatMap((line) => embeddedIn(line).flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name))));

beforeAll(async () => {
  const stage = await aStageWithWork();
  world.stage = stage;
  await sweepOnce(stage, world.started, lines);
  const unknown = { jobId: 'nobody', partition: 'p1', system: 'old' };
  const report = { rowCount: 1, checksum: 'c0ffee', landedAt: stage.now() };
  const asked = { jobId: 'flights-bos', partition: 'p9', system: 'old' };
  const { token } = await lines.of('assign', asked);
  await lines.of('assign', asked);
  const ingest = (body: object) => lines.of('ingest', { Records: [{ messageId: 'm', body: JSON.stringify(body) }] });
  await lines.of('assign', unknown);
  await lines.of('land', { ...asked, ...report, token });
  await lines.of('land', { ...unknown, ...report, token });
  await ingest({ ...asked, ...report, token });
  await ingest({ ...unknown, ...report, token });
  thePlainStack();
}, SYNTH_MS);

const ours = (metric: WatchedMetric) => metric.namespace === 'Crossfade';
const drawn = () => dashboardWidgets(thePlainStack()).flatMap(metricsOfWidget);
const alarmed = () => [...metricAlarms(thePlainStack()).values()].flatMap(metricsOfAlarm);

describe('the metrics that the functions write', () => {
  it.each(Object.entries(WRITTEN_BY))('%s writes those that are said of it', (by, said) => {
    const written = namesIn(lines.all.filter((line) => line.by === by));
    // An assign is never fenced: it is how a new right is got.
    const wanted = by === 'assign' ? said.filter((name) => name !== 'FencedLandings') : said;
    expect([...written].sort()).toEqual([...wanted].sort());
  });

  it('are aggregates: their one dimension is the deployment, never a job', () => {
    const metrics = lines.all.flatMap((line) => embeddedIn(line).map((metric) => ({ line, metric })));
    expect(metrics.length).toBeGreaterThan(5);
    for (const { line, metric } of metrics) {
      expect(metric.Namespace).toBe('Crossfade');
      expect(metric.Dimensions).toEqual([['service']]);
      expect(line.service).toBe('Crossfade-1');
    }
  });

  it('are all drawn', () => {
    const names = new Set(
      drawn()
        .filter(ours)
        .map(({ name }) => name),
    );
    expect([...namesIn(lines.all)].filter((name) => !names.has(name))).toEqual([]);
  });

  it('are the only ones of ours that are drawn or alarmed on, with the dimension under which they are written', () => {
    const written = namesIn(lines.all);
    const watched = [...drawn(), ...alarmed()].filter(ours);
    expect(watched.length).toBeGreaterThan(30);
    expect(watched.filter(({ name }) => !written.has(name))).toEqual([]);
    for (const { dimensions } of watched) expect(dimensions).toEqual(['service']);
  });
});

/** As AWS documents them: metrics by namespace, with the dimensions under which each is to be found. */
const OF_AWS: Record<string, { names: string[]; dimensions: string[][] }> = {
  'AWS/Lambda': { names: ['Invocations', 'Errors', 'Throttles', 'IteratorAge'], dimensions: [['FunctionName']] },
  'AWS/States': {
    names: ['ExecutionsStarted', 'ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionTime'],
    dimensions: [['StateMachineArn']],
  },
  'AWS/SQS': {
    names: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    dimensions: [['QueueName']],
  },
  'AWS/DynamoDB': {
    names: [
      'ConsumedReadCapacityUnits',
      'ConsumedWriteCapacityUnits',
      'ReadThrottleEvents',
      'WriteThrottleEvents',
      'SystemErrors',
    ],
    dimensions: [['TableName'], ['GlobalSecondaryIndexName', 'TableName'], ['Operation', 'TableName']],
  },
  'AWS/EventBridge/Pipes': {
    names: ['ExecutionFailed', 'ExecutionPartiallyFailed', 'ExecutionTimeout'],
    dimensions: [['PipeName']],
  },
};

describe('the metrics of AWS', () => {
  it('that are drawn or alarmed on are documented, with these dimensions', () => {
    for (const { namespace, name, dimensions } of [...drawn(), ...alarmed()].filter((metric) => !ours(metric))) {
      expect(OF_AWS[namespace]?.names, `${namespace} ${name}`).toContain(name);
      expect(OF_AWS[namespace]?.dimensions, `${namespace} ${name}`).toContainEqual(dimensions.sort());
    }
  });
});

describe('the alarms', () => {
  const all = () => [...metricAlarms(thePlainStack()), ...compositeAlarms(thePlainStack())];

  it.each([
    ...['SweepMissed', 'EvaluationFailed', 'EvidenceLag', 'BreakGlassOn', 'BreakerOpen', 'SplitWriter', 'OwedTooLong'],
    ...[
      'HookFailed',
      'ManyRegressing',
      'ManyStuck',
      'CallsFailing',
      'GatherFailing',
      'EvaluateFailing',
      'CommitFailing',
    ],
    ...['ReadsThrottled', 'WritesThrottled', 'StoreErrors', 'LandingsDelayed', 'EventsFailing', 'LandingsUnfolded'],
  ])('know %s', (name) => {
    expect(metricAlarms(thePlainStack()).has(name)).toBe(true);
  });

  it('each say what it means, three checks and the section of the runbook, in as much as CloudWatch keeps', () => {
    for (const [name, { AlarmDescription }] of all()) {
      const [meaning, ...others] = AlarmDescription.split('\n');
      expect(meaning, name).toMatch(/^[A-Z].{50,}\.$/);
      expect(others.join('\n'), name).toMatch(/^First checks:\n1\. .+\n2\. .+\n3\. .+\nRunbook: /);
      expect(AlarmDescription, name).toMatch(new RegExp(`docs/runbook\\.md#${name.toLowerCase()}$`));
      expect(AlarmDescription.length, name).toBeLessThanOrEqual(1024);
    }
  });

  it('each tell a topic when it begins and when it ends', () => {
    for (const [name, { AlarmActions, OKActions }] of all()) {
      expect(AlarmActions, name).toHaveLength(1);
      expect(OKActions, name).toEqual(AlarmActions);
    }
  });

  it('each treat missing data deliberately: only a schedule that is silent breaches', () => {
    const breaching = [...metricAlarms(thePlainStack())].filter(([name, { TreatMissingData }]) => {
      expect(TreatMissingData, name).toMatch(/^(breaching|notBreaching|ignore)$/);
      return TreatMissingData === 'breaching';
    });
    expect(breaching.map(([name]) => name)).toEqual(['SweepMissed']);
  });

  it('keep their last word between sweeps where a sweep is what writes the metric', () => {
    for (const [name, alarm] of metricAlarms(thePlainStack())) {
      if (metricsOfAlarm(alarm).every(ours)) expect(alarm.TreatMissingData, name).toBe('ignore');
    }
  });

  it('never take a count that is absent for zero: the page for missed sweeps rests on the last known one', () => {
    for (const [name, { TreatMissingData, Metrics = [] }] of metricAlarms(thePlainStack())) {
      const [expression] = Metrics.flatMap(({ Expression }) => Expression ?? []);
      if (TreatMissingData !== 'ignore' || expression === undefined) continue;
      expect(expression.replace('FILL(broken, 0)', 'broken'), name).not.toContain('FILL');
    }
  });

  it.each([5, 15, 240])('look at no more than CloudWatch lets them, at %i minutes', (minutes) => {
    for (const [name, alarm] of metricAlarms(synthesize({ 'crossfade:intervalMinutes': minutes }))) {
      expect(metricsOfAlarm(alarm).length, name).toBeLessThanOrEqual(10);
      const periods = [alarm.Period, ...(alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period)];
      const seconds = Math.max(...periods.map((period) => period ?? 0));
      const most = seconds >= 3_600 ? 7 * 86_400 : 86_400;
      expect(seconds * alarm.EvaluationPeriods, name).toBeLessThanOrEqual(most);
    }
  });

  it('are silent about what a broken glass explains', () => {
    for (const name of ['ManyRegressing', 'ManyStuck']) {
      const [expression] = metricAlarms(thePlainStack())
        .get(name)!
        .Metrics!.flatMap(({ Expression }) => Expression ?? []);
      expect(expression).toContain('FILL(broken, 0) < 1');
    }
  });

  it('may publish to the topic', () => {
    const [policy] = resourcesOf<{ PolicyDocument: PolicyDocument }>(thePlainStack(), 'AWS::SNS::TopicPolicy').values();
    expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });

  it('link to where people read the runbook, and refuse an address that is none', () => {
    const url = 'https://wiki.example.com/crossfade/runbook';
    const linked = metricAlarms(synthesize({ 'crossfade:runbookUrl': url }));
    for (const [name, { AlarmDescription }] of linked)
      expect(AlarmDescription).toContain(`${url}#${name.toLowerCase()}`);
    expect(() => synthesize({ 'crossfade:runbookUrl': 'see the wiki' })).toThrow('runbookUrl: see the wiki is refused');
  });
});

describe('pages', () => {
  const ruleOf = (name: string) => {
    const { stack } = thePlainStack();
    const text = textOf(compositeAlarms(thePlainStack()).get(name)?.AlarmRule, namesOf(stack));
    return text.replace(/Alarms\/(\w+)\.Arn/g, '$1').replaceAll('"', '');
  };

  it('come for missed sweeps, late evidence and failing evaluations only once the new system writes production', () => {
    expect(ruleOf('ProductionUnguarded')).toBe(
      '(ALARM(FleetExposed) AND (ALARM(SweepMissed) OR ALARM(EvidenceLag) OR ALARM(EvaluateFailing) OR ALARM(LandingsUnfolded)))',
    );
  });

  it('come when pipelines get no answer, or their landings do not come in', () => {
    expect(ruleOf('PipelinesBlocked')).toBe(
      '(ALARM(CallsFailing) OR (ALARM(IngestFailing) AND ALARM(LandingsDelayed)))',
    );
  });

  it('go to a topic of their own where one is given, and nothing else does', () => {
    const arn = 'arn:aws:sns:eu-west-1:111122223333:pages';
    const given = synthesize({ 'crossfade:pageTopicArn': arn });
    const paging = [...metricAlarms(given), ...compositeAlarms(given)].filter(([, { AlarmActions }]) =>
      AlarmActions?.includes(arn),
    );
    expect(paging.map(([name]) => name).sort()).toEqual(['PipelinesBlocked', 'ProductionUnguarded', 'SplitWriter']);
  });
});
