/**
 * The way of the events: one pipe from the stream of each table that tells something, through the function `tell`, to a bus of
 * its own, where they are kept for replay. A pipe takes the records of one job in order, again and again until they are
 * delivered, halving a batch that fails; so events come at least once, and their `eventId` tells repeats. What each is told
 * as is in `lib/domain/tell.ts`, and which writes come here at all in `lib/aws/told.ts`.
 */
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { TOLD, type ToldTable } from '../aws/told.ts';
import { statementsFor } from './access.ts';
import { acknowledgeUse, createDeadLetters, type DeadLetters, maySendTo } from './dead-letters.ts';
import { streamStatement } from './evidence-stream.ts';
import type { Functions } from './functions.ts';
import type { Tables } from './tables.ts';

interface EventsProps {
  readonly tables: Tables;
  readonly functions: Functions;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

const EVENT_SOURCE = 'crossfade';
/**
 * The same for all: rules tell events apart by `detail.type`. A path here, which pipes would read from what `tell` answers,
 * could be tried nowhere but in AWS.
 */
const DETAIL_TYPE = 'CrossfadeEvent';
/** Below the 24 h of a stream, so that what cannot be delivered is kept and not forgotten. */
const MAX_RECORD_AGE = Duration.hours(12);
const ARCHIVE_AGE = Duration.days(90);
/** PutEvents takes ten events, and one write of a job may be three: a transition, attention cleared and raised. */
const BATCH = 3;
/** Batches of one shard of a stream at once. Those of one job stay in order, whatever it is. */
const PARALLEL_BATCHES = 10;

const TOLD_TABLES = Object.keys(TOLD) as ToldTable[];

export class Events extends Construct {
  readonly bus: EventBus;
  readonly pipes: readonly CfnPipe[];
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { tables, functions, logRetention, removalPolicy }: EventsProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      description: 'What happened to jobs, partitions and the fleet: docs/events has the types',
    });
    this.bus.archive('Archive', {
      description: `Events of the last ${ARCHIVE_AGE.toDays()} days, for replay`,
      eventPattern: { source: [EVENT_SOURCE] },
      retention: ARCHIVE_AGE,
    });
    this.deadLetters = createDeadLetters(
      this,
      'Untold',
      'Events that a pipe could not put on the bus. A message names the place in the stream; what happened is in the tables, ' +
        "and of jobs in their history. Find the cause in the pipes' log.",
    );
    acknowledgeUse(this.deadLetters, 'the source parameters of the pipes name it');
    const logs = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy });
    const { roleArn } = this.createRole(tables, functions, logs);
    this.pipes = TOLD_TABLES.map(
      (table) =>
        new CfnPipe(this, `Pipe-${table}`, {
          description: `Takes what ${table} tell from their stream through tell to the event bus`,
          roleArn,
          source: tables.streamOf(table),
          sourceParameters: {
            filterCriteria: { filters: [{ pattern: JSON.stringify(TOLD[table]) }] },
            dynamoDbStreamParameters: {
              startingPosition: 'TRIM_HORIZON',
              batchSize: BATCH,
              parallelizationFactor: PARALLEL_BATCHES,
              maximumRecordAgeInSeconds: MAX_RECORD_AGE.toSeconds(),
              onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
              deadLetterConfig: { arn: this.deadLetters.queue.queueArn },
            },
          },
          enrichment: functions.byName.tell.functionArn,
          target: this.bus.eventBusArn,
          targetParameters: { eventBridgeEventBusParameters: { source: EVENT_SOURCE, detailType: DETAIL_TYPE } },
          logConfiguration: { level: 'ERROR', cloudwatchLogsLogDestination: { logGroupArn: logs.logGroupArn } },
        }),
    );
  }

  private createRole(tables: Tables, functions: Functions, logs: LogGroup): Role {
    return new Role(this, 'Role', {
      description:
        'What the pipes may do: read the streams, ask tell, put events on the bus, and say what they could not',
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [
            streamStatement(...TOLD_TABLES.map((table) => tables.streamOf(table))),
            ...statementsFor(tables, {}),
            new PolicyStatement({
              sid: 'Tell',
              actions: ['lambda:InvokeFunction'],
              resources: [functions.byName.tell.functionArn],
            }),
            new PolicyStatement({ sid: 'Bus', actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] }),
            maySendTo(this.deadLetters),
            new PolicyStatement({
              sid: 'OwnLogs',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logs.logGroupArn],
            }),
          ],
        }),
      },
    });
  }
}
