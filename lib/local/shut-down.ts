/**
 * The end of a local runtime: waits for what is under way in the order in which work flows, within a bounded time, and
 * says whether everything was handed over. What was not is replayed by the next start on the same data.
 */
import type { DataFolder } from './data-folder.ts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import type { Executions } from './executions.ts';
import type { LambdaEndpoint } from './lambda-endpoint.ts';
import type { LandingsQueue } from './queue.ts';
import type { Endpoint } from './server.ts';
import type { Sweeps } from './sweeps.ts';
import type { LocalTables } from './tables.ts';

export interface Parts {
  folder: DataFolder | undefined;
  database: Database;
  tables: LocalTables;
  queue: LandingsQueue;
  executions: Executions;
  sweeps: Sweeps;
  lambda: LambdaEndpoint;
  events: EventLog;
  log: (message: string) => void;
}

/** In the order in which work flows, so that what one hands to the next is waited for. */
export async function settle({ lambda, queue, executions, tables }: Parts, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const left = () => Math.max(1, deadline - Date.now());
  await lambda.idle(left());
  await queue.idle(left());
  await executions.idle(left());
  await tables.stream.idle(left());
  // Last: what the others do is told.
  await tables.told.idle(left());
}

export async function shutDown(parts: Parts & { endpoint: Endpoint }, timeoutMs: number): Promise<boolean> {
  const { folder, database, tables, executions, sweeps, events, endpoint, log } = parts;
  const deadline = Date.now() + timeoutMs;
  let finished = true;
  const attempt = async (step: Promise<unknown>) => {
    await step.catch((error: unknown) => {
      finished = false;
      log(`stopping: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  await attempt(within(sweeps.stop(), deadline, 'the sweep'));
  await attempt(settle(parts, Math.max(1, deadline - Date.now())));
  executions.abort();
  // They would keep their connections.
  events.end();
  await endpoint.close(Math.max(100, deadline - Date.now()));
  // Requests that were under way until now may have written.
  await attempt(tables.stream.idle(Math.max(100, deadline - Date.now())));
  tables.stream.stop();
  tables.told.stop();
  await attempt(database.close());
  const clean = finished && !tables.incomplete && tables.stream.status().failed === 0;
  folder?.release(clean);
  return clean;
}

async function within(step: Promise<unknown>, deadline: number, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const leftMs = Math.max(1, deadline - Date.now());
    timer = setTimeout(() => reject(new Error(`${what} did not end in time`)), leftMs);
  });
  await Promise.race([step, late]).finally(() => clearTimeout(timer));
}
