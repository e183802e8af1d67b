/**
 * The embedded tables and what flows out of them: the client that the handlers write with, whose every write is seen; the
 * landings' stream behind it; and the history records and new images, handed to whoever subscribed in this process.
 */
import { ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { DocumentClient } from '../aws/client.ts';
import { createTables } from '../aws/create-tables.ts';
import { decodeJobImage } from '../aws/stream.ts';
import type { Table } from '../aws/tables.ts';
import type { Event } from '../domain/event.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import { keysOf, TABLE_NAMES } from './names.ts';
import { type Image, TableStream } from './streams.ts';
import { ToldStreams } from './told-streams.ts';
import { type WatchedTable, watchWrites } from './write-watch.ts';

export interface TablesOptions {
  database: Database;
  gather: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | undefined>;
  tell: (records: DynamoDBRecord[]) => Promise<Event[]>;
  events: EventLog;
  now: () => number;
  log: (message: string) => void;
}

export type HistoryListener = (record: HistoryRecord) => void;
/** Called after each write, in the order of an item's commits; it must not take long, since the writer waits for it. */
export type WriteListener = (table: Table, image: Image) => void;

const MAX_PAGES = 100_000;

export class LocalTables {
  /** For the handlers. */
  readonly client: DocumentClient;
  readonly stream: TableStream;
  /** What is told to the outside. */
  readonly told: ToldStreams;
  /** A write's fate stayed unknown, so the stream may lack a record. */
  incomplete = false;
  readonly #database: Database;
  readonly #log: (message: string) => void;
  readonly #listeners = new Set<HistoryListener>();
  readonly #writeListeners = new Set<WriteListener>();

  constructor({ database, gather, tell, events, now, log }: TablesOptions) {
    this.#database = database;
    this.#log = log;
    this.client = database.connect();
    this.stream = new TableStream({ table: TABLE_NAMES.landings, keys: keysOf('landings'), deliver: gather, now, log });
    this.told = new ToldStreams({ tell, events, now, log });
    const watched = new Map<string, WatchedTable>([
      [TABLE_NAMES.landings, { keys: keysOf('landings'), take: (image) => this.#takeLanding(image) }],
      [
        TABLE_NAMES.jobs,
        {
          keys: keysOf('jobs'),
          before: true,
          take: (image, before) => {
            this.#announce(image);
            this.#tellWrite('jobs', image);
            return this.told.take('jobs', image, before);
          },
        },
      ],
      [TABLE_NAMES.evidence, { keys: keysOf('evidence'), take: (image) => this.#tellWrite('evidence', image) }],
      // The worklists in it are deleted from.
      [
        TABLE_NAMES.fleet,
        {
          keys: keysOf('fleet'),
          deletes: true,
          take: (image) => {
            this.#tellWrite('fleet', image);
            return this.told.take('fleet', image);
          },
        },
      ],
    ]);
    watchWrites(this.client, watched, (message) => {
      this.incomplete = true;
      log(message);
    });
  }

  async create(): Promise<void> {
    await createTables(this.#database.connect(), TABLE_NAMES);
  }

  /**
   * Hands over the present image of every landing again, when the last process was cut off: evidence, worklist and
   * take-overs catch up with what its stream did not deliver. Delivered ones change nothing.
   */
  async replay(): Promise<number> {
    const client = this.#database.connect();
    let from: ScanCommandOutput['LastEvaluatedKey'];
    let count = 0;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({ TableName: TABLE_NAMES.landings, ConsistentRead: true, ExclusiveStartKey: from }),
      );
      for (const item of Items) await this.stream.push(item as Image);
      count += Items.length;
      if (!LastEvaluatedKey) return count;
      from = LastEvaluatedKey;
    }
    throw new Error(`${TABLE_NAMES.landings} has more than ${MAX_PAGES} pages: it was not replayed to its end`);
  }

  async #takeLanding(image: Image): Promise<void> {
    await Promise.all([this.stream.push(image), this.told.take('landings', image)]);
  }

  /** Every record of a job's history, once it is written. */
  onHistory(listener: HistoryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every write of jobs, evidence and fleet. */
  onWrite(listener: WriteListener): () => void {
    this.#writeListeners.add(listener);
    return () => this.#writeListeners.delete(listener);
  }

  #tellWrite(table: Table, image: Image): undefined {
    for (const listener of this.#writeListeners) {
      try {
        listener(table, image);
      } catch (error) {
        this.#log(`a listener of the writes failed: ${String(error)}`);
      }
    }
  }

  #announce(image: Image): void {
    if (this.#listeners.size === 0 || image.record?.S === 'job') return;
    try {
      const decoded = decodeJobImage(image);
      if (decoded.kind === 'history') for (const listener of this.#listeners) listener(decoded.record);
    } catch (error) {
      this.#log(`a listener of the history failed: ${String(error)}`);
    }
  }
}
