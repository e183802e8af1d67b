/**
 * A made-up fleet in the embedded store, as a data folder that `crossfade local --data` opens: jobs in every phase, with
 * evidence, attention, holds and silence, the same for the same number. Used by the benchmark and by the browser tests.
 */
import { mkdirSync } from 'node:fs';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { DocumentClient } from '../../lib/aws/client.ts';
import { createTables } from '../../lib/aws/create-tables.ts';
import { encodeEvidence } from '../../lib/aws/evidence-item.ts';
import { encodeSummary } from '../../lib/aws/fleet-item.ts';
import { encodeJob } from '../../lib/aws/job-item.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { type Evidence, emptyEvidence } from '../../lib/domain/evidence.ts';
import { fnv1a32, SHARDS } from '../../lib/domain/hash.ts';
import { createJob, type Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { type Instant, toInstant } from '../../lib/domain/time.ts';
import { openDataFolder } from '../../lib/local/data-folder.ts';
import { startDatabase } from '../../lib/local/database.ts';
import { TABLE_NAMES } from '../../lib/local/names.ts';

const HOUR_MS = 3_600_000;
const BATCH = 25;
const BATCHES_AT_ONCE = 16;
const PAIRS = 6;
/** Of a hundred jobs. */
const PHASE_SHARES: readonly [Phase, number][] = [
  ['pending', 14],
  ['shadow', 34],
  ['reverse-shadow', 30],
  ['cleanup', 12],
  ['complete', 10],
];

/** @param nowMs the present of the seeded fleet; evidence is a few hours old. */
export async function seedDataFolder(folder: string, count: number, nowMs: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const data = openDataFolder(folder);
  const database = await startDatabase(data.database);
  try {
    const client = database.connect();
    await createTables(client, TABLE_NAMES);
    const jobs = Array.from({ length: count }, (_, index) => makeJob(index, nowMs));
    await writeAll(client, TABLE_NAMES.jobs, jobs.map(encodeJob));
    const evidence = jobs.flatMap((job, index) => makeEvidence(job, index, nowMs) ?? []);
    await writeAll(client, TABLE_NAMES.evidence, evidence.map(encodeEvidence));
    // As a registration leaves them: without them a sweep sees no shard.
    await writeAll(
      client,
      TABLE_NAMES.fleet,
      Array.from({ length: SHARDS }, (_, shard) => encodeSummary(emptySummary(shard))),
    );
  } finally {
    await database.close();
  }
  data.markComplete();
  data.release(true);
}

async function writeAll(
  client: DocumentClient,
  table: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) =>
    items.slice(i * BATCH, (i + 1) * BATCH),
  );
  await pMap(
    batches,
    async (batch) => {
      const requests = batch.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems = {} } = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: requests } }),
      );
      if (Object.keys(UnprocessedItems).length > 0) throw new Error(`${table} has not taken every item of a batch`);
    },
    { concurrency: BATCHES_AT_ONCE },
  );
}

/** From 0 to `of` - 1, the same for the same index, and of another order for another salt. */
function spread(index: number, salt: number, of: number): number {
  return fnv1a32(`${salt} ${index}`) % of;
}

function makeJob(index: number, nowMs: number): Job {
  const team = `team-${String(spread(index, 1, 120)).padStart(3, '0')}`;
  const attributes = {
    team,
    policy: 'default',
    wave: spread(index, 2, 12),
    weight: 1,
    labels: {},
    shape: 'partitioned' as const,
    integration: 'fenced' as const,
  };
  const at = (hours: number): Instant => toInstant(nowMs - hours * HOUR_MS);
  const since = at(1 + spread(index, 3, 400));
  const job = createJob(`${team}.pipeline-${String(index).padStart(5, '0')}`, attributes, phaseOf(index), since);
  const fate = spread(index, 5, 1_000);
  const active = job.phase === 'shadow' || job.phase === 'reverse-shadow';
  if (fate < 8 && active) return { ...job, attention: { kind: 'regressing', cause: 'data-quality-failed', since } };
  if (fate < 25 && job.phase !== 'complete') return { ...job, attention: { kind: 'stuck', cause: 'soak', since } };
  if (fate < 32 && active) {
    return { ...job, hold: { scope: 'promotions', actor: 'ana', reason: 'month end', at: since } };
  }
  return job;
}

function phaseOf(index: number): Phase {
  let share = spread(index, 4, 100);
  for (const [phase, size] of PHASE_SHARES) {
    if (share < size) return phase;
    share -= size;
  }
  return 'complete';
}

/** Some are silent: without evidence, or with that of one system, or of last week. */
function makeEvidence(job: Job, index: number, nowMs: number): Evidence | undefined {
  const fate = spread(index, 6, 100);
  if (fate < 2) return undefined;
  // Claims are kept to the second.
  const newest = Math.floor(nowMs / 1_000) * 1_000 - (fate < 5 ? 24 * 7 : 1) * HOUR_MS;
  const oneSided = fate < 8 || job.phase === 'pending';
  const recent = Array.from({ length: PAIRS }, (_, age): Pair => {
    const at = newest - age * HOUR_MS;
    return {
      partition: toInstant(at).slice(0, 13),
      epoch: 1,
      outcome: oneSided ? 'old-only' : 'match',
      changedAt: at,
      oldLandedAt: at,
      ...(!oneSided && { newLandedAt: at }),
      oldLagSeconds: 600,
      ...(!oneSided && { newLagSeconds: 540 }),
      release: oneSided ? '' : '1.0.0',
      final: true,
      backfill: false,
      claimedAt: at - HOUR_MS,
      counted: false,
    };
  });
  return { ...emptyEvidence(job.jobId), version: 1, recent };
}

function emptySummary(shard: number) {
  const readAt = '1970-01-01T00:00:00.000Z';
  return { shard, sweepId: '', readAt, jobs: 0, weights: {}, counts: {}, attention: {}, ready: {}, demoted: 0 };
}
