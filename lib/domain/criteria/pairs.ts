/**
 * Which pairs count: sealed ones of the job's present epoch and of the new system's present release. Every criterion starts
 * from here, so that all of them speak of the same evidence.
 */
import { lastLandedAt, type Pair, presentRelease } from '../evidence.ts';
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

/** When the last of a pair's landings was accepted, in epoch milliseconds. */
function landedAtOf({ oldLandedAt = 0, newLandedAt = 0 }: Pair): number {
  return Math.max(oldLandedAt, newLandedAt);
}

/** Sealed pairs of the present epoch and release, those that landed last first. */
export function presentPairs(facts: Case): Pair[] {
  const release = presentRelease(facts.evidence);
  const now = toMs(facts.now);
  return facts.evidence.recent
    .filter(
      (pair) =>
        pair.epoch === facts.job.epoch &&
        (pair.newLandedAt === undefined || pair.release === release) &&
        sealedAtMs({ final: pair.final, landedAt: landedAtOf(pair) }, facts.policy) <= now,
    )
    .sort((a, b) => landedAtOf(b) - landedAtOf(a));
}

/** Why these pairs are not enough; `undefined` when they are. */
export function lackOf(facts: Case, pairs: readonly Pair[]): string | undefined {
  const { policy, job } = facts;
  const newest = Math.max(...pairs.map(landedAtOf));
  const ageSeconds = (toMs(facts.now) - newest) / 1000;
  if (pairs.length > 0 && ageSeconds > policy.maxAgeSeconds) {
    return `the newest is ${describeSeconds(ageSeconds)} old, ${describeSeconds(policy.maxAgeSeconds)} allowed`;
  }
  if (pairs.length < policy.minPairs) {
    const release = presentRelease(facts.evidence);
    return `of epoch ${job.epoch}${release ? ` and release ${release}` : ''}, more have to land`;
  }
  return undefined;
}
