/**
 * How noisy a job's log-ratios are, from the differences of successive ones: a lasting change of level enters one
 * difference only, so a regression does not widen the scale that it is measured by. Each squared difference is cut at 2.25
 * times the present estimate (Huber's proposal, made recursive), so that a rare outlier does not either. The tests stay
 * valid under any scale that knows only the past; a good one makes them fast.
 */

export interface NoiseState {
  /** Of a log-ratio, if successive ones are independent. */
  variance: number;
  /** The newest log-ratio. */
  previous: number;
}

/** Wide on purpose: a scale that is too wide bets too little for some pairs, one that is too narrow loses its stake. */
const PRIOR_VARIANCE = 0.64;
const PRIOR_PAIRS = 4;
/** Pairs that are remembered. */
const MEMORY = 96;
const CUT = 2.25;
/** 1 / E[min(Z^2, CUT)] for a standard normal Z. */
const CORRECTION = 1.2847;
/** A spread below 2 % is taken for 2 %: steadier than that, what matters is the tolerance. */
const SMALLEST_SPREAD = 0.02;

export function emptyNoise(): NoiseState {
  return { variance: Math.fround(PRIOR_VARIANCE), previous: 0 };
}

/** `pairs` is the number of pairs before this one. */
export function foldNoise({ variance, previous }: NoiseState, logRatio: number, pairs: number): NoiseState {
  const newest = Math.fround(logRatio);
  if (pairs === 0) return { variance, previous: newest };
  const squared = (newest - previous) ** 2 / 2;
  const observed = Math.min(squared, CUT * variance) * CORRECTION;
  const weight = Math.min(pairs + PRIOR_PAIRS, MEMORY);
  return { variance: Math.fround(variance + (observed - variance) / weight), previous: newest };
}

/** The standard deviation of a log-ratio. Positive autocorrelation makes successive ones alike, which hides a part of it. */
export function spreadOf({ variance }: NoiseState, autocorrelation: number): number {
  const hidden = 1 - Math.min(0.9, Math.max(0, autocorrelation));
  return Math.max(SMALLEST_SPREAD, Math.sqrt(variance / hidden));
}
