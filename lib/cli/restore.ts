/**
 * crossfade restore: after tables were restored to a point in time, before any system runs again. It alone among the verbs
 * writes the tables itself, with the rights of whoever restores: the functions have to stand still meanwhile, and none of
 * them may read a table that is not its own. docs/runbook.md has the steps around it.
 */
import { userInfo } from 'node:os';
import pMap from 'p-map';
import type { Deployment } from '../aws/deployment.ts';
import { findTakenBack, type KeptPorts, type LivePorts, type Restored, restoreJob } from '../controller/restore.ts';
import { SHARDS } from '../domain/hash.ts';
import { type Instant, toInstant } from '../domain/time.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { startProgress } from './progress.ts';
import { printable } from './table.ts';

export interface RestoreFlags {
  reason: string;
  actor?: string;
  jobs?: string;
  landings?: string;
  confirm?: string;
  dryRun?: boolean;
}

const CONCURRENCY = 8;
const MAX_PAGES = 1_000;

export async function restore(
  deployment: Deployment,
  { reason, actor = userInfo().username, jobs, landings, confirm, dryRun = false }: RestoreFlags,
  output: Output,
  now: () => Instant = () => toInstant(Date.now()),
): Promise<void> {
  if (!dryRun && confirm !== deployment.name) {
    throw new CliError(
      `restore voids every right to write in ${deployment.name}: stop both systems and set the functions' concurrency to 0 first (docs/runbook.md), then say --confirm "${deployment.name}"`,
      2,
    );
  }
  const { live, kept } = deployment.restoring({ ...(jobs && { jobs }), ...(landings && { landings }) });
  const jobIds = await listJobs(kept);
  if (jobIds.length === 0) throw new CliError(`${jobs ?? deployment.name} has no jobs: nothing was done`);
  if (dryRun) return showTakenBack(live, kept, jobIds, output);
  await refuseOpen(deployment);
  const progress = startProgress('restore', jobIds.length);
  const failed: { jobId: string; message: string }[] = [];
  const restored: Restored[] = [];
  await pMap(
    jobIds,
    async (jobId) => {
      try {
        restored.push(await restoreJob(live, kept, jobId, { actor, reason }, now()));
      } catch (error) {
        failed.push({ jobId, message: error instanceof Error ? error.message : String(error) });
      }
      progress.update(restored.length + failed.length);
    },
    { concurrency: CONCURRENCY },
  );
  progress.end();
  const claims = restored.reduce((sum, one) => sum + one.claims, 0);
  show(output, { jobs: restored.length, claims, failed }, () =>
    [
      `${restored.length} jobs and ${claims} claims restored; every token from before is void, and evidence begins again`,
      ...failed.map(({ jobId, message }) => printable(`failed: ${jobId}: ${message}`)),
    ].join('\n'),
  );
  if (failed.length > 0) process.exitCode = 1;
}

/** Whoever is still answered would be given rights while they are made void, and none of it would show. */
async function refuseOpen({ name, listOpenFunctions }: Deployment): Promise<void> {
  const open = (await listOpenFunctions?.()) ?? [];
  if (open.length === 0) return;
  throw new CliError(
    `${open.join(', ')} of ${name} still answer: set their concurrency to 0 first (docs/runbook.md); nothing was done`,
  );
}

async function showTakenBack(live: LivePorts, kept: KeptPorts, jobIds: string[], output: Output): Promise<void> {
  const compared = await pMap(jobIds, async (jobId) => ({ jobId, takesBack: await findTakenBack(live, kept, jobId) }), {
    concurrency: CONCURRENCY,
  });
  const takenBack = compared.filter((job) => job.takesBack.length > 0);
  show(output, { dryRun: true, jobs: jobIds.length, takenBack }, () =>
    [
      `${jobIds.length} jobs would be restored, every token would be void and all evidence begin again; nothing was done`,
      ...takenBack.map(({ jobId, takesBack }) => printable(`${jobId}: ${takesBack.join('; ')}`)),
    ].join('\n'),
  );
}

async function listJobs({ jobs }: KeptPorts): Promise<string[]> {
  const ids: string[] = [];
  for (let shard = 0; shard < SHARDS; shard++) {
    let from: string | undefined;
    let pages = 0;
    do {
      const page = await jobs.listShard(shard, from);
      const [unreadable] = page.unreadable ?? [];
      if (unreadable)
        throw new CliError(`job ${unreadable.jobId} cannot be read: ${unreadable.message}; nothing was done`);
      ids.push(...page.items.map((job) => job.jobId));
      from = page.next;
      pages += 1;
    } while (from !== undefined && pages < MAX_PAGES);
  }
  return ids;
}
