/** Which needs of a promotion are not met, each with the value seen and what is wanted. Pure; called by `evaluate`. */
import { countingApprovals } from './approval.ts';
import { approvalRule } from './approval-rule.ts';
import type { Claim } from './claim.ts';
import { isQuarantined, owedReason } from './claim.ts';
import { isFresh } from './criteria/pairs.ts';
import type { UnmetNeed } from './decision.ts';
import type { Evaluation } from './evaluate.ts';
import { lastLandedAt } from './evidence.ts';
import { findWantedStep } from './hook-record.ts';
import { type Need, type Phase, promotionFrom, type System, type TransitionRule } from './phases.ts';
import type { Policy } from './policy.ts';
import { describeSeconds, secondsBetween, toInstant, toMs } from './time.ts';
import { blocksPromotion, type Verdict } from './verdict.ts';

export function findUnmetNeeds(rule: TransitionRule, facts: Evaluation, verdicts: readonly Verdict[]): UnmetNeed[] {
  return rule.needs.flatMap((need) => {
    const message = CHECKS[need](facts, verdicts);
    return message === undefined ? [] : [{ need, message }];
  });
}

/** Each answers why its need is not met, or `undefined`. */
const CHECKS: Record<Need, (facts: Evaluation, verdicts: readonly Verdict[]) => string | undefined> = {
  // Settled by the sweep's ledger: a promotion is committed only under a grant.
  capacity: () => undefined,
  'old-landed-recently': (facts) => staleSide(facts, 'old'),
  'both-fresh': (facts) => staleSide(facts, 'old') ?? staleSide(facts, 'new'),
  'criteria-pass': (_, verdicts) => unsatisfied(verdicts),
  'baseline-holds': (_, verdicts) => unsatisfied(verdicts),
  soak: (facts) => notElapsed(facts, soakSeconds(facts.policy, facts.job.phase), 'soak'),
  'tombstone-over': (facts) => notElapsed(facts, facts.policy.tombstoneSeconds, 'tombstone window'),
  cooldown: ({ job, now }) =>
    job.cooldownUntil !== undefined && job.cooldownUntil > now
      ? `cooling down after a demotion until ${job.cooldownUntil}, for ${describeSeconds(secondsBetween(now, job.cooldownUntil))} more`
      : undefined,
  'not-flapping': ({ job, policy, now }) => {
    const { demotions, withinSeconds } = policy.flapping;
    const recent = job.demotedAt.filter((at) => secondsBetween(at, now) <= withinSeconds).length;
    return recent >= demotions
      ? `demoted ${recent} times within ${describeSeconds(withinSeconds)} (${demotions} is flapping): promote it by hand when the cause is known`
      : undefined;
  },
  'old-owes-nothing': (facts) => {
    const owed = openFacts(facts).filter((open) => open.owedBy === 'old');
    return owed[0] ? `old owes ${owed.length} partitions, e.g. ${owed[0].partition} (0 allowed)` : undefined;
  },
  'no-open-quarantine': (facts) => {
    const open = openFacts(facts).filter((claim) => claim.quarantined);
    return open[0] ? `${open.length} partitions are in quarantine, e.g. ${open[0].partition} (0 allowed)` : undefined;
  },
  approved: (facts) => unapproved(facts),
  prepared: (facts) => findWantedStep(facts)?.message,
  // A person who completes the job says it; else the hook that removes does, where there is one.
  'removal-confirmed': (facts) => (facts.promoter === undefined ? findWantedStep(facts)?.message : undefined),
};

function unapproved({ job, policy, now, promoter }: Evaluation): string | undefined {
  const to = promotionFrom(job.phase)?.to;
  const rule = to && approvalRule(policy, job, to);
  if (!rule) return undefined;
  const given = countingApprovals(job, to, rule, now, promoter);
  if (given.length >= rule.quorum) return undefined;
  const by = given.length > 0 ? ` (by ${given.map((approval) => approval.actor).join(', ')})` : '';
  const from = rule.from.length > 0 ? ` from ${rule.from.join(', ')}` : '';
  return `${given.length} of ${rule.quorum} approvals for ${to}${by}${from}`;
}

function unsatisfied(verdicts: readonly Verdict[]): string | undefined {
  const open = verdicts.filter(blocksPromotion);
  if (open.length === 0) return undefined;
  return open.map((verdict) => `${verdict.criterion} is ${verdict.outcome}: ${verdict.message}`).join('; ');
}

function staleSide(facts: Evaluation, system: System): string | undefined {
  if (isFresh(facts, system)) return undefined;
  const at = lastLandedAt(facts.evidence, system);
  const limit = describeSeconds(facts.policy.maxAgeSeconds);
  return at === undefined
    ? `${system} has not landed yet (within ${limit} wanted)`
    : `${system} landed last at ${toInstant(at)}, ${describeSeconds((toMs(facts.now) - at) / 1000)} ago (${limit} allowed)`;
}

function soakSeconds(policy: Policy, phase: Phase): number {
  if (phase === 'shadow') return policy.soak.shadowSeconds;
  if (phase === 'reverse-shadow') return policy.soak.reverseShadowSeconds;
  return 0;
}

function notElapsed({ job, now }: Evaluation, wanted: number, what: string): string | undefined {
  const elapsed = secondsBetween(job.phaseSince, now);
  return elapsed < wanted
    ? `${describeSeconds(elapsed)} of the ${what} of ${describeSeconds(wanted)} have passed in ${job.phase}`
    : undefined;
}

interface OpenFact {
  partition: string;
  owedBy?: System;
  quarantined: boolean;
}

function openFacts(facts: Evaluation): OpenFact[] {
  if (facts.openClaims) return facts.openClaims.map(factOf);
  return facts.evidence.standing.map((standing) => ({
    partition: standing.partition,
    ...(standing.owed && { owedBy: standing.owed.by }),
    quarantined: standing.quarantined,
  }));
}

function factOf(claim: Claim): OpenFact {
  return {
    partition: claim.partition,
    ...(owedReason(claim) && { owedBy: claim.writer }),
    quarantined: isQuarantined(claim),
  };
}
