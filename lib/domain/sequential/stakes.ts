/**
 * How both tests bet. A test refutes a hypothesis by betting against it: it stakes a fraction f of what it has on a score
 * s between -1 and 1 whose mean, given the past, is at most zero if the hypothesis holds, and then has 1 + f s times as
 * much. Nobody multiplies a stake by A that way more often than once in A attempts (Ville 1939). A pair multiplies by 1.95
 * at most, so a proof of 100,000 to 1 takes some 16 pairs, however gross the regression is: hard limits are faster.
 */
import { clamp } from './ratio.ts';

/** Below 1, so that a single outlier cannot lose everything. */
export const LARGEST_STAKE = 0.95;
/** A distance of so many standard deviations scores 1. */
const FULL_SCORE = 2;
/** Times the fraction that is best for a known normal spread: a little more shortens the median wait. */
const EAGERNESS = 1.2;

/** The score of an observation that lies so many standard deviations on the side that refutes the hypothesis. */
export function scoreOf(deviations: number): number {
  return clamp(deviations / FULL_SCORE, 1);
}

/** Kelly's fraction, if the mean lies `shift` standard deviations from what the hypothesis allows. */
export function stakeFor(shift: number): number {
  if (shift >= 1) return LARGEST_STAKE;
  return Math.min(LARGEST_STAKE, (EAGERNESS * FULL_SCORE * shift) / (1 + shift ** 2));
}
