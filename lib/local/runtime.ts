/**
 * Everything that runs on AWS, in one process: embedded tables with their stream, the queue, the state machine, the sweep
 * timer and one endpoint, around the unmodified handlers. Used by `crossfade local`, and in process by the example and
 * the tests. One at a time in a process, since handlers read the environment.
 */
import { fileURLToPath } from 'node:url';
import { configure } from '../../functions/runtime.ts';
import type { Event } from '../domain/event.ts';
import { loadPolicies } from '../policies/load.ts';
import { AwsError } from './aws-error.ts';
import { startDashboard } from './dashboard-start.ts';
import { openDataFolder } from './data-folder.ts';
import { startDatabase } from './database.ts';
import { DeadLetters } from './dead-letters.ts';
import { answerDynamoDb } from './dynamodb-endpoint.ts';
import { type ClientEnvironment, clientEnvironment, enterEnvironment } from './environment.ts';
import { EventLog } from './event-log.ts';
import { answerEvents } from './events-endpoint.ts';
import { Executions } from './executions.ts';
import { FUNCTIONS, type Functions } from './functions.ts';
import { withHooks } from './hook-functions.ts';
import type { HookSource } from './hook-source.ts';
import { Invoker } from './invoke.ts';
import { LambdaEndpoint } from './lambda-endpoint.ts';
import { LandingsQueue } from './queue.ts';
import { startEndpoint } from './server.ts';
import { settle, shutDown } from './shut-down.ts';
import { answerSqs, type SqsParts } from './sqs-endpoint.ts';
import { answerStates } from './states-endpoint.ts';
import { Sweeps, type Swept } from './sweeps.ts';
import { type HistoryListener, LocalTables } from './tables.ts';

export interface LocalOptions {
  /** Of the endpoint; 0 for any that is free. Default 4400. */
  port?: number;
  /** Where the tables and the dead letters are kept; without it they end with the process. */
  dataDir?: string;
  /** Real seconds from sweep to sweep; 0 leaves sweeping to `sweepNow`. Default 15. */
  everySeconds?: number;
  /** What the same interval is on the clock of `now`, where that is compressed. Default `everySeconds`, or 900. */
  intervalSeconds?: number;
  /** Default: the repository's `policies`. */
  policiesDir?: string;
  /** The clock of handlers and sweeps, in epoch milliseconds. Default: the machine's. */
  now?: () => number;
  log?: (message: string) => void;
  functions?: Functions;
  /** The team's gates and hooks, by the names that policies have for their functions. */
  hooks?: Readonly<Record<string, HookSource>>;
}

export interface LocalRuntime {
  url: string;
  /** What another process sets to reach this one. */
  env: ClientEnvironment;
  /** One sweep, now; resolves when its evaluations have ended. */
  sweepNow(): Promise<Swept>;
  /** Resolves when queue, executions and streams have nothing left to do. */
  idle(timeoutMs?: number): Promise<void>;
  /** @returns how to end the subscription. */
  onHistory(listener: HistoryListener): () => void;
  /** What is told to the outside, from now on, in the order in which it is told. @returns how to end the subscription. */
  onEvent(listener: (event: Event) => void): () => void;
  /** Invokes a function as the endpoint would. */
  call<T>(name: string, event: unknown): Promise<T>;
  status(): object;
  /** Settles when it can't go on: the database has ended. */
  failed: Promise<Error>;
  /** Takes no more work, finishes what it has within the time, and closes. Whether it finished. */
  stop(timeoutMs?: number): Promise<boolean>;
}

const DEFAULT_PORT = 4400;
const DEFAULT_EVERY_SECONDS = 15;
const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const REPLAY_TIMEOUT_MS = 600_000;
/** An execution ends before the next sweep begins, but is not cut off where sweeps follow each other quickly. */
const LEAST_EXECUTION_SECONDS = 60;
const SWEEP_TIMEOUT_MS = 900_000;

let running = false;

export async function startLocal(options: LocalOptions = {}): Promise<LocalRuntime> {
  if (running) throw new Error('a local runtime is running in this process already: stop it first');
  running = true;
  const started: Started = { undo: [] };
  try {
    return await start(options, started);
  } catch (error) {
    for (const undo of started.undo.reverse()) await undo();
    running = false;
    throw error;
  }
}

/** What a failed start has to take back, last first. */
interface Started {
  undo: (() => unknown)[];
}

async function start(options: LocalOptions, started: Started): Promise<LocalRuntime> {
  const { now = Date.now, log = () => {}, everySeconds = DEFAULT_EVERY_SECONDS, policiesDir = POLICIES } = options;
  // Handlers read them for themselves; a wrong file should be heard of before that.
  const policies = loadPolicies(policiesDir);
  const folder = options.dataDir === undefined ? undefined : openDataFolder(options.dataDir);
  // A start that fails leaves the lock of an interrupted process as it found it.
  if (folder) started.undo.push(() => folder.release(!folder.interrupted));
  const database = await startDatabase(folder?.database);
  started.undo.push(() => database.close());

  const invoker = new Invoker({ functions: withHooks(options.functions ?? FUNCTIONS, options.hooks) });
  const events = new EventLog();
  const tables = new LocalTables({
    database,
    gather: (event) => invoker.call('gather', event),
    tell: (records) => invoker.call('tell', records),
    events,
    now,
    log,
  });
  await tables.create();
  folder?.markComplete();
  configure({ now, dynamo: tables.client });

  const deadLetters = new DeadLetters(folder ? { file: folder.deadLetters } : {});
  const queue = new LandingsQueue({ ingest: (event) => invoker.call('ingest', event), deadLetters, log });
  const executions = new Executions({
    call: (name, input) => invoker.call(name, input),
    log,
    ...(everySeconds > 0 && { timeoutSeconds: Math.max(LEAST_EXECUTION_SECONDS, Math.floor(everySeconds)) }),
  });
  const sweeps = new Sweeps({
    everySeconds,
    now,
    log,
    async sweep(scheduledAt) {
      const fannedOut = await invoker.call<object>('fan-out', { scheduledAt });
      await executions.idle(SWEEP_TIMEOUT_MS);
      return fannedOut;
    },
  });
  const lambda = new LambdaEndpoint({ invoker, log });
  const parts = { folder, database, tables, queue, executions, sweeps, lambda, events, log };

  let state: 'starting' | 'ok' | 'stopping' = 'starting';
  const status = () => ({
    status: state,
    sweeps: sweeps.status,
    executions: executions.counts(),
    stream: tables.stream.status(),
    deadLetters: deadLetters.size,
  });
  const refuseUnlessOk = () => {
    if (state !== 'ok') throw new AwsError('ServiceException', `crossfade local is ${state}: try again`, 503);
  };

  const sqs: SqsParts = {
    url: () => endpoint.url,
    queue: {
      async send(messages) {
        refuseUnlessOk();
        await queue.send(messages);
      },
    },
    deadLetters,
    now,
  };
  const dashboard = startDashboard({
    url: () => endpoint.url,
    tables,
    database,
    invoker,
    policies,
    now,
    log,
  });
  const endpoint = await startEndpoint(options.port ?? DEFAULT_PORT, {
    invoke: (...request) => {
      refuseUnlessOk();
      return lambda.answer(...request);
    },
    states: (operation, request) => answerStates(executions, operation, request),
    sqs: (operation, request) => answerSqs(sqs, operation, request),
    dynamodb: (...request) => answerDynamoDb(database, ...request),
    events: (request) => answerEvents(events, request),
    health: status,
    dashboard,
    log,
  });
  started.undo.push(() => endpoint.close(0));
  const leaveEnvironment = enterEnvironment({
    url: endpoint.url,
    policiesDir,
    intervalSeconds: options.intervalSeconds ?? (everySeconds > 0 ? everySeconds : 900),
  });
  started.undo.push(leaveEnvironment);
  if (folder?.interrupted) {
    const count = await tables.replay();
    await tables.stream.idle(REPLAY_TIMEOUT_MS);
    log(`the last process was cut off: ${count} landings were handed over again`);
  }
  state = 'ok';
  if (folder) dashboard.load();
  sweeps.start();

  let stopped: Promise<boolean> | undefined;
  return {
    url: endpoint.url,
    env: clientEnvironment(endpoint.url),
    sweepNow: () => sweeps.sweepNow(),
    idle: (timeoutMs = 60_000) => settle(parts, timeoutMs),
    onHistory: (listener) => tables.onHistory(listener),
    onEvent: (listener) => events.follow({ take: ({ event }) => listener(event), end: () => {} }),
    call: (name, event) => invoker.call(name, event),
    status,
    failed: database.failed,
    stop(timeoutMs = 10_000) {
      state = 'stopping';
      stopped ??= shutDown({ ...parts, endpoint }, timeoutMs).finally(() => {
        leaveEnvironment();
        running = false;
      });
      return stopped;
    },
  };
}
