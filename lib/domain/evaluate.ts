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
import { activeHold } from './job.ts';
import { findUnmetNeeds } from './needs.ts';
import { demotionFrom, promotionFrom } from './phases.ts';
import type { Instant } from './time.ts';
import type { Criterion, Verdict } from './verdict.ts';

export interface Evaluation extends Case {
  controls: Controls;
  /** The job's open claims, where they were read strongly (commit); a sweep goes by the evidence. */
  openClaims?: readonly Claim[];
  /** Who promotes it by hand: a policy may not let them approve that too. */
  promoter?: string;
}

export function evaluate(facts: Evaluation): Decision {
  const verdicts = assessCriteria(facts);
  return regression(facts, verdicts) ?? promotion(facts, verdicts);
}

const FAILED: Record<Criterion, Reason> = {
  dataQuality: 'data-quality-failed',
  landingLatency: 'landing-latency-failed',
  resourceUtilization: 'resource-utilization-failed',
};

/** The demotion that the verdicts call for, or the hold that keeps it; `undefined` when nothing fails. */
function regression(facts: Evaluation, verdicts: Verdict[]): Decision | undefined {
  const { job, now } = facts;
  const rule = demotionFrom(job.phase);
  const failed = verdicts.find((verdict) => verdict.outcome === 'fail' && !wasWaived(facts, verdict));
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
  return decide('demote', FAILED[failed.criterion], because);
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
  if (unmet[0]) return hold('need-not-met', unmet.map((need) => need.message).join('; '), unmet);
  const stop = stopsPromotions(facts, now);
  if (stop) return hold(stop.reason, stop.message);
  if (rule.by === 'operator') return hold('awaiting-operator', `ready for ${rule.to}, which an operator confirms`);

  const reason = rule.to === 'shadow' ? 'admitted' : 'criteria-pass';
  const message = verdicts.map((verdict) => verdict.message).join('; ') || 'old has landed lately';
  if (policy.automation === 'recommend') return hold('automation-recommend', `recommended: ${message}`);
  if (breakerIsOpen(controls, now)) {
    return hold('paused', `demotions cluster: promotions stop until ${controls.breakerOpenUntil}`);
  }
  return { kind: 'promote', from: job.phase, to: rule.to, reason, message, verdicts, unmet: [] };
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
