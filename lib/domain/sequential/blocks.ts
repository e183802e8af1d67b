/**
 * Blocks of 1, 2, 4, 8 or 16 pairs, each of which is scored as one. Means of successive blocks resemble each other less
 * the longer the blocks are; the tests run over every length side by side, and this file says which length a measured
 * autocorrelation asks for. It takes the pairs for a first-order autoregression, the least that a lag-1 figure implies.
 */

export const BLOCK_LENGTHS = [1, 2, 4, 8, 16] as const;
export type BlockLength = (typeof BLOCK_LENGTHS)[number];

/** Pairs that resemble each other less than this are scored one by one; early on less is allowed, since less is known. */
const LIMIT = 0.3;
const CAUTION = 4;
/** Where blocks are needed, they are made long enough that their means resemble each other at most this much. */
const BLOCK_LIMIT = 0.11;

/** How many times the variance of a sum of `length` pairs exceeds that of independent ones. */
export function varianceInflation(autocorrelation: number, length: number): number {
  const r = bounded(autocorrelation);
  return (1 + r) / (1 - r) - (2 * r * (1 - r ** length)) / (length * (1 - r) ** 2);
}

/** Lag-1 autocorrelation of the means of successive blocks. */
export function blockAutocorrelation(autocorrelation: number, length: number): number {
  const r = bounded(autocorrelation);
  const rest = 1 - r ** length;
  return (r * rest ** 2) / (length * (1 - r ** 2) - 2 * r * rest);
}

export function blockLengthFor(autocorrelation: number, pairs: number): BlockLength {
  if (autocorrelation <= autocorrelationLimit(pairs)) return 1;
  for (const length of BLOCK_LENGTHS) {
    if (length > 1 && blockAutocorrelation(autocorrelation, length) <= BLOCK_LIMIT) return length;
  }
  return 16;
}

/** What the autocorrelation of single pairs may be. */
export function autocorrelationLimit(pairs: number): number {
  return LIMIT - CAUTION / Math.max(1, pairs);
}

function bounded(autocorrelation: number): number {
  return Math.min(0.95, Math.max(0, autocorrelation));
}
