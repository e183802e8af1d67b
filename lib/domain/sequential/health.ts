/**
 * The test that promotes: an e-process against "new is at least `detectableRatio` times old" (Waudby-Smith and Ramdas
 * 2024, "Estimating means of bounded random variables by betting"), whose fraction is tuned to a job that is as fast as
 * before. What the bet is worth is a nonnegative supermartingale from 1 while the job is that slow, so it ever reaches
 * 1 / alpha with a chance of alpha at most, however often one looks and whatever one waits for.
 *
 * It runs over blocks of 1, 2, 4, 8 and 16 pairs side by side. Where pairs resemble their predecessors, a block's mean
 * resembles the one before it less; the least worth counts, of all lengths up to the one that is long enough. A minimum
 * can only delay, so for independent pairs the promise is that of single pairs, whatever is measured.
 */
import { BLOCK_LENGTHS, type BlockLength, varianceInflation } from './blocks.ts';
import { clamp } from './ratio.ts';
import { scoreOf, stakeFor } from './stakes.ts';

/** The test over blocks of one length. */
export interface HealthBlocks {
  worth: number;
  /** The sum of an unfinished block's first half, in spreads below the detectable ratio. */
  half: number;
}

/** So far a single pair counts in a block, in spreads. */
const CUT = 2.5;
/**
 * Good pairs of long ago must not outweigh the bad ones of today, nor the other way round. The lower bound gives back at
 * most 1e-4 a block, so it raises the chance of a false pass within n pairs to alpha (1 + n / 10,000) at most.
 */
const MOST = 1e4;
const LEAST = 1e-4;

export function emptyHealth(): HealthBlocks[] {
  return BLOCK_LENGTHS.map(() => ({ worth: 1, half: 0 }));
}

/**
 * `shortfall` is the pair's log-ratio below the detectable ratio, `margin` that of a job as fast as before, both in
 * spreads. Each length is fed with the blocks of half the length, so a pair touches two of them on average. `pairs`
 * counts this one.
 */
export function foldHealth(
  health: readonly HealthBlocks[],
  shortfall: number,
  { margin, autocorrelation, pairs }: { margin: number; autocorrelation: number; pairs: number },
): HealthBlocks[] {
  let finished: number | undefined = clamp(shortfall, CUT);
  let nextLength = 1;
  return health.map((blocks) => {
    if (finished === undefined) return blocks;
    const length = nextLength;
    nextLength *= 2;
    const sum = Math.fround(blocks.half + finished);
    finished = pairs % length === 0 ? sum : undefined;
    if (finished === undefined) return { worth: blocks.worth, half: sum };
    const spread = Math.sqrt(length * varianceInflation(autocorrelation, length));
    const worth = blocks.worth * (1 + stakeFor((margin * length) / spread) * scoreOf(sum / spread));
    return { worth: Math.fround(Math.min(MOST, Math.max(LEAST, worth))), half: 0 };
  });
}

export function healthEvidence(health: readonly HealthBlocks[], length: BlockLength): number {
  let least = Number.POSITIVE_INFINITY;
  let blockLength = 1;
  for (const { worth } of health) {
    if (blockLength <= length && worth < least) least = worth;
    blockLength *= 2;
  }
  return least;
}
