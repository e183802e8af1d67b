/**
 * Overrides: what an operator does by hand, one function for each verb. They make the same transitions through the same
 * write and leave the same records as automatic decisions. Refusals are values; each verb says here what it refuses.
 */
import { activePause } from '../domain/controls.ts';
import { evaluate } from '../domain/evaluate.ts';
import { activeHold, type Hold, type Job } from '../domain/job.ts';
import { findUnmetNeeds } from '../domain/needs.ts';
import { demotionFrom, demotionsTo, findTransition, type Phase, promotionFrom } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { readFacts } from './commit.ts';
import { acknowledgeSplits } from './override-acknowledge.ts';
import { changeJob, refuseNotConfirmed } from './override-change.ts';
import type { Facts, Objection, OverrideRequest, OverrideResult } from './override-request.ts';
import { type Move, transit } from './override-transit.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

/** One phase onward. `force` goes on although needs are not met or somebody holds the job; without it the answer names them. */
export async function promote(ports: Ports, request: Move, clock: () => Instant): Promise<OverrideResult> {
  return transit(ports, 'promote', request, clock, (facts, aim) => {
    const rule = promotionFrom(facts.job.phase);
    if (!rule || (aim !== undefined && rule.to !== aim)) return noStep(facts.job, aim, 'promotion');
    if (rule.to === 'complete') {
      return refuse('ConfirmRemoval', 'complete confirms that the old job is removed: use the verb complete');
    }
    return { steps: [rule.to], objections: objectionsTo(facts, rule.to, request.actor) };
  });
}

/** Back, one phase or with `to` several, without needs: a person's word is enough. */
export async function demote(
  ports: Ports,
  request: OverrideRequest & { to?: Phase | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  return transit(ports, 'demote', request, clock, ({ job }, aim) => {
    const isBeyond = aim !== undefined && !demotionsTo(job.phase, aim);
    const to = request.to ?? (isBeyond ? undefined : demotionFrom(job.phase)?.to);
    const steps = to && demotionsTo(job.phase, to);
    return steps ? { steps, objections: [] } : noStep(job, aim, 'demotion');
  });
}

/** Confirms that the old job is removed, which ends the migration of this job. It cannot be forced. */
export async function complete(
  ports: Ports,
  request: OverrideRequest & { confirm: string },
  clock: () => Instant,
): Promise<OverrideResult> {
  return transit(ports, 'complete', { ...request, force: undefined }, clock, (facts) => {
    if (!findTransition(facts.job.phase, 'complete')) return noStep(facts.job, 'complete', 'promotion');
    return (
      refuseNotConfirmed('confirm', request.confirm, request.jobId) ?? {
        steps: ['complete'],
        objections: objectionsTo(facts, 'complete', request.actor),
      }
    );
  });
}

/** Keeps automation from promoting the job (`all`: from any transition) until it is released or expires. */
export async function hold(
  ports: Ports,
  request: OverrideRequest & { scope?: Hold['scope'] | undefined; until?: Instant | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  return changeJob(ports, 'hold', request, clock, (job, now) => {
    const { scope = 'promotions', until, actor, reason } = request;
    if (job.phase === 'complete') return refuse('NotAllowed', `${job.jobId} is complete: nothing moves it any more`);
    if (until !== undefined && until <= now) {
      return refuse('Invalid', `until: ${until} is over, it is ${now}: name a later instant, or none`, 'until');
    }
    const held: Hold = { scope, actor, reason, at: now, ...(until !== undefined && { until }) };
    return { type: 'held', job: { ...job, hold: held }, hold: held };
  });
}

/** Ends a hold, and says what automation will do then. With `splitWriter` it acknowledges those instead. */
export async function release(
  ports: Ports,
  request: OverrideRequest & { splitWriter?: boolean | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  if (request.splitWriter) return acknowledgeSplits(ports, request, clock);
  const released = await changeJob(ports, 'release', request, clock, (job, now) => {
    if (!activeHold(job, now)) return refuse('NotHeld', `${job.jobId} is not held`);
    const { hold: _, ...rest } = job;
    return { type: 'released', job: rest };
  });
  if ('refused' in released) return released;
  return { ...released, next: await foretell(ports, released.job, clock()) };
}

/** The same phase with a new epoch: what was gathered so far counts no more, and the soak begins again. */
export async function restart(ports: Ports, request: OverrideRequest, clock: () => Instant): Promise<OverrideResult> {
  return changeJob(ports, 'restart', request, clock, (job, now) => {
    if (job.phase === 'pending' || job.phase === 'complete') {
      return refuse(
        'NotAllowed',
        `${job.jobId} is in ${job.phase}, where no evidence is gathered that could start again`,
      );
    }
    const { attention: _a, proposal: _p, ...rest } = job;
    return { type: 'restarted', job: { ...rest, epoch: job.epoch + 1, phaseSince: now } };
  });
}

/** Takes a job that is deleted or abandoned out of the fleet, for good. Its writers stay what its phase says. */
export async function retire(
  ports: Ports,
  request: OverrideRequest & { confirm: string },
  clock: () => Instant,
): Promise<OverrideResult> {
  return changeJob(ports, 'retire', request, clock, (job, now) => {
    const notConfirmed = refuseNotConfirmed('confirm', request.confirm, request.jobId);
    if (notConfirmed) return notConfirmed;
    const { attention: _a, proposal: _p, hold: _h, hooks: _k, ...rest } = job;
    return { type: 'retired', job: { ...rest, retired: { actor: request.actor, reason: request.reason, at: now } } };
  });
}

function noStep(job: Job, to: Phase | undefined, kind: 'promotion' | 'demotion'): Refusal {
  const only = (kind === 'promotion' ? promotionFrom : demotionFrom)(job.phase)?.to;
  const allowed = only ? `a ${kind} from there leads to ${only}` : `no ${kind} leads from there`;
  return refuse('NotAllowed', `${job.jobId} is in ${job.phase}${to ? `, and ${to} was asked for` : ''}: ${allowed}`);
}

/** The transition's unmet needs, and what other people have decided: their word is not passed over in silence. */
function objectionsTo(facts: Facts, to: Phase, actor: string): Objection[] {
  const rule = findTransition(facts.job.phase, to);
  const needs: Objection[] = rule ? findUnmetNeeds(rule, { ...facts, promoter: actor }, evaluate(facts).verdicts) : [];
  const held = activeHold(facts.job, facts.now);
  if (held && held.actor !== actor) {
    needs.push({ need: 'not-held', message: `held (${held.scope}) by ${held.actor}: ${held.reason}` });
  }
  const pause = activePause(facts.controls, facts.now);
  if (pause && pause.actor !== actor) {
    needs.push({ need: 'not-paused', message: `the fleet is paused by ${pause.actor}: ${pause.reason}` });
  }
  return needs;
}

async function foretell(ports: Ports, job: Job, now: Instant): Promise<string> {
  const facts = await readFacts(ports, job.jobId, now);
  if ('refused' in facts) return facts.message;
  const { hold: _, ...released } = job;
  const { kind, to, message } = evaluate({ ...facts, job: released });
  if (kind === 'promote') return `the next sweep promotes it to ${to} when there is room: ${message}`;
  if (kind === 'demote') return `the next sweep demotes it to ${to}: ${message}`;
  return `it stays in ${job.phase}: ${message}`;
}
