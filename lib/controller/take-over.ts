/**
 * The pass that follows a phase change which takes production from a system: it reads every open claim of the job and
 * takes over those whose writer may no longer stand. Idempotent; repeated until the transition is marked as settled.
 */
import { type Claim, planTakeOver } from '../domain/claim.ts';
import type { Job } from '../domain/job.ts';
import type { Instant } from '../domain/time.ts';
import { isSettled, markSettled } from '../domain/transition.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';

/** Takes over what the job's phase wants taken over, of one claim. Answers the claim as it then is. */
export async function takeOverClaim(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  claim: Claim,
  job: Job,
  now: Instant,
): Promise<Claim> {
  let current = claim;
  let phase = job;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const next = planTakeOver(current, phase, now);
    if (!next) return current;
    const written = await ports.claims.replace(next, current);
    const reread = written.written ? next : await ports.claims.get(claim.jobId, claim.partition);
    if (!reread) return current;
    current = reread;
    // The claim first, then the job, as in assign: this pass may be a late one, and the phase has moved on.
    phase = (await ports.jobs.get(job.jobId, 'strong')) ?? phase;
  }
  throw contended('take-over', claim.jobId, claim.partition);
}

/**
 * Finishes what the job's last records left to do: their copies in the history, and the pass. Called right after a commit,
 * and by every sweep until it has succeeded once. Answers the job as it then is.
 */
export async function settle(ports: Pick<Ports, 'jobs' | 'claims'>, job: Job, now: Instant): Promise<Job> {
  if (isSettled(job)) return job;
  await copyRecords(ports, job);
  if (job.lastTransition?.settled === false) {
    for (const claim of await ports.claims.listOpen(job.jobId)) await takeOverClaim(ports, claim, job, now);
  }
  const settled = markSettled(job);
  const written = await ports.jobs.replace(settled, job);
  return written.written ? settled : ((await ports.jobs.get(job.jobId, 'strong')) ?? job);
}

/** Makes sure that the job's records are in the history before anything overwrites them. */
export async function copyRecords(ports: Pick<Ports, 'jobs'>, job: Job): Promise<void> {
  for (const record of [job.lastTransition, job.lastOverride]) {
    if (record?.settled === false) await ports.jobs.putHistory(record);
  }
}
