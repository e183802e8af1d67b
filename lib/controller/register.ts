/** register: brings jobs in, or changes their attributes. Idempotent; it never touches a job's place in its lifecycle. */
import { canonicalJson } from '../domain/canonical.ts';
import { shardOf } from '../domain/hash.ts';
import { createJob, type Job, type JobAttributes } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface Registration {
  jobId: string;
  attributes: JobAttributes;
  initialPhase: Phase;
}

export type Registered = 'created' | 'updated' | 'unchanged';

/** With `dryRun` it answers what it would do, and changes nothing. */
export async function register(
  ports: Pick<Ports, 'jobs' | 'fleet' | 'policies'>,
  { jobId, attributes, initialPhase }: Registration,
  now: Instant,
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<Registered | Refusal> {
  if (!ports.policies.find(attributes.policy)) {
    return refuse('UnknownPolicy', `policy: ${JSON.stringify(attributes.policy)} is not deployed`, 'policy');
  }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const job = await ports.jobs.get(jobId, 'strong');
    if (!job && dryRun) return 'created';
    if (!job) {
      // First the shard's summary, so that no job can be in a shard that the fan-out does not know.
      await ports.fleet.ensureShard(shardOf(jobId));
      const created = await ports.jobs.create(createJob(jobId, attributes, initialPhase, now));
      if (created.written) return 'created';
      continue;
    }
    if (job.retired) {
      const { actor, at } = job.retired;
      const message = `jobId: ${jobId} was retired by ${actor} at ${at}, which is final: register it under another id`;
      return refuse('Retired', message, 'jobId');
    }
    if (!differs(job, attributes)) return 'unchanged';
    if (dryRun) return 'updated';
    const { targets: _t, cadence: _c, dueAfterSeconds: _d, ...kept } = job;
    const updated = await ports.jobs.replace({ ...kept, ...attributes, version: job.version + 1 }, job);
    if (updated.written) return 'updated';
  }
  throw contended('register', jobId);
}

/** All of them: one that a registration no longer names is taken away. */
const ATTRIBUTES: Record<keyof JobAttributes, true> = {
  team: true,
  policy: true,
  wave: true,
  weight: true,
  labels: true,
  targets: true,
  cadence: true,
  shape: true,
  dueAfterSeconds: true,
  integration: true,
};

function differs(job: Job, attributes: JobAttributes): boolean {
  return (Object.keys(ATTRIBUTES) as (keyof JobAttributes)[]).some(
    (key) => canonicalJson(job[key]) !== canonicalJson(attributes[key]),
  );
}
