/** A queue for what could not be delivered or was refused: kept for 14 days, watched by an alarm. Nothing is lost silently. */
import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface DeadLetters {
  readonly queue: Queue;
  /** For the alarm: what is in there, and what to do about it. */
  readonly meaning: string;
}

export function createDeadLetters(scope: Construct, id: string, meaning: string): DeadLetters {
  const queue = new Queue(scope, id, {
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  return { queue, meaning };
}

/** cdk-nag knows a dead-letter queue only by another queue's redrive policy. */
export function acknowledgeUse({ queue }: DeadLetters, use: string): void {
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: `It is a dead-letter queue itself: ${use}. Nothing consumes it, so it needs none of its own.`,
  });
}

export function maySendTo({ queue }: DeadLetters): PolicyStatement {
  return new PolicyStatement({ sid: 'DeadLetters', actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
}
