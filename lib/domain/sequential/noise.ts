/**
 * How noisy a job's log-ratios are, from the differences of successive ones: a lasting change of level enters one
 * difference only, so a regression does not widen the scale that it is measured by. Each squared difference is cut at 2.25
 * times the present estimate (Huber's proposal, made recursive), so that a rare outlier does not either. The tests stay
 * valid under any scale that knows only the past; a good one makes them fast.
 */

export interface NoiseState {
  /** Of a log-ratio, as observed, if successive ones are independent. */
  variance: number;
  /** The newest log-ratio. */
  previous: number;
}

/**
 * What is taken for known before anything is: wide on purpose, since a scale that is too wide bets too little for some
 * pairs, and one that is too narrow loses its stake. It fades away, so that a measure without noise is seen to have none.
 */
const PRIOR_VARIANCE = 0.64;
const PRIOR_PAIRS = 4;
const PRIOR_FADES = 40;
/** Differences that are remembered. */
const MEMORY = 96;
const CUT = 2.25;
/** 1 / E[min(Z^2, CUT)] for a standard normal Z. */
const CORRECTION = 1.2847;
/** A spread below 2 % is taken for 2 %: steadier than that, what matters is the tolerance. */
const SMALLEST_SPREAD = 0.02;

export function emptyNoise(): NoiseState {
  return { variance: 0, previous: 0 };
}

/** `pairs` is the number of pairs before this one. */
export function foldNoise(noise: NoiseState, logRatio: number, pairs: number): NoiseState {
  const newest = Math.fround(logRatio);
  if (pairs === 0) return { variance: noise.variance, previous: newest };
  const squared = (newest - noise.previous) ** 2 / 2;
  const cut = CUT * Math.max(SMALLEST_SPREAD ** 2, varianceOf(noise, pairs));
  const observed = Math.min(squared, cut) * CORRECTION;
  const variance = noise.variance + (observed - noise.variance) / Math.min(pairs, MEMORY);
  return { variance: Math.fround(variance), previous: newest };
}

/** The standard deviation of a log-ratio. Positive autocorrelation makes successive ones alike, which hides a part of it. */
export function spreadOf(noise: NoiseState, autocorrelation: number, pairs: number): number {
  const hidden = 1 - Math.min(0.9, Math.max(0, autocorrelation));
  return Math.max(SMALLEST_SPREAD, Math.sqrt(varianceOf(noise, pairs) / hidden));
}

function varianceOf({ variance }: NoiseState, pairs: number): number {
  const differences = Math.max(0, pairs - 1);
  const prior = PRIOR_PAIRS * Math.max(0, 1 - differences / PRIOR_FADES);
  return (prior * PRIOR_VARIANCE + differences * variance) / (prior + differences);
}
