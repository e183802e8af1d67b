/** Why a person should look at a job. The most urgent kind is kept on the job; writes happen only when it changes. */
import type { Case } from './criteria/case.ts';
import type { Decision } from './decision.ts';
import type { Evidence } from './evidence.ts';
import { findHookFailure } from './hook-record.ts';
import type { Attention, Job, SeenSplit } from './job.ts';
import type { Phase } from './phases.ts';
import type { Policy } from './policy.ts';
import { secondsBetween, toMs } from './time.ts';
import { blocksPromotion, isRegression, nameCause } from './verdict.ts';

/** Most urgent first. */
export const ATTENTION_KINDS = ['split-writer', 'regressing', 'hook-failed', 'owed', 'flapping', 'stuck'] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** The most urgent reason to look, or `undefined`. `since` is kept while kind and cause stay the same. */
export function assessAttention(facts: Case, decision: Decision): Attention | undefined {
  const { job, now } = facts;
  const found = FINDERS.map((find) => find(facts, decision)).find((cause) => cause !== undefined);
  if (!found) return undefined;
  const same = job.attention?.kind === found.kind && job.attention.cause === found.cause;
  return { ...found, since: same && job.attention ? job.attention.since : now };
}

/** Cause and last word, for people. */
export function describeAttention({ cause, message }: Attention): string {
  return message === undefined ? cause : `${cause}: ${message}`;
}

/** The partitions with two writers that nobody has acknowledged as they are now. */
export function findUnseenSplits({ seenSplits = [] }: Job, { standing }: Evidence): SeenSplit[] {
  return standing
    .filter(({ splitWriter }) => splitWriter)
    .map(({ partition, changedAt }) => ({ partition, changedAt }))
    .filter((split) => !seenSplits.some((seen) => isSameSplit(seen, split)));
}

function isSameSplit(a: SeenSplit, b: SeenSplit): boolean {
  return a.partition === b.partition && a.changedAt === b.changedAt;
}

type Found = Omit<Attention, 'since'>;

const FINDERS: ((facts: Case, decision: Decision) => Found | undefined)[] = [
  ({ job, evidence }) =>
    findUnseenSplits(job, evidence).length > 0
      ? { kind: 'split-writer', cause: 'both systems wrote production' }
      : undefined,
  ({ job }, decision) => {
    const last = job.lastTransition;
    if (decision.verdicts.some(isRegression) && job.phase !== 'shadow') {
      return { kind: 'regressing', cause: nameCause(decision.reason, decision.verdicts) };
    }
    return last?.type === 'demotion' && last.actor.kind === 'automation' && last.epoch === job.epoch
      ? { kind: 'regressing', cause: nameCause(last.reason, last.verdicts) }
      : undefined;
  },
  (facts) => {
    const failure = findHookFailure(facts);
    return failure && { kind: 'hook-failed', ...failure };
  },
  ({ evidence, policy, now }) => {
    const late = evidence.standing.find(
      ({ owed }) => owed !== undefined && toMs(now) - owed.since > policy.owedGraceSeconds * 1000,
    );
    return late?.owed ? { kind: 'owed', cause: `${late.owed.by} owes ${late.owed.reason}` } : undefined;
  },
  (_, { unmet }) =>
    unmet.some((need) => need.need === 'not-flapping') ? { kind: 'flapping', cause: 'demoted too often' } : undefined,
  ({ job, policy, now }, decision) => {
    const limit = stuckAfterSeconds(policy, job.phase);
    if (limit === undefined || decision.kind === 'demote' || secondsBetween(job.phaseSince, now) <= limit)
      return undefined;
    return { kind: 'stuck', cause: stuckCause(decision) };
  },
];

function stuckCause(decision: Decision): string {
  if (decision.kind === 'promote') return 'capacity';
  const need = decision.unmet[0]?.need;
  if (need !== 'criteria-pass' && need !== 'baseline-holds') return need ?? decision.reason;
  const open = decision.verdicts.find(blocksPromotion);
  return open ? `${open.criterion} ${open.outcome}` : need;
}

function stuckAfterSeconds(policy: Policy, phase: Phase): number | undefined {
  const { pendingSeconds, shadowSeconds, reverseShadowSeconds, cleanupSeconds } = policy.stuckAfter;
  return {
    pending: pendingSeconds,
    shadow: shadowSeconds,
    'reverse-shadow': reverseShadowSeconds,
    cleanup: cleanupSeconds,
    complete: undefined,
  }[phase];
}
