/**
 * The queue that landings are reported to, by jobs that cannot call and by accounts that may not. Two queues stand behind
 * it, because they want different things done. What was *refused* is wrong and stays wrong: its sender has to mend it, and
 * `ingest` put it there with the reason. What was *undelivered* failed again and again for a cause of ours: sent back with
 * one click, once that is mended. In one queue a redrive would send the refused ones round and round.
 */
import { Duration } from 'aws-cdk-lib';
import { AccountPrincipal, type IPrincipal, OrganizationPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeUse, createDeadLetters, type DeadLetters, maySendTo } from './dead-letters.ts';
import type { Functions } from './functions.ts';
import { HANDLERS } from './handlers.ts';

interface LandingsQueueProps {
  readonly functions: Functions;
  readonly reporterAccounts: readonly string[];
  readonly organizationId?: string;
}

/** Lambda's advice: throttled batches are tried again before they become visible to others. */
const VISIBILITY_TIMEOUTS = 6;
/** At most so many batches at once, so that a backfill does not take the tables' throughput from assigns. */
const MAX_CONCURRENCY = 20;
const MAX_RECEIVES = 5;

export class LandingsQueue extends Construct {
  readonly queue: Queue;
  readonly refused: DeadLetters;
  readonly undelivered: DeadLetters;

  constructor(scope: Construct, id: string, { functions, reporterAccounts, organizationId }: LandingsQueueProps) {
    super(scope, id);
    this.refused = createDeadLetters(
      this,
      'Refused',
      'Landings that ingest refused. Each carries the attribute `reason`, which names the field: its sender has to report again.',
    );
    acknowledgeUse(this.refused, 'ingest sends to it what it refuses (CROSSFADE_DEAD_LETTER_QUEUE_URL)');
    this.undelivered = createDeadLetters(
      this,
      'Undelivered',
      `Landings that ingest could not store in ${MAX_RECEIVES} attempts. Find the cause in its log, then start a redrive to the source queue.`,
    );
    this.queue = new Queue(this, 'Landings', {
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.seconds(HANDLERS.ingest.timeoutSeconds * VISIBILITY_TIMEOUTS),
      deadLetterQueue: { queue: this.undelivered.queue, maxReceiveCount: MAX_RECEIVES },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.admit(reporterAccounts.map((account) => new AccountPrincipal(account)));
    if (organizationId !== undefined) this.admit([new OrganizationPrincipal(organizationId)]);
    this.feed(functions);
  }

  /** Other accounts may send, and no more. Their own roles still need to be allowed to. */
  private admit(principals: IPrincipal[]): void {
    if (principals.length === 0) return;
    this.queue.addToResourcePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], principals, resources: [this.queue.queueArn] }),
    );
  }

  private feed(functions: Functions): void {
    const { ingest } = functions.byName;
    functions.permit(
      'ingest',
      new PolicyStatement({
        sid: 'QueuedLandings',
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.queue.queueArn],
      }),
      maySendTo(this.refused),
    );
    ingest.addEnvironment('CROSSFADE_DEAD_LETTER_QUEUE_URL', this.refused.queue.queueUrl);
    new EventSourceMapping(this, 'Source', {
      target: ingest,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency: MAX_CONCURRENCY,
      reportBatchItemFailures: true,
    });
  }
}
