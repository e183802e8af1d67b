/**
 * A pair as one number: the logarithm of new over old, so that units cancel, twice as slow and twice as fast are equally
 * far from zero, and load that moves both sides alike (a busy Monday, a large partition) drops out.
 */

/** e^10 is a factor of 22,026: beyond it a pair says no more than "far slower". */
const LIMIT = 10;
/** Keeps the ratio of two zeros defined where a policy sets no floor. */
const SMALLEST = 1e-9;
const LARGEST = 1e15;

/** `undefined` when a side is no measure at all (not a number, or negative): such a pair says nothing. */
export function logRatio(old: number, next: number, floor: number): number | undefined {
  if (!(old >= 0 && next >= 0)) return undefined;
  const above = Math.min(next, LARGEST) + Math.max(floor, SMALLEST);
  const below = Math.min(old, LARGEST) + Math.max(floor, SMALLEST);
  return clamp(Math.log(above / below), LIMIT);
}

export function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
