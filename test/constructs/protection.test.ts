import { describe, expect, it } from 'vitest';
import { TABLES, type Table } from '../../lib/aws/tables.ts';
import { HANDLER_NAMES, HANDLERS } from '../../lib/constructs/handlers.ts';
import type { PolicyDocument } from './permissions.ts';
import { namesOf, referredBy, resourcesOf, synthesize, thePlainStack } from './synth.ts';

const tables = Object.keys(TABLES) as Table[];

interface TableProperties {
  BillingMode: string;
  KeySchema: KeySchema;
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeySchema; WriteOnDemandThroughputSettings: object }[];
  StreamSpecification?: { StreamViewType: string };
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
  WriteOnDemandThroughputSettings: object;
  Replicas: {
    DeletionProtectionEnabled: boolean;
    PointInTimeRecoverySpecification: object;
    ReadOnDemandThroughputSettings: object;
  }[];
}
type KeySchema = { AttributeName: string; KeyType: string }[];

const tableOf = (name: Table, stack = thePlainStack()) =>
  resourcesOf<TableProperties>(stack, 'AWS::DynamoDB::GlobalTable').get(`Tables/${name}`)!;

describe.each(tables)('table %s', (name) => {
  const shape = TABLES[name];

  it('has the keys, indexes, stream and expiry that the local runtime gives it', () => {
    const {
      KeySchema,
      GlobalSecondaryIndexes = [],
      StreamSpecification,
      TimeToLiveSpecification,
    } = tableOf(name).Properties;
    expect(KeySchema.map((key) => key.AttributeName)).toEqual([shape.partitionKey.name, shape.sortKey.name]);
    expect(
      GlobalSecondaryIndexes.map((index) => [index.IndexName, ...index.KeySchema.map((key) => key.AttributeName)]),
    ).toEqual(shape.indexes.map((index) => [index.name, index.partitionKey.name, index.sortKey.name]));
    expect(StreamSpecification?.StreamViewType).toBe(shape.stream);
    expect(TimeToLiveSpecification?.AttributeName).toBe(shape.expiryAttribute);
  });

  it('is backed up continuously, and outlives its stack', () => {
    const { Properties, DeletionPolicy } = tableOf(name);
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties.Replicas).toHaveLength(1);
    expect(Properties.Replicas[0]).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('is billed on demand up to a limit, and each of its indexes', () => {
    const limited = { 'crossfade:maxReadRequestUnits': 700, 'crossfade:maxWriteRequestUnits': '300' };
    const { Properties } = tableOf(name, synthesize(limited));
    expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
    const writes = { MaxWriteRequestUnits: 300 };
    expect(Properties.WriteOnDemandThroughputSettings).toEqual(writes);
    expect(Properties.Replicas[0]!.ReadOnDemandThroughputSettings).toEqual({ MaxReadRequestUnits: 700 });
    for (const index of Properties.GlobalSecondaryIndexes ?? []) {
      expect(index.WriteOnDemandThroughputSettings).toEqual(writes);
    }
  });

  it('goes with its stack when that is asked for', () => {
    const { Properties, DeletionPolicy } = tableOf(name, synthesize({ 'crossfade:removalPolicy': 'destroy' }));
    expect(DeletionPolicy).toBe('Delete');
    expect(Properties.Replicas[0]!.DeletionProtectionEnabled).toBe(false);
  });
});

interface QueueProperties {
  RedrivePolicy?: { deadLetterTargetArn: unknown };
  SqsManagedSseEnabled: boolean;
  VisibilityTimeout?: number;
  MessageRetentionPeriod: number;
}

interface Watching {
  Dimensions?: { Name: string; Value: unknown }[];
}

describe('the queues', () => {
  const queues = () => resourcesOf<QueueProperties>(thePlainStack(), 'AWS::SQS::Queue');
  const DEAD = ['Schedule/Missed', 'Evidence/Unfolded', 'Landings/Refused', 'Landings/Undelivered', 'Events/Untold'];

  it('have a dead-letter queue each, or are one', () => {
    const names = namesOf(thePlainStack().stack);
    const live = [...queues()].filter(([name]) => !DEAD.includes(name));
    expect(live.map(([name]) => name)).toEqual(['Landings/Landings']);
    for (const [name, { Properties }] of live) {
      const target = referredBy(Properties.RedrivePolicy?.deadLetterTargetArn);
      expect(names.get(target ?? ''), name).toBe('Landings/Undelivered');
    }
  });

  it('keep dead letters for 14 days, and an alarm watches each of them', () => {
    const alarms = [...resourcesOf<Watching>(thePlainStack(), 'AWS::CloudWatch::Alarm').values()];
    const names = namesOf(thePlainStack().stack);
    const watched = alarms
      .flatMap(({ Properties }) => Properties.Dimensions ?? [])
      .map(({ Value }) => names.get(referredBy(Value) ?? ''));
    for (const name of DEAD) {
      expect(queues().get(name)?.Properties.MessageRetentionPeriod, name).toBe(14 * 86_400);
      expect(watched, name).toContain(name);
    }
  });

  it('hide a batch of landings six times as long as ingest may take', () => {
    const { VisibilityTimeout } = queues().get('Landings/Landings')!.Properties;
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * HANDLERS.ingest.timeoutSeconds);
  });

  it('are encrypted, and take nothing that was not sent through TLS', () => {
    const policies = [
      ...resourcesOf<{ PolicyDocument: PolicyDocument }>(thePlainStack(), 'AWS::SQS::QueuePolicy').values(),
    ];
    expect(policies).toHaveLength(queues().size);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement[0]).toMatchObject({
        Effect: 'Deny',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
    }
    for (const [name, { Properties }] of queues()) expect(Properties.SqsManagedSseEnabled, name).toBe(true);
  });
});

interface FunctionProperties {
  Description: string;
  Runtime: string;
  Architectures: string[];
  Timeout: number;
  ReservedConcurrentExecutions?: number;
  LoggingConfig: { LogGroup: unknown; LogFormat: string };
}

describe.each(HANDLER_NAMES)('function %s', (name) => {
  const functions = resourcesOf<FunctionProperties>(thePlainStack(), 'AWS::Lambda::Function');

  it('says what it is for, and runs on ARM64 and Node 24', () => {
    const { Properties } = functions.get(`Functions/${name}`)!;
    expect(Properties.Description).toMatch(/^[A-Z].{20,}[^.]$/);
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('logs to a group of its own that forgets', () => {
    const { LoggingConfig } = functions.get(`Functions/${name}`)!.Properties;
    const group = namesOf(thePlainStack().stack).get(referredBy(LoggingConfig.LogGroup) ?? '');
    expect(group).toBe(`Functions/${name}-logs`);
    const groups = resourcesOf<{ RetentionInDays: number }>(thePlainStack(), 'AWS::Logs::LogGroup');
    expect(groups.get(group!)?.Properties.RetentionInDays).toBe(30);
  });
});

describe('concurrency', () => {
  const reserved = (overrides: object) =>
    [...resourcesOf<FunctionProperties>(synthesize({ ...overrides }), 'AWS::Lambda::Function')].flatMap(
      ([name, { Properties }]) =>
        Properties.ReservedConcurrentExecutions === undefined ? [] : [[name, Properties.ReservedConcurrentExecutions]],
    );

  it('is set aside for the way to a demotion, and for nothing else', () => {
    expect(reserved({})).toEqual([
      ['Functions/fan-out', 1],
      ['Functions/evaluate', 100],
    ]);
  });

  it('is not, where the account has none to spare', () => {
    expect(reserved({ 'crossfade:evaluationConcurrency': 0 })).toEqual([]);
  });
});
