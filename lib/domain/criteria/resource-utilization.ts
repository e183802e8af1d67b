/** `resourceUtilization`: compute seconds and stored bytes, each judged for itself, are equal or better. */
import { countingRules } from '../counting.ts';
import { isComparablePair, type Pair } from '../evidence/pair.ts';
import type { Policy } from '../policy.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { type Finding, verdictFrom } from './finding.ts';
import { findGap, withGap } from './gaps.ts';
import {
  judgeBreaches,
  judgeLimits,
  limitsJudgeAlone,
  type Measured,
  measureNewest,
  pairsNeeded,
  referenceFor,
} from './hard-limits.ts';
import { judgeTest } from './judge-test.ts';
import type { Present } from './pairs.ts';

type ResourceLimits = Exclude<Policy['criteria']['resourceUtilization'], false>;

const FINE = 'new uses no more than old';

export function assessResources(facts: Case, present: Present, limits: ResourceLimits): Verdict {
  const { tally } = present;
  const cleanup = facts.job.phase === 'cleanup';
  // Of another input, another cost; and what was frozen for cleanup is that of runs that were due.
  const pairs = present.pairs.filter((pair) => pair.outcome !== 'incomparable' && !(cleanup && pair.backfill));
  const alone = limitsJudgeAlone(facts, limits);
  const measured = measureNewest(pairs, limits.of, (pair) => measureUse(facts, pair, limits, alone));
  if (alone) {
    const found = judgeLimits(facts, measured, limits, FINE);
    const told = cleanup ? pairs : pairs.filter(isComparablePair);
    const gap = findGap(told, (pair) => isHalfReported(facts, pair));
    return verdictFrom('resourceUtilization', [withGap(found, gap)], pairsNeeded(facts, limits));
  }
  const tests = countingRules(facts.policy)
    .measures.filter(({ key }) => key === 'compute' || key === 'storage')
    .map((measure) => judgeTest(facts, tally, measure, pairs))
    .filter((finding) => finding !== undefined);
  const none: Finding = { outcome: 'missing', message: 'both systems have to report compute or storage', pairs: 0 };
  const gross = judgeBreaches(measured, limits.gross, FINE);
  return verdictFrom('resourceUtilization', [...(tests.length > 0 ? tests : [none]), gross], facts.policy.minPairs);
}

/** Backfilled pairs, too, beside the old system's: they cost what they cost. */
function measureUse(facts: Case, pair: Pair, limits: ResourceLimits, alone: boolean): Measured | undefined {
  const old = referenceFor(facts, pair);
  const limitOf = ({ ratio, floor }: { ratio: number; floor: number }) => ({
    ratio: alone ? ratio : limits.gross.ratio,
    floor,
  });
  const compute = exceeds(old.computeSeconds, pair.newComputeSeconds, limitOf(limits.compute), 's compute');
  const storage = exceeds(old.storageBytes, pair.newStorageBytes, limitOf(limits.storage), ' bytes stored');
  const breach = (compute ?? '') || (storage ?? '') || undefined;
  // A breach is proven by one figure; that there is none, only by all that either side reports.
  const oneSided = isHalfReported(facts, pair);
  const silent = compute === undefined && storage === undefined;
  return breach !== undefined || !(oneSided || silent) ? { pair, breach } : undefined;
}

function isHalfReported(facts: Case, pair: Pair): boolean {
  const old = referenceFor(facts, pair);
  return (
    isOneSided(facts, old.computeSeconds, pair.newComputeSeconds) ||
    isOneSided(facts, old.storageBytes, pair.newStorageBytes)
  );
}

/** One side says what it used and the other does not: that pair is not measured. A baseline holds what it holds. */
function isOneSided({ job }: Case, old: number | undefined, next: number | undefined): boolean {
  if (job.phase === 'cleanup') return old !== undefined && next === undefined;
  return (old === undefined) !== (next === undefined);
}

/** The breach in words, '' when there is none, `undefined` when a side reported nothing. */
export function exceeds(
  old: number | undefined,
  next: number | undefined,
  limit: { ratio: number; floor: number },
  unit: string,
): string | undefined {
  if (old === undefined || next === undefined) return undefined;
  const breached = next > old * limit.ratio && next - old >= limit.floor;
  const figure = (n: number) => Number(n.toPrecision(4));
  return breached ? `${figure(next)}${unit} against ${figure(old)} (x ${limit.ratio} allowed)` : '';
}
