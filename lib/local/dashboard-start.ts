/**
 * Puts the dashboard together: the fleet in memory listens to every write from the first on, and what an earlier process
 * has left in the tables is read once, beside the running work. What is written meanwhile is newer and stays.
 */
import pMap from 'p-map';
import { createEvidenceStore } from '../aws/evidence-store.ts';
import { createFleetStore } from '../aws/fleet-store.ts';
import { createJobStore } from '../aws/job-store.ts';
import type { Page, Policies } from '../controller/ports.ts';
import { SHARDS } from '../domain/hash.ts';
import { toInstant } from '../domain/time.ts';
import { createDashboard, type Dashboard, newRun } from './dashboard.ts';
import type { Database } from './database.ts';
import { FleetModel } from './fleet-model.ts';
import type { Invoker } from './invoke.ts';
import { TABLE_NAMES } from './names.ts';
import type { LocalTables } from './tables.ts';

export interface DashboardSources {
  url: () => string;
  tables: LocalTables;
  database: Database;
  invoker: Invoker;
  policies: Policies;
  now: () => number;
  log: (message: string) => void;
}

const SHARDS_AT_ONCE = 4;
const MAX_PAGES = 10_000;

export interface RunningDashboard extends Dashboard {
  /** Reads what the tables hold already; in the background, until it is closed. */
  load(): void;
  close(): Promise<void>;
}

export function startDashboard({
  url,
  tables,
  database,
  invoker,
  policies,
  now,
  log,
}: DashboardSources): RunningDashboard {
  const model = new FleetModel({
    run: newRun(),
    limitsOf: (policy) => policies.find(policy),
    now: () => toInstant(now()),
    log,
  });
  tables.onWrite(model.observe);
  tables.onHistory(model.observeHistory);
  const dashboard = createDashboard({ url, model, invoker, log });
  const closed = new AbortController();
  let loaded = Promise.resolve();
  return {
    ...dashboard,
    load() {
      model.loading = true;
      loaded = loadFleet(model, database, closed.signal)
        .catch((error: unknown) => log(`dashboard: the tables could not be read, so it lacks jobs: ${String(error)}`))
        .finally(() => {
          model.loading = false;
        });
    },
    async close() {
      await dashboard.close();
      closed.abort();
      // The database is not closed under it.
      await loaded;
    },
  };
}

async function loadFleet(model: FleetModel, database: Database, closed: AbortSignal): Promise<void> {
  const client = database.connect();
  const jobs = createJobStore(client, TABLE_NAMES);
  const evidence = createEvidenceStore(client, TABLE_NAMES);
  const fleet = createFleetStore(client, TABLE_NAMES);
  model.takeControls(await fleet.getControls());
  for (const { createdAt } of await fleet.listLedgers(1)) model.takeSweep(createdAt);
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  const read = async (shard: number) => {
    await eachOf(
      (from) => jobs.listShard(shard, from),
      (job) => model.takeJob(job),
    );
    await eachOf(
      (from) => evidence.listShard(shard, from),
      (one) => model.takeEvidence(one),
    );
  };
  await pMap(shards, async (shard) => (closed.aborted ? undefined : read(shard)), { concurrency: SHARDS_AT_ONCE });
}

async function eachOf<T>(list: (from?: string) => Promise<Page<T>>, take: (item: T) => void): Promise<void> {
  let from: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, next } = await list(from);
    for (const item of items) take(item);
    if (next === undefined) return;
    from = next;
  }
}
