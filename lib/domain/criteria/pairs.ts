/**
 * Which pairs count: sealed ones of the job's present epoch and of the new system's present release. Every criterion starts
 * from here, so that all of them speak of the same evidence.
 */

import { countingRules } from '../counting.ts';
import { landedAtOf, type Pair } from '../evidence/pair.ts';
import type { Tally } from '../evidence/tally.ts';
import { countPairs, lastLandedAt, presentRelease } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { describeSeconds, toMs } from '../time.ts';
import type { Case } from './case.ts';

/** The newest landing of that system is within the policy's freshness limit. */
export function isFresh(facts: Case, system: 'old' | 'new'): boolean {
  const at = lastLandedAt(facts.evidence, system);
  return at !== undefined && toMs(facts.now) - at <= facts.policy.maxAgeSeconds * 1000;
}

/** Only a landing can be a correction: that somebody asked for the partition again seals nothing off and opens nothing. */
export function sealedAtMs(observed: { final: boolean; landedAt: number }, policy: Policy): number {
  return observed.final ? observed.landedAt : observed.landedAt + policy.settleSeconds * 1000;
}

/** The evidence that counts today. */
export interface Present {
  /** Sealed pairs of the present epoch and release that the window holds, those that landed last first. */
  pairs: readonly Pair[];
  /** What all of them add up to, also those that have left the window; absent when there is none. */
  tally?: Tally;
}

export function findPresent(facts: Case): Present {
  const { job, evidence, policy } = facts;
  const release = presentRelease(evidence);
  const now = toMs(facts.now);
  const isSealed = (pair: Pair) => sealedAtMs({ final: pair.final, landedAt: landedAtOf(pair) }, policy) <= now;
  const pairs = evidence.recent
    .filter(
      (pair) =>
        pair.epoch === job.epoch && (pair.newLandedAt === undefined || pair.release === release) && isSealed(pair),
    )
    .sort((a, b) => landedAtOf(b) - landedAtOf(a));
  // What was sealed since `gather` last wrote; the rest it has counted.
  const { tally } = countPairs(evidence, countingRules(policy), isSealed);
  return { pairs, ...(tally?.epoch === job.epoch && tally.release === release && { tally }) };
}

/** Why these pairs are not enough, of which so many were counted in all; `undefined` when they are. */
export function lackOf(facts: Case, pairs: readonly Pair[], count = pairs.length): string | undefined {
  const { policy, job } = facts;
  const newest = Math.max(...pairs.map(landedAtOf));
  const ageSeconds = (toMs(facts.now) - newest) / 1000;
  if (pairs.length > 0 && ageSeconds > policy.maxAgeSeconds) {
    return `the newest is ${describeSeconds(ageSeconds)} old, ${describeSeconds(policy.maxAgeSeconds)} allowed`;
  }
  if (pairs.length === 0 || count < policy.minPairs) {
    const release = presentRelease(facts.evidence);
    return `of epoch ${job.epoch}${release ? ` and release ${release}` : ''}, more have to land`;
  }
  return undefined;
}
