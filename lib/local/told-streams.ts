/**
 * The pipes to the event bus, on this machine: what the patterns of `lib/aws/told.ts` let pass goes through the function
 * `tell` to the event log, one batch at a time: the events of one table are told in the order of their commits.
 */
import type { DynamoDBRecord } from 'aws-lambda';
import { isTold, type ToldTable } from '../aws/told.ts';
import type { Event } from '../domain/event.ts';
import type { EventLog } from './event-log.ts';
import { keysOf, TABLE_NAMES } from './names.ts';
import { type Image, TableStream } from './streams.ts';

export interface ToldStreamsOptions {
  tell: (records: DynamoDBRecord[]) => Promise<Event[]>;
  events: EventLog;
  now: () => number;
  log: (message: string) => void;
}

export class ToldStreams {
  readonly #streams: Record<ToldTable, TableStream>;

  constructor({ tell, events, now, log }: ToldStreamsOptions) {
    const streamOf = (table: ToldTable) =>
      new TableStream({
        table: TABLE_NAMES[table],
        keys: keysOf(table),
        concurrency: 1,
        now,
        log,
        async deliver({ Records }) {
          // A batch comes job by job; across jobs the order is that of their writes.
          events.append(await tell(Records.toSorted(bySequence)));
          return undefined;
        },
      });
    this.#streams = { jobs: streamOf('jobs'), landings: streamOf('landings'), fleet: streamOf('fleet') };
  }

  /** Resolves when the next write may go on. */
  take(table: ToldTable, image: Image, before?: Image | null): Promise<void> | undefined {
    const eventName = before === null ? 'INSERT' : 'MODIFY';
    return isTold(table, eventName, image) ? this.#streams[table].push(image, before) : undefined;
  }

  async idle(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (const stream of Object.values(this.#streams)) await stream.idle(Math.max(1, deadline - Date.now()));
  }

  stop(): void {
    for (const stream of Object.values(this.#streams)) stream.stop();
  }
}

function bySequence({ dynamodb: a }: DynamoDBRecord, { dynamodb: b }: DynamoDBRecord): number {
  return (a?.SequenceNumber ?? '') < (b?.SequenceNumber ?? '') ? -1 : 1;
}
