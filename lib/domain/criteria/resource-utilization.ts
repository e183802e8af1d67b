/** `resourceUtilization`: compute seconds and stored bytes are equal or better, above an absolute floor. */
import type { Policy } from '../policy.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { judgeBreaches, referenceFor } from './hard-limits.ts';
import { presentPairs } from './pairs.ts';

type ResourceLimits = Exclude<Policy['criteria']['resourceUtilization'], false>;

export function assessResources(facts: Case, limits: ResourceLimits): Verdict {
  const measured = presentPairs(facts)
    .map((pair) => {
      const old = referenceFor(facts, pair);
      const compute = exceeds(old.computeSeconds, pair.newComputeSeconds, limits.compute, 's compute');
      const storage = exceeds(old.storageBytes, pair.newStorageBytes, limits.storage, ' bytes stored');
      const breach = (compute ?? '') || (storage ?? '') || undefined;
      // A breach is proven by one figure; that there is none, only by all that either side reports.
      const oneSided =
        isOneSided(facts, old.computeSeconds, pair.newComputeSeconds) ||
        isOneSided(facts, old.storageBytes, pair.newStorageBytes);
      const silent = compute === undefined && storage === undefined;
      return breach !== undefined || !(oneSided || silent) ? { pair, breach } : undefined;
    })
    .filter((measure) => measure !== undefined);
  return judgeBreaches('resourceUtilization', facts, measured, limits, 'new uses no more than old');
}

/** One side says what it used and the other does not: that pair is not measured. A baseline holds what it holds. */
function isOneSided({ job }: Case, old: number | undefined, next: number | undefined): boolean {
  if (job.phase === 'cleanup') return old !== undefined && next === undefined;
  return (old === undefined) !== (next === undefined);
}

/** The breach in words, '' when there is none, `undefined` when a side reported nothing. */
function exceeds(
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
