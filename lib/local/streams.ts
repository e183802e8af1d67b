/**
 * The landings table's stream, which embedded DynamoDB has not: new images are handed to `gather` in batches, as Lambda's
 * event source does. One job's records go in order and never in two batches at once; different jobs share a batch. A
 * batch that fails is split by job, a job's failing record is tried alone, a bounded number of times, and is then kept
 * where the status shows it, while the job goes on. Who writes waits when too much is waiting here.
 */
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { REGION, streamArn } from './names.ts';
import { Quiet } from './quiet.ts';

/** An item as the low-level client has it, with the type of every attribute. */
export type Image = Record<string, { S?: string; N?: string; BOOL?: boolean }>;

export interface StreamOptions {
  table: string;
  /** The names of the key attributes; records of one partition key are kept in order. */
  keys: readonly [partitionKey: string, sortKey: string];
  /** Throws, or names the first record from which on the batch has to come again. */
  deliver: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | undefined>;
  now: () => number;
  log: (message: string) => void;
  /** Batches in flight at once. Default 4. */
  concurrency?: number;
  /** Deliveries of a record before it is given up. Default 5. */
  maxAttempts?: number;
  /** Records that may wait before writers have to. Default 5,000. */
  maxWaiting?: number;
  /** The delay before a second delivery; it doubles. Default 50 ms. */
  retryDelayMs?: number;
  /**
   * How long a record may wait for others to share its batch. Default 20 ms: the two or three writes of one run then cost
   * one reading and writing of the job's evidence, not three.
   */
  windowMs?: number;
}

export interface StreamStatus {
  waiting: number;
  delivered: number;
  /** Records that were given up, the newest of them by name. */
  failed: number;
  failures: { key: string; message: string }[];
}

/** As Lambda's default and limit for a stream. */
const BATCH_SIZE = 100;
const MAX_RETRY_DELAY_MS = 2_000;
const FAILURES_SHOWN = 20;

interface JobQueue {
  records: DynamoDBRecord[];
  /** Deliveries of its first record that failed; while there is one, that record is delivered alone. */
  attempts: number;
  /** Its records are in a batch, or it waits for its next attempt. */
  busy: boolean;
}

export class TableStream {
  readonly #options: Required<StreamOptions>;
  readonly #jobs = new Map<string, JobQueue>();
  readonly #quiet = new Quiet('records of the stream');
  readonly #status: StreamStatus = { waiting: 0, delivered: 0, failed: 0, failures: [] };
  #writers: (() => void)[] = [];
  #inFlight = 0;
  #sequence = 0;
  #stopped = false;
  #window: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.#options = { concurrency: 4, maxAttempts: 5, maxWaiting: 5_000, retryDelayMs: 50, windowMs: 20, ...options };
  }

  /**
   * Takes the image at once; resolves when there is room for the next.
   * @param before the item as it was, where that is known; `null` where there was none.
   */
  async push(image: Image, before?: Image | null): Promise<void> {
    const record = this.#recordOf(image, before);
    const job = record.dynamodb?.Keys?.[this.#options.keys[0]]?.S ?? '';
    const queue = this.#jobs.get(job);
    if (queue) queue.records.push(record);
    else this.#jobs.set(job, { records: [record], attempts: 0, busy: false });
    this.#status.waiting += 1;
    this.#quiet.enter();
    this.#window ??= setTimeout(() => {
      this.#window = undefined;
      this.#pump();
    }, this.#options.windowMs);
    if (this.#status.waiting >= this.#options.maxWaiting) {
      await new Promise<void>((resolve) => this.#writers.push(resolve));
    }
  }

  /** Resolves when everything taken so far is delivered or given up. */
  idle(timeoutMs: number): Promise<void> {
    return this.#quiet.wait(timeoutMs);
  }

  /** Nothing is delivered any more; what waits is lost with the process, and handed over again at the next start. */
  stop(): void {
    this.#stopped = true;
    for (const resume of this.#writers.splice(0)) resume();
  }

  status(): StreamStatus {
    return { ...this.#status, failures: [...this.#status.failures] };
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < this.#options.concurrency) {
      const batch = this.#nextBatch();
      if (batch.length === 0) return;
      this.#inFlight += 1;
      void this.#deliver(batch).finally(() => {
        this.#inFlight -= 1;
        this.#pump();
      });
    }
  }

  /** From the jobs that have waited longest. One that is being retried goes alone, with one record. */
  #nextBatch(): [job: string, records: DynamoDBRecord[]][] {
    const batch: [string, DynamoDBRecord[]][] = [];
    let room = BATCH_SIZE;
    for (const [job, queue] of this.#jobs) {
      if (queue.busy) continue;
      if (queue.attempts > 0) {
        if (batch.length > 0) continue;
        room = 1;
      }
      const records = queue.records.splice(0, room);
      queue.busy = true;
      batch.push([job, records]);
      room -= records.length;
      if (room <= 0 || queue.attempts > 0) break;
    }
    return batch;
  }

  async #deliver(batch: [job: string, records: DynamoDBRecord[]][]): Promise<void> {
    const all = batch.flatMap(([, records]) => records);
    let problem: string | undefined;
    let failedFrom = all.length;
    try {
      const answer = await this.#options.deliver({ Records: all });
      const failed = new Set(answer?.batchItemFailures?.map((failure) => failure.itemIdentifier));
      const first = all.findIndex((record) => failed.has(record.dynamodb?.SequenceNumber ?? ''));
      if (failed.size > 0) {
        failedFrom = Math.max(0, first);
        problem = 'reported as failed by its function';
      }
    } catch (error) {
      failedFrom = 0;
      problem = error instanceof Error ? error.message : String(error);
    }
    const again = new Set(all.slice(failedFrom));
    for (const [job, records] of batch) {
      this.#settle(
        job,
        records,
        records.filter((record) => again.has(record)),
        problem,
        batch.length === 1,
      );
    }
  }

  /** @param alone the batch was of this job only, so the failure is this job's. */
  #settle(
    job: string,
    records: DynamoDBRecord[],
    again: DynamoDBRecord[],
    problem: string | undefined,
    alone: boolean,
  ): void {
    const queue = this.#jobs.get(job);
    if (!queue) return;
    this.#leave(records.length - again.length, 'delivered');
    queue.records.unshift(...again);
    queue.busy = false;
    if (again.length === 0) {
      queue.attempts = 0;
    } else if (alone && queue.attempts + 1 >= this.#options.maxAttempts) {
      queue.attempts = 0;
      this.#giveUp(queue.records.shift() as DynamoDBRecord, problem ?? '');
    } else {
      // What failed beside others has not had its own attempt yet, but goes alone from here on.
      queue.attempts += 1;
      queue.busy = true;
      const delayMs = Math.min(MAX_RETRY_DELAY_MS, this.#options.retryDelayMs * 2 ** (queue.attempts - 1));
      setTimeout(() => {
        queue.busy = false;
        this.#pump();
      }, delayMs);
    }
    // The last of the map is the first to wait again.
    this.#jobs.delete(job);
    if (queue.records.length > 0) this.#jobs.set(job, queue);
  }

  #giveUp(record: DynamoDBRecord, problem: string): void {
    const key = this.#options.keys.map((name) => record.dynamodb?.Keys?.[name]?.S).join(' ');
    const message = problem.slice(0, 300);
    this.#status.failures = [{ key, message }, ...this.#status.failures].slice(0, FAILURES_SHOWN);
    this.#options.log(
      `stream of ${this.#options.table}: gave up ${key} after ${this.#options.maxAttempts} deliveries: ${message}`,
    );
    this.#leave(1, 'failed');
  }

  #leave(count: number, as: 'delivered' | 'failed'): void {
    this.#status.waiting -= count;
    this.#status[as] += count;
    this.#quiet.leave(count);
    if (this.#status.waiting < this.#options.maxWaiting) for (const resume of this.#writers.splice(0)) resume();
  }

  #recordOf(image: Image, before: Image | null | undefined): DynamoDBRecord {
    const { table, keys, now } = this.#options;
    this.#sequence += 1;
    return {
      eventID: `local-${this.#sequence}`,
      // Whether the item is new is not known without reading it, and only some ask.
      eventName: before === null ? 'INSERT' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      eventSourceARN: streamArn(table),
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(now() / 1000),
        Keys: Object.fromEntries(keys.map((name) => [name, image[name]])) as Record<string, { S: string }>,
        NewImage: image as Record<string, { S: string }>,
        ...(before && { OldImage: before as Record<string, { S: string }> }),
        SequenceNumber: String(this.#sequence).padStart(24, '0'),
        StreamViewType: before === undefined ? 'NEW_IMAGE' : 'NEW_AND_OLD_IMAGES',
      },
    };
  }
}
