/**
 * The embedded DynamoDB in a thread of its own: dynalite over a Unix socket, started by `database.ts`. Its PutItem is
 * replaced by one that writes the item and its index entries as a single LevelDB batch: dynalite writes the indexes
 * first and the item after, so a process killed in between would keep an index entry for ever that no item has.
 */
import { request } from 'node:http';
import { createRequire } from 'node:module';
import type { Server } from 'node:net';
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
  GlobalSecondaryIndexes?: unknown[];
}
interface Store {
  db: { batch(operations: Batch[], done: Callback): void };
  getTable(name: string, done: (error: unknown, table: Table) => void): void;
  getItemDb(name: string): {
    lock(key: string, hold: (release: (done: Callback) => Callback) => void): void;
    get(key: string, done: (error: { name: string } | null, item?: Item) => void): void;
  };
}
interface Internals {
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

export interface DatabaseWorkerData {
  socket: string;
  path?: string;
}

const require = createRequire(import.meta.url);
const internals = require('dynalite/db') as Internals;

function putItem(store: Store, request: PutRequest, answer: Callback): void {
  const { TableName, Item } = request;
  store.getTable(TableName, (missing, table) => {
    if (missing) return answer(missing);
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

// dynalite asks for its actions when it is loaded, so this has to be in their place before.
const replaced = require.resolve('dynalite/actions/putItem.js');
require.cache[replaced] = Object.assign(Object.create(null), { id: replaced, loaded: true, exports: putItem });
const dynalite = require('dynalite') as (options: object) => Server & { keepAliveTimeout: number };

const { socket, path } = workerData as DatabaseWorkerData;
const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
// Connections stay open for as long as the client keeps them: closing an idle one races with its next request.
server.keepAliveTimeout = 0;
server.on('error', (error) => parentPort?.postMessage({ type: 'failed', message: error.message }));
server.listen(socket, () => {
  // Listening says nothing about LevelDB, which opens by itself and fails on the first request: this one.
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.ListTables',
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  };
  const probe = request({ socketPath: socket, method: 'POST', path: '/', headers, agent: false }, (response) => {
    response.resume();
    if (response.statusCode === 200) parentPort?.postMessage({ type: 'ready' });
    else parentPort?.postMessage({ type: 'failed', message: `it answers with status ${response.statusCode}` });
  });
  probe.on('error', (error) => parentPort?.postMessage({ type: 'failed', message: error.message }));
  probe.end('{}');
});

parentPort?.on('message', () => {
  server.close((error) => {
    parentPort?.postMessage({ type: 'closed', ...(error && { message: error.message }) });
    parentPort?.close();
  });
});
