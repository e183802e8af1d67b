/**
 * What becomes of a claim when somebody says what its mismatch is about, or when a policy excuses it. Both are bound to the
 * content that mismatches now: a landing that replaces it ends them. Pure; the controller writes the answer.
 */
import { canonicalJson } from './canonical.ts';
import { type Claim, revise, settleClaim } from './claim.ts';
import {
  contentOf,
  findExcuse,
  isExcused,
  isSameContent,
  type KnownDifference,
  mismatchOf,
  type SampledValue,
} from './difference.ts';
import { type Instant, laterOf } from './time.ts';

/** The claim with its mismatch excused; `undefined` when there is nothing to excuse, or no rule that does. */
export function planExcuse(claim: Claim, rules: readonly KnownDifference[], now: Instant): Claim | undefined {
  const mismatch = mismatchOf(claim);
  if (!mismatch || isExcused(claim)) return undefined;
  const rule = findExcuse(mismatch, rules, lastLandedAt(claim));
  if (!rule) return undefined;
  const { name, owner, signature } = rule;
  const excused = { rule: name, owner, at: now, content: contentOf(mismatch), ...(signature && { signature }) };
  return settleClaim(revise(claim, { excused }, now));
}

export type DifferenceOutcome =
  | { kind: 'accepted'; next: Claim }
  | { kind: 'repeated' }
  | { kind: 'refused'; code: 'NoMismatch'; message: string };

/** The claim with what a comparison of the rows found. An excuse for another cause ends, and is as if it had never been. */
export function planDifference(
  claim: Claim,
  found: { signature: string; sample: SampledValue[] },
  now: Instant,
): DifferenceOutcome {
  const mismatch = mismatchOf(claim);
  if (!mismatch) {
    return {
      kind: 'refused',
      code: 'NoMismatch',
      message: `partition ${claim.partition} of ${claim.jobId} has no mismatch: its pair is incomplete, matches, or was corrected meanwhile`,
    };
  }
  const { difference: known } = claim;
  if (known && isSameContent(known.content, mismatch) && saysTheSame(known, found)) return { kind: 'repeated' };
  const difference = { ...found, reportedAt: now, content: contentOf(mismatch) };
  return { kind: 'accepted', next: settleClaim(revise(claim, { difference }, now)) };
}

type Found = Parameters<typeof planDifference>[1];

function saysTheSame(known: Found, found: Found): boolean {
  return known.signature === found.signature && canonicalJson(known.sample) === canonicalJson(found.sample);
}

function lastLandedAt({ production, shadow, changedAt }: Claim): Instant {
  return production && shadow ? laterOf(production.acceptedAt, shadow.acceptedAt) : changedAt;
}
