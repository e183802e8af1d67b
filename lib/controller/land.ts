/**
 * land and published: a run has staged its output, then has made it visible. Each is one conditional write of the claim;
 * both may be repeated with the same words and answer the same.
 */
import type { LandingReport, Table } from '../domain/landing.ts';
import type { System } from '../domain/phases.ts';
import { landingNeedsPhase, planLand, planPublished } from '../domain/plan-landing.ts';
import type { Instant } from '../domain/time.ts';
import { parseToken } from '../domain/token.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface LandRequest {
  jobId: string;
  partition: string;
  system: System;
  token: string;
  report: LandingReport;
}

export async function land(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  { jobId, partition, system, token: text, report }: LandRequest,
  now: Instant,
): Promise<{ table: Table } | Refusal> {
  const token = parseToken(text);
  if (!token) return badToken(text);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const claim = await ports.claims.get(jobId, partition);
    if (!claim) return noClaim(jobId, partition);
    // Read after the claim, so that a right that was withdrawn with the phase change makes the write below lose.
    const phase = landingNeedsPhase(claim, system) ? (await ports.jobs.get(jobId, 'strong'))?.phase : undefined;
    const outcome = planLand(claim, system, token, report, phase, now);
    if (outcome.kind === 'refused') return refuse(outcome.code, outcome.message);
    if (outcome.kind === 'repeated') return { table: outcome.table };
    const written = await ports.claims.replace(outcome.next, claim);
    if (written.written) return { table: outcome.table };
  }
  throw contended('land', jobId, partition);
}

export interface PublishedRequest {
  jobId: string;
  partition: string;
  system: System;
  token: string;
  checksum: string;
}

export async function confirmPublished(
  ports: Pick<Ports, 'claims'>,
  { jobId, partition, system, token: text, checksum }: PublishedRequest,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  const token = parseToken(text);
  if (!token) return badToken(text);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const claim = await ports.claims.get(jobId, partition);
    if (!claim) return noClaim(jobId, partition);
    const outcome = planPublished(claim, system, token, checksum, now);
    if (outcome.kind === 'refused') return refuse(outcome.code, outcome.message);
    if (outcome.kind === 'repeated') return { ok: true };
    const written = await ports.claims.replace(outcome.next, claim);
    if (written.written) return { ok: true };
  }
  throw contended('published', jobId, partition);
}

function badToken(text: string): Refusal {
  return refuse(
    'Invalid',
    `token: ${JSON.stringify(text.slice(0, 60))} is no token: pass on what assign answered`,
    'token',
  );
}

function noClaim(jobId: string, partition: string): Refusal {
  return refuse('NotClaimed', `partition ${partition} of ${jobId} has no claim: assign it first`, 'partition');
}
