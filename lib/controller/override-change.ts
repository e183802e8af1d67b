/**
 * Overrides that change a job without moving it: hold, release, restart, retire. One conditional write that carries its
 * own record, as a transition does; a later change makes sure of the record's copy before it overwrites it. They ask for
 * no policy, so that a hold works also when the job's policy is not deployed.
 */
import { type Job, rememberRequests } from '../domain/job.ts';
import type { Instant } from '../domain/time.ts';
import type { OverrideRecord } from '../domain/transition.ts';
import { contended, MAX_TRIES } from './contention.ts';
import {
  actorOf,
  answerRepeat,
  findHandled,
  handledBy,
  type OverrideRequest,
  type OverrideResult,
  refuseRetired,
  refuseStale,
  type Verb,
} from './override-request.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse, unknownJob } from './refusal.ts';
import { copyRecords, settle } from './take-over.ts';

/** The job after the change, before its version and its record; and what the record says beside the usual. */
export interface Change {
  job: Job;
  type: OverrideRecord['type'];
  hold?: OverrideRecord['hold'];
  splits?: OverrideRecord['splits'];
}

export async function changeJob(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  verb: Verb,
  request: OverrideRequest,
  clock: () => Instant,
  plan: (job: Job, now: Instant) => Change | Refusal,
): Promise<OverrideResult> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const job = await ports.jobs.get(request.jobId, 'strong');
    if (!job) return unknownJob(request.jobId);
    const handled = findHandled(job, request);
    if (handled) return answerRepeat(ports, await settle(ports, job, now), handled, verb);
    const refused = refuseRetired(job) ?? refuseStale(job, request);
    if (refused) return refused;
    const planned = plan(job, now);
    if ('refused' in planned) return { ...planned, job };
    const next = recorded(job, planned, verb, request, now);
    if (request.dryRun) return { job: next };
    await copyRecords(ports, job);
    const written = await ports.jobs.replace(next, job);
    if (written.written) return { job: await settle(ports, next, now) };
  }
  throw contended(verb, request.jobId);
}

function recorded(job: Job, change: Change, verb: Verb, request: OverrideRequest, now: Instant): Job {
  const version = job.version + 1;
  const record: OverrideRecord = {
    type: change.type,
    jobId: job.jobId,
    version,
    epoch: change.job.epoch,
    at: now,
    actor: actorOf(request),
    message: request.reason,
    ...(change.hold && { hold: change.hold }),
    ...(change.splits && { splits: change.splits }),
    settled: false,
  };
  const requests = rememberRequests(job, handledBy(verb, request), version);
  return { ...change.job, version, lastOverride: record, ...(requests && { requests }) };
}

export function refuseNotConfirmed(field: string, given: string, wanted: string): Refusal | undefined {
  if (given === wanted) return undefined;
  return refuse('NotConfirmed', `${field}: ${JSON.stringify(given)} is not the job's id, which is wanted here`, field);
}
