/**
 * The embedded DynamoDB in a thread of its own, asked by messages from `database.ts`. dynalite is an HTTP server; it is
 * given requests without a network between, which costs a third less time, and nobody can write around the functions.
 * Two things in it are replaced. PutItem writes the item and its index entries as one LevelDB batch: dynalite writes the
 * indexes first and the item after, so a process killed in between would keep an index entry that no item has. And a
 * table's description is read once, not before every operation.
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

type Item = Record<string, unknown>;
type Callback = (error?: unknown, result?: unknown) => void;
interface IndexEntry {
  index: string;
  key: string;
  item?: Item;
}
interface Batch {
  type: 'put' | 'del';
  key: string;
  value?: Item | undefined;
}
interface PutRequest {
  TableName: string;
  Item: Item;
  ReturnValues?: string;
}

/** The parts of dynalite 4.0.0 that are used here. It has no types of its own. */
interface Table {
  TableStatus: string;
  GlobalSecondaryIndexes?: unknown[];
}
type GotTable = (error: unknown, table?: Table) => void;
interface Store {
  db: { open(): Promise<void>; batch(operations: Batch[], done: Callback): void; close(done: Callback): void };
  getTable(name: string, ...rest: [done: GotTable] | [checkStatus: boolean, done: GotTable]): void;
  getItemDb(name: string): {
    lock(key: string, hold: (release: (done: Callback) => Callback) => void): void;
    get(key: string, done: (error: { name: string } | null, item?: Item) => void): void;
  };
}
interface Internals {
  create(options: object): Store;
  validateItem(item: Item, table: Table): unknown;
  createKey(item: Item, table: Table): string;
  checkConditional(request: PutRequest, existing?: Item): unknown;
  getIndexActions(
    indexes: unknown[],
    existing: Item | undefined,
    item: Item,
    table: Table,
  ): { puts: IndexEntry[]; deletes: IndexEntry[] };
  addConsumedCapacity(request: PutRequest, isRead: boolean, existing: Item | undefined, item: Item): unknown;
}

export interface DatabaseRequest {
  id: number;
  /** `GetItem`, `PutItem`, ... */
  operation: string;
  /** JSON. */
  body: Uint8Array;
}

export interface DatabaseResponse {
  id: number;
  status: number;
  body: string;
}

/** Requests and responses come in arrays. The worker's other messages: it is ready, it has closed, or why it could not. */
export type DatabaseNews = { type: 'ready' | 'closed' } | { type: 'failed'; message: string };

const require = createRequire(import.meta.url);
const internals = require('dynalite/db') as Internals;

function putItem(store: Store, request: PutRequest, answer: Callback): void {
  const { TableName, Item } = request;
  store.getTable(TableName, (missing, table) => {
    if (missing || !table) return answer(missing);
    const invalid = internals.validateItem(Item, table);
    if (invalid) return answer(invalid);
    const items = store.getItemDb(TableName);
    const key = internals.createKey(Item, table);
    items.lock(key, (release) => {
      const done = release(answer);
      items.get(key, (unreadable, existing) => {
        if (unreadable && unreadable.name !== 'NotFoundError') return done(unreadable);
        const refused = internals.checkConditional(request, existing);
        if (refused) return done(refused);
        const { puts, deletes } = internals.getIndexActions(table.GlobalSecondaryIndexes ?? [], existing, Item, table);
        const entry = ({ index, key: at }: IndexEntry) => `index-global~${TableName}~${index}~${at}`;
        const batch: Batch[] = [
          ...deletes.map((gone) => ({ type: 'del' as const, key: entry(gone) })),
          ...puts.map((put) => ({ type: 'put' as const, key: entry(put), value: put.item })),
          { type: 'put', key: `item-${TableName}~${key}`, value: Item },
        ];
        store.db.batch(batch, (failed) => {
          if (failed) return done(failed);
          done(null, {
            ...(existing && request.ReturnValues === 'ALL_OLD' && { Attributes: existing }),
            ConsumedCapacity: internals.addConsumedCapacity(request, false, existing, Item),
          });
        });
      });
    });
  });
}

/** Only of tables that are complete, and only for operations on items. */
function rememberTables(store: Store): void {
  const read = store.getTable;
  const known = new Map<string, Table>();
  store.getTable = (name, ...rest) => {
    const [done] = rest;
    if (typeof done !== 'function') return read(name, ...rest);
    const table = known.get(name);
    if (table) return done(null, table);
    read(name, (error, found) => {
      if (found?.TableStatus === 'ACTIVE') known.set(name, found);
      done(error, found);
    });
  };
}

// dynalite asks for its actions when it is loaded, so this has to be in their place before.
const replaced = require.resolve('dynalite/actions/putItem.js');
require.cache[replaced] = Object.assign(Object.create(null), { id: replaced, loaded: true, exports: putItem });
const dynalite = require('dynalite') as (options: object) => EventEmitter;

let store: Store | undefined;
const { create } = internals;
internals.create = (options) => {
  store = create(options);
  return store;
};
const server = dynalite({ ...workerData, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  // Looked at for its form only.
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  'x-amz-date': '20260101T000000Z',
};

/** Answered in this turn, for one message. */
const outbox: DatabaseResponse[] = [];

/** What dynalite uses of Node's request and response. */
function serve({ id, operation, body }: DatabaseRequest): void {
  const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers });
  const response = {
    statusCode: 200,
    setHeader() {},
    end(text = '') {
      outbox.push({ id, status: response.statusCode, body: text });
      if (outbox.length === 1) setImmediate(() => parentPort?.postMessage(outbox.splice(0)));
    },
  };
  server.emit('request', request, response);
  request.emit('data', Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  request.emit('end');
}

function tell(news: DatabaseNews): void {
  parentPort?.postMessage(news);
}

parentPort?.on('message', (message: DatabaseRequest[] | 'close') => {
  if (message !== 'close') return message.forEach(serve);
  store?.db.close((error) => {
    tell(error ? { type: 'failed', message: String(error) } : { type: 'closed' });
    parentPort?.close();
  });
});

try {
  await store?.db.open();
  if (store) rememberTables(store);
  tell({ type: 'ready' });
} catch (error) {
  const { message, cause } = error as Error;
  tell({ type: 'failed', message: cause instanceof Error ? `${message}: ${cause.message}` : message });
  parentPort?.close();
}
