import { readFileSync } from 'node:fs';
// @ts-expect-error it has no types
import aslValidator from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { TOLD } from '../../lib/aws/told.ts';
import { DEFINITION_FILE } from '../../lib/constructs/evaluations.ts';
import { HANDLERS, type HandlerName } from '../../lib/constructs/handlers.ts';
import { namesOf, referredBy, resourcesOf, type Synthesized, synthesize, thePlainStack } from './synth.ts';

interface StateMachineProperties {
  DefinitionString: string;
  DefinitionSubstitutions: Record<string, unknown>;
  LoggingConfiguration: { Level: string; IncludeExecutionData: boolean };
  TracingConfiguration: { Enabled: boolean };
}

interface Task {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: number;
  ItemProcessor?: { States: Record<string, Task> };
}

interface Definition {
  TimeoutSeconds: number;
  States: Record<string, Task>;
}

/** As the tests of `tell` have it. */
const MOST_EVENTS_A_RECORD = 3;

const file = JSON.parse(readFileSync(DEFINITION_FILE, 'utf8')) as Definition;

const machineOf = (synthesized: Synthesized) =>
  [...resourcesOf<StateMachineProperties>(synthesized, 'AWS::StepFunctions::StateMachine').values()][0]!.Properties;
const definitionOf = (synthesized: Synthesized) => JSON.parse(machineOf(synthesized).DefinitionString) as Definition;

/** Every task by the placeholder of its function. */
function tasksIn(states: Record<string, Task>): [placeholder: string, task: Task][] {
  return Object.values(states).flatMap((state) => [
    ...(state.Type === 'Task' ? [[state.Resource ?? '', state] as [string, Task]] : []),
    ...tasksIn(state.ItemProcessor?.States ?? {}),
  ]);
}

describe('the evaluation state machine', () => {
  it('is the file that runs locally', () => {
    expect(definitionOf(thePlainStack())).toEqual(file);
  });

  it('is valid', () => {
    const { isValid, errorsText } = aslValidator(definitionOf(thePlainStack()));
    expect(isValid, errorsText('\n')).toBe(true);
  });

  it('has a function for each placeholder, and no placeholder more', () => {
    const names = namesOf(thePlainStack().stack);
    const { DefinitionString, DefinitionSubstitutions } = machineOf(thePlainStack());
    const placeholders = new Set([...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    const substituted = Object.entries(DefinitionSubstitutions).map(([name, arn]) => [
      name,
      names.get(referredBy(arn) ?? ''),
    ]);
    expect(new Set(substituted.map(([name]) => name))).toEqual(placeholders);
    expect(Object.fromEntries(substituted)).toEqual({
      EvaluateFunctionArn: 'Functions/evaluate',
      CommitFunctionArn: 'Functions/commit',
      HookFunctionArn: 'Functions/hook',
      AccountFunctionArn: 'Functions/account',
    });
  });

  it('gives each function more time than it may take', () => {
    const functions: Record<string, HandlerName> = {
      '${EvaluateFunctionArn}': 'evaluate',
      '${CommitFunctionArn}': 'commit',
      '${HookFunctionArn}': 'hook',
      '${AccountFunctionArn}': 'account',
    };
    const tasks = tasksIn(file.States);
    expect(tasks.length).toBeGreaterThanOrEqual(9);
    for (const [placeholder, task] of tasks) {
      expect(HANDLERS[functions[placeholder]!].timeoutSeconds).toBeLessThan(task.TimeoutSeconds ?? 0);
    }
  });

  it.each([5, 15, 240])('ends before the next sweep begins, at %i minutes', (minutes) => {
    const { TimeoutSeconds } = definitionOf(synthesize({ 'crossfade:intervalMinutes': minutes }));
    expect(TimeoutSeconds).toBeLessThan(minutes * 60);
    expect(TimeoutSeconds).toBeGreaterThan(minutes * 60 * 0.9);
  });

  it('logs every event without what jobs say, and traces', () => {
    expect(machineOf(thePlainStack())).toMatchObject({
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });
});

interface ScheduleProperties {
  ScheduleExpression: string;
  FlexibleTimeWindow: { Mode: string };
  Target: {
    Arn: unknown;
    Input: string;
    DeadLetterConfig: { Arn: unknown };
    RetryPolicy: { MaximumEventAgeInSeconds: number; MaximumRetryAttempts: number };
  };
}

describe.each([5, 15, 240])('the schedule at %i minutes', (minutes) => {
  const synthesized = synthesize({ 'crossfade:intervalMinutes': minutes, 'crossfade:groupSize': '200' });
  const names = namesOf(synthesized.stack);
  const [schedule] = resourcesOf<ScheduleProperties>(synthesized, 'AWS::Scheduler::Schedule').values();
  const { ScheduleExpression, FlexibleTimeWindow, Target } = schedule!.Properties;

  it('hands the scheduled time to fan-out, which names the sweep', () => {
    expect(ScheduleExpression).toBe(minutes % 60 === 0 ? `rate(${minutes / 60} hours)` : `rate(${minutes} minutes)`);
    expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
    expect(names.get(referredBy(Target.Arn)!)).toBe('Functions/fan-out');
    expect(JSON.parse(Target.Input)).toEqual({ scheduledAt: '<aws.scheduler.scheduled-time>' });
  });

  it('gives a sweep up before the next one, to its dead-letter queue, at both hands that it goes through', () => {
    expect(Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
    expect(Target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThan(minutes * 60);
    expect(names.get(referredBy(Target.DeadLetterConfig.Arn)!)).toBe('Schedule/Missed');
    const [invoke] = resourcesOf<{
      MaximumEventAgeInSeconds: number;
      DestinationConfig: { OnFailure: { Destination: unknown } };
    }>(synthesized, 'AWS::Lambda::EventInvokeConfig').values();
    expect(invoke?.Properties.MaximumEventAgeInSeconds).toBeLessThan(minutes * 60);
    expect(names.get(referredBy(invoke?.Properties.DestinationConfig.OnFailure.Destination)!)).toBe('Schedule/Missed');
  });

  it('leaves fan-out less time than there is between sweeps, and tells it the interval', () => {
    const fanOut = resourcesOf<{ Timeout: number; Environment: { Variables: object } }>(
      synthesized,
      'AWS::Lambda::Function',
    ).get('Functions/fan-out')!;
    expect(fanOut.Properties.Timeout).toBeLessThan(minutes * 60);
    expect(fanOut.Properties.Environment.Variables).toMatchObject({
      CROSSFADE_SWEEP_INTERVAL_SECONDS: String(minutes * 60),
      CROSSFADE_GROUP_SIZE: '200',
    });
  });
});

describe('the sources of events', () => {
  const sources = resourcesOf<Record<string, unknown>>(thePlainStack(), 'AWS::Lambda::EventSourceMapping');
  const names = namesOf(thePlainStack().stack);

  it('gather reads every change of a landing, in batches that can be split, and gives none up without a trace', () => {
    const { Properties } = sources.get('Evidence/Source')!;
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: -1,
    });
    expect(names.get(referredBy(Properties.EventSourceArn)!)).toBe('Tables/landings');
    expect(JSON.stringify(Properties.FilterCriteria)).toContain(
      JSON.stringify(JSON.stringify({ eventName: ['INSERT', 'MODIFY'] })),
    );
    const { OnFailure } = Properties.DestinationConfig as { OnFailure: { Destination: unknown } };
    expect(names.get(referredBy(OnFailure.Destination)!)).toBe('Evidence/Unfolded');
    const age = Properties.MaximumRecordAgeInSeconds as number;
    expect(age, 'outlasts its own attempts').toBeGreaterThan(10 * HANDLERS.gather.timeoutSeconds);
    expect(age, 'within what the stream keeps').toBeLessThan(24 * 3600);
  });

  it('ingest is asked which messages failed, and cannot take all of the throughput', () => {
    expect(sources.get('Landings/Source')!.Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  describe('the pipes of the events', () => {
    const pipes = () =>
      resourcesOf<{
        Source: unknown;
        Enrichment: unknown;
        Target: unknown;
        RoleArn: unknown;
        SourceParameters: {
          FilterCriteria: { Filters: { Pattern: string }[] };
          DynamoDBStreamParameters: Record<string, unknown> & { DeadLetterConfig: { Arn: unknown } };
        };
        TargetParameters: object;
      }>(thePlainStack(), 'AWS::Pipes::Pipe');

    it('lead from the streams of the tables that tell, through tell, to the bus that is archived', () => {
      const ends = [...pipes().values()].map(({ Properties: { Source, Enrichment, Target } }) =>
        [Source, Enrichment, Target].map((arn) => names.get(referredBy(arn)!)),
      );
      expect(ends).toEqual(
        ['jobs', 'landings', 'fleet'].map((table) => [`Tables/${table}`, 'Functions/tell', 'Events/Bus']),
      );
      const [archive] = resourcesOf<{ SourceArn: unknown }>(thePlainStack(), 'AWS::Events::Archive').values();
      expect(names.get(referredBy(archive?.Properties.SourceArn)!)).toBe('Events/Bus');
    });

    it('take only what is told, so that claims cost nothing where nothing is', () => {
      const patterns = [...pipes().values()].map(({ Properties }) =>
        Properties.SourceParameters.FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown),
      );
      expect(patterns).toEqual([[TOLD.jobs], [TOLD.landings], [TOLD.fleet]]);
      expect(TOLD.landings.dynamodb.NewImage).toEqual({ tells: { S: [{ exists: true }] } });
    });

    it('try again until a record is old, halve what fails, keep what could not be told, and hand over no more than a bus takes', () => {
      for (const { Properties } of pipes().values()) {
        const { DynamoDBStreamParameters } = Properties.SourceParameters;
        const { DeadLetterConfig, BatchSize, MaximumRecordAgeInSeconds, ...others } = DynamoDBStreamParameters;
        expect(others).toEqual({
          StartingPosition: 'TRIM_HORIZON',
          OnPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          ParallelizationFactor: 10,
        });
        expect(names.get(referredBy(DeadLetterConfig.Arn)!)).toBe('Events/Untold');
        expect(MaximumRecordAgeInSeconds, 'within what the stream keeps').toBeLessThan(24 * 3600);
        expect(Number(BatchSize) * MOST_EVENTS_A_RECORD, 'what PutEvents takes').toBeLessThanOrEqual(10);
        expect(Properties.TargetParameters).toEqual({
          EventBridgeEventBusParameters: { Source: 'crossfade', DetailType: 'CrossfadeEvent' },
        });
      }
    });

    it('see attention go, for which the stream of jobs carries the item as it was', () => {
      const views = [
        ...resourcesOf<{ StreamSpecification?: { StreamViewType: string } }>(
          thePlainStack(),
          'AWS::DynamoDB::GlobalTable',
        ),
      ].map(([name, { Properties }]) => [name, Properties.StreamSpecification?.StreamViewType]);
      expect(Object.fromEntries(views)).toEqual({
        'Tables/jobs': 'NEW_AND_OLD_IMAGES',
        'Tables/landings': 'NEW_IMAGE',
        'Tables/evidence': undefined,
        'Tables/fleet': 'NEW_IMAGE',
      });
    });
  });
});
