/**
 * The whole decision on one screen: evidence -> verdicts -> decision. Sweeps call it for every job, the commit step calls
 * it again on what it has just read, overrides and `explain` call it for what would be. Pure.
 */
import type { Claim } from './claim.ts';
import { activePause, breakerIsOpen, type Controls } from './controls.ts';
import type { Case } from './criteria/case.ts';
import { standingMismatches } from './criteria/data-quality.ts';
import { isFresh } from './criteria/pairs.ts';
import { assessCriteria } from './criteria.ts';
import type { Decision, Reason, UnmetNeed } from './decision.ts';
import { findHook } from './hook-policy.ts';
import { activeHold } from './job.ts';
import { findUnmetNeeds } from './needs.ts';
import { demotionFrom, type Phase, promotionFrom } from './phases.ts';
import type { Policy } from './policy.ts';
import type { Instant } from './time.ts';
import { type Criterion, isRegression, type Verdict } from './verdict.ts';

export interface Evaluation extends Case {
  controls: Controls;
  /** The job's open claims, where they were read strongly (commit); a sweep goes by the evidence. */
  openClaims?: readonly Claim[];
  /** Who promotes it by hand: a policy may not let them approve that too. */
  promoter?: string;
}

export function evaluate(facts: Evaluation): Decision {
  const verdicts = assessCriteria(facts).map((verdict) => markDryRun(verdict, facts.policy));
  return regression(facts, verdicts) ?? promotion(facts, verdicts);
}

/** A criterion that the policy only tries out says so wherever its verdict is shown. */
function markDryRun(verdict: Verdict, { criteria }: Policy): Verdict {
  const settings =
    criteria.custom.find(({ name }) => verdict.criterion === `custom:${name}`) ?? builtIn(criteria, verdict);
  if (settings === undefined || settings === false || settings.gate !== false) return verdict;
  return { ...verdict, gates: false, message: `${verdict.message} (not gating)` };
}

function builtIn(criteria: Policy['criteria'], { criterion }: Verdict) {
  return isBuiltIn(criterion) ? criteria[criterion] : undefined;
}

function isBuiltIn(criterion: Criterion): criterion is BuiltIn {
  return criterion in FAILED;
}

/** Coverage is met or not met yet: it never fails. */
type BuiltIn = Exclude<Criterion, `custom:${string}` | 'coverage'>;

const FAILED: Record<BuiltIn, Reason> = {
  dataQuality: 'data-quality-failed',
  landingLatency: 'landing-latency-failed',
  resourceUtilization: 'resource-utilization-failed',
};

/** The demotion that the verdicts call for, or the hold that keeps it; `undefined` when nothing fails. */
function regression(facts: Evaluation, verdicts: Verdict[]): Decision | undefined {
  const { job, now } = facts;
  const rule = demotionFrom(job.phase);
  const failed = verdicts.find((verdict) => isRegression(verdict) && !wasWaived(facts, verdict));
  if (!failed || rule?.by !== 'policy' || job.retired) return undefined;

  const decide = (kind: Decision['kind'], reason: Reason, message: string): Decision => ({
    kind,
    from: job.phase,
    to: rule.to,
    reason,
    message,
    verdicts,
    unmet: [],
  });
  const because = `${failed.criterion}: ${failed.message}`;
  const stop = stopsEverything(facts, now);
  if (stop) return decide('hold', stop.reason, `${stop.message}, although ${because}`);
  if (job.phase === 'reverse-shadow' && failed.criterion !== 'dataQuality' && !isFresh(facts, 'old')) {
    return decide('hold', 'old-not-alive', `old has not landed lately, so rolling back would be an outage; ${because}`);
  }
  return decide('demote', isBuiltIn(failed.criterion) ? FAILED[failed.criterion] : 'custom-failed', because);
}

/**
 * A person promoted the job although they were told of these mismatches, which automation does not undo. Epochs do the
 * same for the other criteria: they count no pair from before a transition.
 */
function wasWaived(facts: Evaluation, { criterion }: Verdict): boolean {
  const { job } = facts;
  const last = job.lastTransition;
  if (criterion !== 'dataQuality' || !last?.waived || last.to !== job.phase) return false;
  const { mismatches } = last.waived;
  return standingMismatches(facts).every(({ partition, landedAt }) =>
    mismatches.some((known) => known.partition === partition && known.landedAt === landedAt),
  );
}

function promotion(facts: Evaluation, verdicts: Verdict[]): Decision {
  const { job, controls, policy, now } = facts;
  const rule = promotionFrom(job.phase);
  const hold = (reason: Reason, message: string, unmet: UnmetNeed[] = []): Decision => ({
    kind: 'hold',
    from: job.phase,
    ...(rule && { to: rule.to }),
    reason,
    message,
    verdicts,
    unmet,
  });
  if (job.retired) return hold('final-phase', `retired by ${job.retired.actor}: ${job.retired.reason}`);
  if (!rule) return hold('final-phase', 'the migration of this job is complete');

  const unmet = findUnmetNeeds(rule, facts, verdicts);
  const ofHooks = unmet.filter(({ need }) => need === 'prepared' || need === 'removal-confirmed');
  const message = unmet.map((need) => need.message).join('; ');
  if (unmet.length > ofHooks.length) return hold('need-not-met', message, unmet);
  const stop = stopsPromotions(facts, now);
  if (stop) return hold(stop.reason, stop.message);
  const byHand = rule.by === 'operator' ? waitsForOperator(policy, rule.to, ofHooks) : undefined;
  if (byHand !== undefined) return hold('awaiting-operator', byHand);

  const grounds = verdicts.map((verdict) => verdict.message).join('; ') || 'old has landed lately';
  if (policy.automation === 'recommend' && ofHooks.length === 0) {
    return hold('automation-recommend', `recommended: ${grounds}`);
  }
  if (breakerIsOpen(controls, now)) {
    return hold('paused', `demotions cluster: promotions stop until ${controls.breakerOpenUntil}`);
  }
  // Hooks come last, when nothing else can stop the promotion any more: they are asked on the way to its commit.
  if (ofHooks.length > 0) return hold('not-prepared', message, ofHooks);
  return {
    kind: 'promote',
    from: job.phase,
    to: rule.to,
    reason: PROMOTED[rule.to],
    message: grounds,
    verdicts,
    unmet,
  };
}

const PROMOTED: Record<Phase, Reason> = {
  pending: 'admitted',
  shadow: 'admitted',
  'reverse-shadow': 'criteria-pass',
  cleanup: 'criteria-pass',
  complete: 'removal-confirmed',
};

/** Why the end of a migration waits for a person; not where a hook removes the old job and the policy takes its word. */
function waitsForOperator(policy: Policy, to: Phase, ofHooks: readonly UnmetNeed[]): string | undefined {
  const hook = findHook(policy, to, 'remove');
  if (!hook || policy.automation !== 'enforce') return `ready for ${to}, which an operator confirms`;
  if (ofHooks.length > 0 || policy.hooks.complete?.confirmRemoval === 'hook') return undefined;
  return `the old job is removed, as ${hook.function} says: ready for ${to}, which an operator confirms`;
}

interface Stop {
  reason: Reason;
  message: string;
}

/** What keeps any transition from being committed: break-glass, a hold of scope `all`, or a policy that only observes. */
function stopsEverything({ job, controls, policy }: Evaluation, now: Instant): Stop | undefined {
  const pause = activePause(controls, now);
  if (pause?.scope === 'all')
    return { reason: 'paused', message: `the fleet is paused by ${pause.actor}: ${pause.reason}` };
  const hold = activeHold(job, now);
  if (hold?.scope === 'all') return { reason: 'held', message: `held by ${hold.actor}: ${hold.reason}` };
  if (policy.automation === 'observe') {
    return { reason: 'automation-observe', message: `policy ${policy.name} only observes` };
  }
  return undefined;
}

function stopsPromotions(facts: Evaluation, now: Instant): Stop | undefined {
  const pause = activePause(facts.controls, now);
  if (pause) return { reason: 'paused', message: `promotions are paused by ${pause.actor}: ${pause.reason}` };
  const hold = activeHold(facts.job, now);
  if (hold) return { reason: 'held', message: `held by ${hold.actor}: ${hold.reason}` };
  return stopsEverything(facts, now);
}
