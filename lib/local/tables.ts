/**
 * The embedded tables and what flows out of them: the client that the handlers write with, whose every write is seen; the
 * landings' stream behind it; and the history records, handed to whoever subscribed in this process.
 */
import { ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { DocumentClient } from '../aws/client.ts';
import { createTables } from '../aws/create-tables.ts';
import { decodeJobImage } from '../aws/stream.ts';
import { TABLES } from '../aws/tables.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import type { Database } from './database.ts';
import { TABLE_NAMES } from './names.ts';
import { type Image, TableStream } from './streams.ts';
import { watchWrites } from './write-watch.ts';

export interface TablesOptions {
  database: Database;
  gather: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | undefined>;
  now: () => number;
  log: (message: string) => void;
}

export type HistoryListener = (record: HistoryRecord) => void;

const MAX_PAGES = 100_000;

export class LocalTables {
  /** For the handlers. */
  readonly client: DocumentClient;
  readonly stream: TableStream;
  /** A write's fate stayed unknown, so the stream may lack a record. */
  incomplete = false;
  readonly #database: Database;
  readonly #log: (message: string) => void;
  readonly #listeners = new Set<HistoryListener>();

  constructor({ database, gather, now, log }: TablesOptions) {
    this.#database = database;
    this.#log = log;
    this.client = database.connect();
    this.stream = new TableStream({ table: TABLE_NAMES.landings, keys: keysOf('landings'), deliver: gather, now, log });
    const watched = new Map([
      [TABLE_NAMES.landings, { keys: keysOf('landings'), take: (image: Image) => this.stream.push(image) }],
      [TABLE_NAMES.jobs, { keys: keysOf('jobs'), take: (image: Image) => void this.#announce(image) }],
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

  /** Every record of a job's history, once it is written. */
  onHistory(listener: HistoryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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

function keysOf(table: 'jobs' | 'landings'): [string, string] {
  return [TABLES[table].partitionKey.name, TABLES[table].sortKey.name];
}
