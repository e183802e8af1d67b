/**
 * Overrides: what an operator does by hand. They make the same transitions through the same write and leave the same
 * records as automatic decisions. One function for each verb; refusals are values.
 */

import { evaluate } from '../domain/evaluate.ts';
import { emptyEvidence } from '../domain/evidence.ts';
import { activeHold, type Hold, type Job } from '../domain/job.ts';
import { findUnmetNeeds } from '../domain/needs.ts';
import { demotionFrom, findTransition, type Phase, promotionFrom, type TransitionRule } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import type { Actor, OverrideRecord, TransitionRecord } from '../domain/transition.ts';
import { planTransition } from '../domain/transition.ts';
import { commitTransition, readFacts } from './commit.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';
import { copyRecords, settle } from './take-over.ts';

export interface OverrideRequest {
  jobId: string;
  actor: string;
  verified: boolean;
  reason: string;
  requestId?: string | undefined;
  expectedVersion?: number | undefined;
  dryRun?: boolean | undefined;
}

export interface Overridden {
  job: Job;
  transition?: TransitionRecord;
}

export type OverrideResult = Overridden | (Refusal & { job?: Job });

type Facts = Exclude<Awaited<ReturnType<typeof readFacts>>, Refusal>;

/** `force` goes on although needs are not met; the answer names them when it is absent. */
export async function promote(
  ports: Ports,
  request: OverrideRequest & { to?: Phase | undefined; force?: boolean | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  return transit(ports, request, clock, (facts) => {
    const rule = promotionFrom(facts.job.phase);
    if (!rule || (request.to !== undefined && rule.to !== request.to))
      return noStep(facts.job, request.to, 'promotion');
    if (rule.to === 'complete') {
      return refuse('ConfirmRemoval', 'complete confirms that the old job is removed: use the verb complete');
    }
    return request.force ? rule : (refuseUnmet(facts, rule) ?? rule);
  });
}

/** One step back, without needs: a person's word is enough. */
export async function demote(
  ports: Ports,
  request: OverrideRequest & { to?: Phase | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  return transit(ports, request, clock, (facts) => {
    const rule = demotionFrom(facts.job.phase);
    if (!rule || (request.to !== undefined && rule.to !== request.to)) return noStep(facts.job, request.to, 'demotion');
    return rule;
  });
}

/** Confirms that the old job is removed, which ends the migration of this job. It cannot be forced. */
export async function complete(
  ports: Ports,
  request: OverrideRequest & { confirm: string },
  clock: () => Instant,
): Promise<OverrideResult> {
  return transit(ports, request, clock, (facts) => {
    const rule = findTransition(facts.job.phase, 'complete');
    if (!rule) return noStep(facts.job, 'complete', 'promotion');
    if (request.confirm !== request.jobId) {
      return refuse(
        'NotConfirmed',
        `confirm: ${JSON.stringify(request.confirm)} is not the job's id, which is wanted here`,
        'confirm',
      );
    }
    return refuseUnmet(facts, rule) ?? rule;
  });
}

function noStep(job: Job, to: Phase | undefined, kind: 'promotion' | 'demotion'): Refusal {
  const only = (kind === 'promotion' ? promotionFrom : demotionFrom)(job.phase)?.to;
  const allowed = only ? `a ${kind} from there leads to ${only}` : `no ${kind} leads from there`;
  return refuse('NotAllowed', `${job.jobId} is in ${job.phase}${to ? `, and ${to} was asked for` : ''}: ${allowed}`);
}

function refuseUnmet(facts: Facts, rule: TransitionRule): Refusal | undefined {
  const unmet = findUnmetNeeds(rule, facts, evaluate(facts).verdicts);
  if (unmet.length === 0) return undefined;
  return refuse('NeedsNotMet', `${unmet.map((need) => need.message).join('; ')}`);
}

async function transit(
  ports: Ports,
  request: OverrideRequest,
  clock: () => Instant,
  choose: (facts: Facts) => TransitionRule | Refusal,
): Promise<OverrideResult> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const read = await readFacts(ports, request.jobId, now);
    if ('refused' in read) return read;
    const { job } = read;
    const repeated = findRepeat(job, request);
    if (repeated) return { job: await settle(ports, job, now), transition: repeated };
    const stale = refuseStale(job, request);
    if (stale) return stale;
    const facts = { ...read, openClaims: await ports.claims.listOpen(job.jobId) };
    const rule = choose(facts);
    if ('refused' in rule) return { ...rule, job };
    const grounds = {
      to: rule.to,
      reason: 'by-operator' as const,
      message: request.reason,
      actor: actorOf(request),
      policy: facts.policy,
      evidence: facts.evidence ?? emptyEvidence(job.jobId),
      ...('force' in request && request.force === true && { forced: true }),
    };
    if (request.dryRun) {
      const planned = planTransition(job, grounds, now);
      return { job, ...(planned.lastTransition && { transition: planned.lastTransition }) };
    }
    const committed = await commitTransition(ports, job, grounds, now);
    if (committed) return { job: committed, ...(committed.lastTransition && { transition: committed.lastTransition }) };
  }
  throw contended('override', request.jobId);
}

function findRepeat(job: Job, { requestId }: OverrideRequest): TransitionRecord | undefined {
  const last = job.lastTransition;
  return requestId !== undefined && last?.actor.kind === 'operator' && last.actor.requestId === requestId
    ? last
    : undefined;
}

function refuseStale(job: Job, { expectedVersion }: OverrideRequest): (Refusal & { job: Job }) | undefined {
  if (expectedVersion === undefined || expectedVersion === job.version) return undefined;
  return {
    ...refuse(
      'VersionConflict',
      `expectedVersion: ${expectedVersion}, but ${job.jobId} is at ${job.version} (${job.phase}): look again`,
      'expectedVersion',
    ),
    job,
  };
}

function actorOf({ actor, verified, requestId }: OverrideRequest): Actor {
  return { kind: 'operator', name: actor, verified, ...(requestId !== undefined && { requestId }) };
}

/** Keeps automation from promoting the job (`all`: from any transition) until it is released or expires. */
export async function hold(
  ports: Ports,
  request: OverrideRequest & { scope?: Hold['scope'] | undefined; until?: Instant | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  return changeHold(ports, request, clock, (_, now) => ({
    scope: request.scope ?? 'promotions',
    actor: request.actor,
    reason: request.reason,
    at: now,
    ...(request.until !== undefined && { until: request.until }),
  }));
}

export async function release(ports: Ports, request: OverrideRequest, clock: () => Instant): Promise<OverrideResult> {
  return changeHold(ports, request, clock, (job, now) =>
    activeHold(job, now) ? undefined : refuse('NotHeld', `${job.jobId} is not held`),
  );
}

async function changeHold(
  ports: Ports,
  request: OverrideRequest,
  clock: () => Instant,
  plan: (job: Job, now: Instant) => Hold | undefined | Refusal,
): Promise<OverrideResult> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const read = await readFacts(ports, request.jobId, now);
    if ('refused' in read) return read;
    const { job } = read;
    const known = job.lastOverride?.actor;
    if (request.requestId !== undefined && known?.kind === 'operator' && known.requestId === request.requestId)
      return { job };
    const stale = refuseStale(job, request);
    if (stale) return stale;
    const planned = plan(job, now);
    if (planned && 'refused' in planned) return { ...planned, job };
    const { hold: _, ...rest } = job;
    const record: OverrideRecord = {
      type: planned ? 'held' : 'released',
      jobId: job.jobId,
      version: job.version + 1,
      epoch: job.epoch,
      at: now,
      actor: actorOf(request),
      message: request.reason,
      ...(planned && { hold: planned }),
      settled: false,
    };
    const next: Job = { ...rest, ...(planned && { hold: planned }), version: record.version, lastOverride: record };
    if (request.dryRun) return { job: next };
    await copyRecords(ports, job);
    const written = await ports.jobs.replace(next, job);
    if (written.written) return { job: await settle(ports, next, now) };
  }
  throw contended('hold', request.jobId);
}
