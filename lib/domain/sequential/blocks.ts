/**
 * Blocks of 1, 2, 4, 8 or 16 pairs, and which length a measured autocorrelation asks for. Means of successive blocks
 * resemble each other less the longer the blocks are; how much less is taken from a first-order autoregression, the
 * least that a lag-1 figure implies.
 */

export const BLOCK_LENGTHS = [1, 2, 4, 8, 16] as const;
export type BlockLength = (typeof BLOCK_LENGTHS)[number];

/** Pairs that resemble their predecessors less than this count as independent; early on less is allowed, since less is known. */
const LIMIT = 0.3;
const CAUTION = 6;
/** Where blocks are needed, they are so long that their means resemble each other at most this much. */
const BLOCK_LIMIT = 0.11;

export function isIndependent(autocorrelation: number, pairs: number): boolean {
  return autocorrelation <= LIMIT - CAUTION / pairs;
}

export function blockLengthFor(autocorrelation: number, pairs: number): BlockLength {
  if (isIndependent(autocorrelation, pairs)) return 1;
  const longEnough = BLOCK_LENGTHS.find(
    (length) => length > 1 && blockAutocorrelation(autocorrelation, length) <= BLOCK_LIMIT,
  );
  return longEnough ?? 16;
}

/** Lag-1 autocorrelation of the means of successive blocks. */
export function blockAutocorrelation(autocorrelation: number, length: number): number {
  const r = bounded(autocorrelation);
  const rest = 1 - r ** length;
  return (r * rest ** 2) / (length * (1 - r ** 2) - 2 * r * rest);
}

/** How many times the variance of a sum of `length` pairs exceeds that of independent ones. */
export function varianceInflation(autocorrelation: number, length: number): number {
  if (length === 1) return 1;
  const r = bounded(autocorrelation);
  return (1 + r) / (1 - r) - (2 * r * (1 - r ** length)) / (length * (1 - r) ** 2);
}

function bounded(autocorrelation: number): number {
  return Math.min(0.95, Math.max(0, autocorrelation));
}
