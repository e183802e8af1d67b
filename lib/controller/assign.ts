/**
 * assign: may this system write this partition, and where? Called by a run before it produces anything. It may be called
 * again for the same partition: each production assign is a newer right, and older ones die.
 *
 * The claim is written first and the job read after it; a demotion writes the job first and reads the claims after it. So
 * one of the two always sees the other. Rejected: reading the job first, which loses a claim that is created after the
 * demotion has finished.
 */
import { type Claim, openClaim, planAssign, planTakeOver } from '../domain/claim.ts';
import type { Job } from '../domain/job.ts';
import type { Landing } from '../domain/landing.ts';
import type { Phase, System } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { formatToken } from '../domain/token.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, unknownJob } from './refusal.ts';

export interface AssignRequest {
  jobId: string;
  partition: string;
  system: System;
  readyAt?: Instant | undefined;
  runId?: string | undefined;
}

export interface AssignAnswer {
  jobId: string;
  partition: string;
  system: System;
  write: 'production' | 'shadow' | 'nothing';
  /** The registered name of the table to write; absent when there is nothing to write or none was registered. */
  target?: string;
  token?: string;
  phase: Phase;
  epoch: number;
  landed?: { attempt: number; rowCount: number; checksum: string; token: string };
}

export async function assign(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  request: AssignRequest,
  now: Instant,
): Promise<AssignAnswer | Refusal> {
  const { jobId, partition, system, readyAt } = request;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await findOrCreateClaim(ports, request, now);
    if (found === 'unknown-job') return unknownJob(jobId);
    if (found === 'lost') continue;
    const job = await ports.jobs.get(jobId, 'strong');
    if (!job) return unknownJob(jobId);

    const taken = planTakeOver(found.claim, job, now, system);
    if (taken) {
      // Written by itself and looked at again: by now the phase may have changed twice, and its pass gone by this claim.
      await ports.claims.replace(taken, found.claim);
      continue;
    }
    if (found.created && found.claim.writer === system) {
      const token = { generation: found.claim.generation, grant: found.claim.grant };
      return describe(job, request, { write: 'production', token });
    }
    const { next, assignment } = planAssign(found.claim, job, system, readyAt, now);
    if (next !== found.claim) {
      const written = await ports.claims.replace(next, found.claim);
      if (!written.written) continue;
    }
    return describe(job, request, assignment);
  }
  throw contended('assign', jobId, partition);
}

async function findOrCreateClaim(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  { jobId, partition, system, readyAt }: AssignRequest,
  now: Instant,
): Promise<{ claim: Claim; created: boolean } | 'lost' | 'unknown-job'> {
  const known = await ports.claims.get(jobId, partition);
  if (known) return { claim: known, created: false };
  const job = (await ports.jobs.get(jobId, 'eventual')) ?? (await ports.jobs.get(jobId, 'strong'));
  if (!job) return 'unknown-job';
  const claim = openClaim(job, partition, system, readyAt, now);
  const written = await ports.claims.create(claim);
  return written.written ? { claim, created: true } : 'lost';
}

function describe(
  job: Job,
  { jobId, partition, system }: AssignRequest,
  { write, token, landed }: ReturnType<typeof planAssign>['assignment'],
): AssignAnswer {
  const target = write === 'nothing' ? undefined : job.targets?.[write];
  return {
    jobId,
    partition,
    system,
    write,
    ...(target !== undefined && { target }),
    ...(token && { token: formatToken(token) }),
    phase: job.phase,
    epoch: job.epoch,
    ...(landed && { landed: describeLanding(landed) }),
  };
}

function describeLanding({ attempt, rowCount, checksum, token }: Landing) {
  return { attempt, rowCount, checksum, token: formatToken(token) };
}
