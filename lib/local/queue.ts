/**
 * The landings queue without a store: what is sent is handed to `ingest` before its sender is answered, so nothing that
 * was acknowledged can be lost. What `ingest` fails on comes again, as SQS with Lambda has it, a bounded number of times,
 * and then goes to the dead-letter queue with the reason. Unlike with SQS the sender waits for all of this.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { AwsError } from './aws-error.ts';
import type { DeadLetters, Message, MessageAttribute } from './dead-letters.ts';
import { LANDINGS_QUEUE, queueArn, REGION } from './names.ts';
import { Quiet } from './quiet.ts';

export interface LandingsQueueOptions {
  ingest: (event: SQSEvent) => Promise<SQSBatchResponse | undefined>;
  deadLetters: DeadLetters;
  log: (message: string) => void;
  /** Deliveries of a message before it is dead. Default 3. */
  maxReceiveCount?: number;
  /** The delay before a second delivery; it doubles. Default 200 ms. */
  retryDelayMs?: number;
  /** Messages under way at once; one more is refused, and its sender tries again. Default 2,000. */
  maxInFlight?: number;
}

export class LandingsQueue {
  readonly #options: Required<LandingsQueueOptions>;
  readonly #inFlight = new Quiet('messages of the queue');

  constructor(options: LandingsQueueOptions) {
    this.#options = { maxReceiveCount: 3, retryDelayMs: 200, maxInFlight: 2_000, ...options };
  }

  /** Resolves when every message is ingested or a dead letter. */
  async send(messages: readonly Message[]): Promise<void> {
    const { maxInFlight, maxReceiveCount, retryDelayMs } = this.#options;
    if (this.#inFlight.count + messages.length > maxInFlight) {
      throw new AwsError('RequestThrottled', `${maxInFlight} messages are under way already: try later`);
    }
    for (const _ of messages) this.#inFlight.enter();
    try {
      let left = messages;
      let problem = '';
      for (let receives = 1; receives <= maxReceiveCount; receives++) {
        ({ left, problem } = await this.#deliver(left, receives));
        if (left.length === 0) return;
        if (receives < maxReceiveCount) await sleep(retryDelayMs * 2 ** (receives - 1));
      }
      for (const message of left) this.#bury(message, `ingest failed ${maxReceiveCount} times: ${problem}`);
    } finally {
      this.#inFlight.leave(messages.length);
    }
  }

  idle(timeoutMs: number): Promise<void> {
    return this.#inFlight.wait(timeoutMs);
  }

  async #deliver(
    messages: readonly Message[],
    receives: number,
  ): Promise<{ left: readonly Message[]; problem: string }> {
    try {
      const answer = await this.#options.ingest({ Records: messages.map((message) => recordOf(message, receives)) });
      const failed = new Set(answer?.batchItemFailures?.map((failure) => failure.itemIdentifier));
      const left = messages.filter((message) => failed.has(message.messageId));
      // An identifier that is no message's means, as in Lambda, that the whole batch failed.
      const unknown = failed.size > left.length;
      return { left: unknown ? messages : left, problem: 'reported as failed by its function' };
    } catch (error) {
      return { left: messages, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  #bury(message: Message, reason: string): void {
    this.#options.log(`queue: message ${message.messageId} is a dead letter: ${reason.slice(0, 300)}`);
    const attributes = { ...message.attributes, reason: { DataType: 'String', StringValue: reason.slice(0, 2_000) } };
    this.#options.deadLetters.add({ ...message, attributes });
  }
}

export function newMessage(body: string, attributes: Record<string, MessageAttribute>, nowMs: number): Message {
  return { messageId: randomUUID(), body, attributes, sentAt: nowMs };
}

export function md5(text: string | Buffer): string {
  return createHash('md5').update(text).digest('hex');
}

function recordOf({ messageId, body, attributes, sentAt }: Message, receives: number): SQSRecord {
  return {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(sentAt),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
        },
      ]),
    ),
    md5OfBody: md5(body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(LANDINGS_QUEUE),
    awsRegion: REGION,
  };
}
