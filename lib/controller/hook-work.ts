/**
 * What a sweep sends on to the state machine's Map for one job: a plain commit, a promotion whose hooks are asked on the way, or
 * a hook that is asked or told again. Pure; called by `evaluate-group.ts` with each job's decision.
 */
import type { Decision } from '../domain/decision.ts';
import { hasHooks } from '../domain/hook-policy.ts';
import { findDueDebt, findWantedStep } from '../domain/hook-record.ts';
import type { Job } from '../domain/job.ts';
import type { Policy } from '../domain/policy.ts';
import type { Instant } from '../domain/time.ts';
import type { Candidate, HookCall, Promotion } from './group-result.ts';
import { hasVoidDebts } from './hook-steps.ts';

type Facts = { job: Job; policy: Policy; now: Instant };

/** The promotion that this sweep may bring on its way, if it has a grant for it. */
export function planPromotion(facts: Facts, { to, kind, reason }: Decision): Candidate | undefined {
  const { job, policy } = facts;
  if (!to || (kind !== 'promote' && reason !== 'not-prepared')) return undefined;
  if (reason === 'not-prepared') {
    const wanted = findWantedStep(facts);
    // Who has been told to wait takes no room away from others: it is asked again beside the grants.
    if (!wanted?.due || wanted.again || wanted.step === 'settle') return undefined;
  }
  const { jobId, weight, wave, phaseSince } = job;
  return { jobId, to, weight, step: hasHooks(policy, to) ? 'ask' : 'commit', wave, phaseSince };
}

/** At most one: first what happened is told, then what is to come is asked again. It takes no room, so it has no weight. */
export function planHookCall(facts: Facts, decision?: Decision): HookCall[] {
  const { job, policy, now } = facts;
  if (job.retired) return [];
  const item = { jobId: job.jobId, to: job.phase, weight: 0 };
  const debt = findDueDebt(facts);
  if (debt || hasVoidDebts(job, policy)) return [{ ...item, step: 'settle', since: debt?.at ?? now }];
  if (decision?.reason !== 'not-prepared' || !decision.to) return [];
  const wanted = findWantedStep(facts);
  if (!wanted?.due || !wanted.again || wanted.step === 'settle') return [];
  return [{ ...item, to: decision.to, step: 'again', since: job.phaseSince }];
}

/**
 * Of one group in one sweep. Were every hook to hang for its 60 s, forty promotions take 6 minutes and a hundred calls 5, at
 * twenty at once: within an execution's time. Hooks that answer take seconds; those that do not are asked ever more rarely.
 */
export const MAX_ASKED = 40;
const MAX_CALLS = 100;

/** What happened before what is to come, then who has waited longest. */
export function chooseHookCalls(calls: readonly HookCall[]): Promotion[] {
  return [...calls]
    .sort((a, b) => Number(a.step === 'again') - Number(b.step === 'again') || (a.since < b.since ? -1 : 1))
    .slice(0, MAX_CALLS)
    .map(({ since: _, ...call }) => call);
}
