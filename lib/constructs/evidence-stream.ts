/**
 * The landings' stream into `gather`. A job's records come in order and one batch at a time, whatever the parallelism: a
 * shard of the stream is split by partition key, which is the job.
 */
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { acknowledgeUse, createDeadLetters, type DeadLetters, maySendTo } from './dead-letters.ts';
import type { Functions } from './functions.ts';
import type { Tables } from './tables.ts';

/**
 * A record that `gather` cannot fold holds up the jobs beside it for this long at most, and an outage of the tables may last
 * this long without a trace. The alarm on evidence lag comes before it.
 */
const MAX_RECORD_AGE = Duration.hours(1);

interface EvidenceStreamProps {
  readonly tables: Tables;
  readonly functions: Functions;
}

export class EvidenceStream extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { tables, functions }: EvidenceStreamProps) {
    super(scope, id);
    this.deadLetters = createDeadLetters(
      this,
      'Unfolded',
      'Landings that gather could not fold into evidence. A message names the place in the stream and not the landing: ' +
        "find the cause in gather's log, hold the jobs that it names, and land their partitions once more.",
    );
    acknowledgeUse(this.deadLetters, 'the event source mapping of gather names it as its on-failure destination');
    functions.permit('gather', streamStatement(tables.streamOf('landings')), maySendTo(this.deadLetters));
    new EventSourceMapping(this, 'Source', {
      target: functions.byName.gather,
      eventSourceArn: tables.streamOf('landings'),
      startingPosition: StartingPosition.TRIM_HORIZON,
      // What expires from the table is no landing.
      filters: [FilterCriteria.filter({ eventName: FilterRule.or('INSERT', 'MODIFY') })],
      // Sweeps are minutes apart, so a batch may wait: the more of a job's landings in it, the fewer writes of evidence.
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(15),
      parallelizationFactor: 4,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      maxRecordAge: MAX_RECORD_AGE,
      // Until the age is reached: counted retries are used up within the first minute of an outage.
      retryAttempts: -1,
      onFailure: new SqsDlq(this.deadLetters.queue),
    });
  }
}

/** What the poller of a stream calls, on these streams alone. */
export function streamStatement(...streamArns: string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'Stream',
    actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
    resources: streamArns,
  });
}
