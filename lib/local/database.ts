/**
 * The embedded DynamoDB as the local runtime sees it: dynalite in a worker thread, asked by messages, and AWS's own client
 * on top of that. LevelDB hands each write to the operating system before it is acknowledged: what was acknowledged
 * survives SIGKILL, not a power cut.
 *
 * Measured on two cores, 1 KB items, CPU time of a request in both threads: 200 to 250 us, of which the SDK takes more
 * than half. Over HTTP on a socket it was 430 to 540 us; in the main thread it is 10 % less, but all on one core.
 */
import { Worker } from 'node:worker_threads';
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createDocumentClient, type DocumentClient } from '../aws/client.ts';
import type { DatabaseNews, DatabaseRequest, DatabaseResponse } from './database-worker.ts';
import { REGION } from './names.ts';

export interface DatabaseAnswer {
  status: number;
  body: string;
}

export interface Database {
  /** One operation of DynamoDB's JSON protocol. */
  request(operation: string, body: Uint8Array): Promise<DatabaseAnswer>;
  /** A client of its own; watching one's writes leaves the others alone. */
  connect(): DocumentClient;
  /** Settles when the database has ended without having been asked to. */
  failed: Promise<Error>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 5_000;
const EXIT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_OPEN_REQUESTS = 20_000;

/** @param path of the LevelDB folder; without it everything is kept in memory. */
export async function startDatabase(path?: string): Promise<Database> {
  const worker = new Worker(new URL('./database-worker.ts', import.meta.url), { workerData: { path } });
  const pending = new Map<number, (answer: DatabaseAnswer | Error) => void>();
  const outbox: DatabaseRequest[] = [];
  let closing = false;
  let next = 0;

  const ended = new Promise<Error>((resolve) => {
    worker.once('error', resolve);
    worker.once('exit', (code) => resolve(new Error(`the database's thread has ended with code ${code}`)));
  });
  void ended.then((error) => {
    for (const settle of pending.values()) settle(error);
  });
  const failed = new Promise<Error>((resolve) => void ended.then((error) => closing || resolve(error)));
  worker.on('message', (message: DatabaseResponse[] | DatabaseNews) => {
    if (Array.isArray(message)) for (const answer of message) pending.get(answer.id)?.(answer);
  });

  async function request(operation: string, body: Uint8Array): Promise<DatabaseAnswer> {
    if (closing) throw new Error('the database is closed');
    if (pending.size >= MAX_OPEN_REQUESTS) throw new Error(`${MAX_OPEN_REQUESTS} requests are waiting already`);
    const id = next++;
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<DatabaseAnswer | Error>((settle) => {
      timer = setTimeout(() => settle(timedOut(operation)), REQUEST_TIMEOUT_MS);
      pending.set(id, settle);
      outbox.push({ id, operation, body });
      // One message for all that were asked in this turn: sending it is what costs.
      if (outbox.length === 1) setImmediate(() => worker.postMessage(outbox.splice(0)));
    });
    clearTimeout(timer);
    pending.delete(id);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  try {
    await hears(worker, 'ready', START_TIMEOUT_MS, ended);
  } catch (error) {
    closing = true;
    await end(worker, ended);
    if (path === undefined) throw error;
    throw new Error(`${path} cannot be opened; is another process using it? ${(error as Error).message}`);
  }
  return {
    request,
    connect: () => connect(request),
    failed,
    async close() {
      if (closing) return;
      closing = true;
      const closed = hears(worker, 'closed', CLOSE_TIMEOUT_MS, new Promise(() => {}));
      worker.postMessage('close');
      try {
        await closed;
      } finally {
        await end(worker, ended);
      }
    },
  };
}

/** Steps of the SDK that say to AWS, or to a log, who called: a fifth of a request's time. */
const NEEDLESS = [
  'loggerMiddleware',
  'userAgentMiddleware',
  'getUserAgentMiddleware',
  'recursionDetectionMiddleware',
  'hostHeaderMiddleware',
];

function connect(request: Database['request']): DocumentClient {
  const url = new URL('http://localhost');
  const requestHandler = {
    async handle({ headers, body }: { headers: Record<string, string>; body: unknown }) {
      const operation = headers['x-amz-target']?.split('.').at(-1) ?? '';
      const { status, body: text } = await request(operation, bytesOf(body));
      const answered = { statusCode: status, headers: { 'content-type': 'application/x-amz-json-1.0' } };
      return { response: { ...answered, body: Buffer.from(text) } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
  const documents = createDocumentClient({
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpointProvider: () => ({ url }),
    requestHandler: requestHandler as NonNullable<DynamoDBClientConfig['requestHandler']>,
    // Nobody checks.
    signer: { sign: async (unsigned) => unsigned },
  });
  const { middlewareStack } = documents as unknown as DynamoDBClient;
  for (const name of NEEDLESS) middlewareStack.remove(name);
  return documents;
}

function bytesOf(body: unknown): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body as Uint8Array);
}

function timedOut(operation: string): Error {
  const error = new Error(`the database did not answer ${operation} in ${REQUEST_TIMEOUT_MS / 1_000} s`);
  error.name = 'TimeoutError';
  return error;
}

/** A thread that ends by itself has let go of LevelDB; terminating one in the middle of native code may crash the process. */
async function end(worker: Worker, ended: Promise<Error>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), EXIT_TIMEOUT_MS);
  });
  if ((await Promise.race([ended, late])) === 'late') await worker.terminate();
  clearTimeout(timer);
}

/** Waits for news of the worker; its failure, or silence, is an error. */
async function hears(
  worker: Worker,
  wanted: DatabaseNews['type'],
  timeoutMs: number,
  ended: Promise<Error>,
): Promise<void> {
  let listen = (_news: DatabaseNews) => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the database was not ${wanted} in ${timeoutMs / 1_000} s`)),
        timeoutMs,
      );
      void ended.then(reject);
      listen = (news) => {
        if (news.type === wanted) resolve();
        else if (news.type === 'failed') reject(new Error(news.message));
      };
      worker.on('message', listen);
    });
  } finally {
    clearTimeout(timer);
    worker.off('message', listen);
  }
}
