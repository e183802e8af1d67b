/**
 * The history to the outside: every new history item of the `jobs` table as one event `JobChanged` on a bus of its own, in
 * the order of each job's versions, and kept for replay. A pipe does it without code of ours, so there is no handler that
 * could fail between a phase change and its event. It delivers at least once: `jobId` and `version` name an event.
 */
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { HISTORY_PREFIX } from '../aws/job-item.ts';
import { statementsFor } from './access.ts';
import { acknowledgeUse, createDeadLetters, type DeadLetters, maySendTo } from './dead-letters.ts';
import { streamStatement } from './evidence-stream.ts';
import type { Tables } from './tables.ts';

interface HistoryBusProps {
  readonly tables: Tables;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

const EVENT_SOURCE = 'crossfade';
const DETAIL_TYPE = 'JobChanged';
/** Below the 24 h of a stream, so that what cannot be delivered is kept and not forgotten. */
const MAX_RECORD_AGE = Duration.hours(12);
const ARCHIVE_AGE = Duration.days(90);
/** PutEvents takes no more. */
const BATCH = 10;

const IMAGE = '$.dynamodb.NewImage';

/**
 * What every record has, by name; and the whole item in DynamoDB's own form, for `from`, `to` and `reason`, which a hold does
 * not have. Numbers are text there, and so here. Without quotes: what is inserted is JSON already.
 */
const DETAIL = `{
  "jobId": <${IMAGE}.jobId.S>,
  "version": <${IMAGE}.version.N>,
  "epoch": <${IMAGE}.epoch.N>,
  "type": <${IMAGE}.type.S>,
  "at": <${IMAGE}.at.S>,
  "by": <${IMAGE}.by.S>,
  "message": <${IMAGE}.message.S>,
  "item": <${IMAGE}>
}`;

export class HistoryBus extends Construct {
  readonly bus: EventBus;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { tables, logRetention, removalPolicy }: HistoryBusProps) {
    super(scope, id);
    const stream = tables.streamOf('jobs');
    this.bus = new EventBus(this, 'Bus', {
      description: 'Every phase change and override of the fleet, as JobChanged',
    });
    this.bus.archive('Archive', {
      description: `${DETAIL_TYPE} of the last ${ARCHIVE_AGE.toDays()} days, for replay`,
      eventPattern: { source: [EVENT_SOURCE] },
      retention: ARCHIVE_AGE,
    });
    this.deadLetters = createDeadLetters(
      this,
      'Untold',
      'Changes of jobs that the pipe could not put on the bus. A message names the place in the stream; the records ' +
        "themselves are in the history. Find the cause in the pipe's log.",
    );
    acknowledgeUse(this.deadLetters, 'the source parameters of the pipe name it');
    const logs = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy });
    new CfnPipe(this, 'Pipe', {
      description: "Takes new history items from the jobs table's stream to the event bus",
      roleArn: this.createRole(tables, stream, logs).roleArn,
      source: stream,
      sourceParameters: {
        filterCriteria: { filters: [{ pattern: JSON.stringify(NEW_HISTORY) }] },
        dynamoDbStreamParameters: {
          startingPosition: 'TRIM_HORIZON',
          batchSize: BATCH,
          maximumRecordAgeInSeconds: MAX_RECORD_AGE.toSeconds(),
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          deadLetterConfig: { arn: this.deadLetters.queue.queueArn },
        },
      },
      target: this.bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: EVENT_SOURCE, detailType: DETAIL_TYPE, time: `${IMAGE}.at.S` },
        inputTemplate: DETAIL,
      },
      logConfiguration: { level: 'ERROR', cloudwatchLogsLogDestination: { logGroupArn: logs.logGroupArn } },
    });
  }

  private createRole(tables: Tables, stream: string, logs: LogGroup): Role {
    return new Role(this, 'Role', {
      description: 'What the pipe may do: read the stream of jobs, put events on the bus, and say what it could not',
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [
            streamStatement(stream),
            ...statementsFor(tables, {}),
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

/** History items are only ever inserted; the job's own item changes all the time and is not told. */
const NEW_HISTORY = {
  eventName: ['INSERT'],
  dynamodb: { NewImage: { record: { S: [{ prefix: HISTORY_PREFIX }] } } },
};
