/**
 * The two tests, on blocks of one length. Both bet on the score s of each block, a number from -1 to 1 whose mean is at
 * most zero under what they try to refute, and multiply what they have staked by 1 + f s.
 *
 * - `health` (e-process; Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting") bets
 *   against "new is at least `detectableRatio` times old". It is a nonnegative supermartingale from 1, so it ever
 *   reaches 1 / alpha with probability alpha at most (Ville), however often one looks.
 * - `tuned`, `patient`, `eager` (e-detector of Shiryaev-Roberts type; Shin, Ramdas and Rinaldo 2023, "E-detectors: a
 *   nonparametric framework for sequential change detection") bet against "new is at most `1 + tolerance` times old".
 *   A new bet of 1 in all starts with every block, since a regression may begin at any; their sum minus the number of
 *   blocks is a supermartingale, so the mean time until it reaches A without a regression is A blocks or more.
 */
import { BLOCK_LENGTHS, varianceInflation } from './blocks.ts';
import { clamp } from './ratio.ts';

export interface BlockState {
  tuned: number;
  patient: number;
  eager: number;
  health: number;
  /** The sums of an unfinished block's first half, in spreads: above the tolerance, below the detectable ratio. */
  above: number;
  below: number;
}

/** A pair or a block, in spreads: how far above the tolerance, how far below the detectable ratio. */
export interface Distance {
  above: number;
  below: number;
}

/** The fraction that is bet follows the distance of the two hypotheses in spreads; two fixed ones stand beside it for slow drifts and gross steps. */
const STAKES = { tuned: 0.6, patient: 0.2, eager: 0.2 };
const PATIENT = 0.3;
const LARGEST = 0.95;
/** A distance of so many spreads scores 1. */
const FULL_SCORE = 2;
/** Of the fraction that is best for a known normal spread: a little more shortens the median wait. */
const EAGERNESS = 1.2;

/** Room for any threshold, and a bound on how long a past regression is held against a job. */
const MOST_REGRESSION = 1e12;
/**
 * Good pairs of long ago must not outweigh the bad ones of today, nor the other way round. The lower bound gives back at
 * most 1e-4 a block, so it raises the chance of a false pass within n pairs to alpha (1 + n / 10,000) at most.
 */
const MOST_HEALTH = 1e4;
const LEAST_HEALTH = 1e-4;

export function emptyBlocks(): BlockState[] {
  return BLOCK_LENGTHS.map(() => ({ tuned: 0, patient: 0, eager: 0, health: 1, above: 0, below: 0 }));
}

/**
 * One pair into the blocks of all lengths. Each length is fed with the blocks of half the length, so a pair touches two
 * of them on average. `pairs` counts this one; `gap` is the distance of the two hypotheses and `margin` that of equal
 * systems from the detectable ratio, both in spreads.
 */
export function foldBlocks(
  blocks: readonly BlockState[],
  pair: Distance,
  pairs: number,
  { gap, margin, autocorrelation }: { gap: number; margin: number; autocorrelation: number },
): BlockState[] {
  let whole: Distance | undefined = pair;
  let length = 1;
  return blocks.map((block) => {
    if (whole === undefined) return block;
    const above = Math.fround(block.above + whole.above);
    const below = Math.fround(block.below + whole.below);
    const size = length;
    length *= 2;
    whole = pairs % size === 0 ? { above, below } : undefined;
    if (whole === undefined) return { ...block, above, below };
    const deviation = Math.sqrt(size * (size === 1 ? 1 : varianceInflation(autocorrelation, size)));
    const scaled = size / deviation;
    const harm = clamp(above / deviation / FULL_SCORE, 1);
    const good = clamp(below / deviation / FULL_SCORE, 1);
    return {
      tuned: stake(block.tuned, STAKES.tuned, fractionFor(gap * scaled), harm),
      patient: stake(block.patient, STAKES.patient, PATIENT, harm),
      eager: stake(block.eager, STAKES.eager, LARGEST, harm),
      health: Math.fround(
        Math.min(MOST_HEALTH, Math.max(LEAST_HEALTH, block.health * (1 + fractionFor(margin * scaled) * good))),
      ),
      above: 0,
      below: 0,
    };
  });
}

export function regressionEvidence(block: BlockState): number {
  return block.tuned + block.patient + block.eager;
}

function stake(before: number, added: number, fraction: number, score: number): number {
  return Math.fround(Math.min(MOST_REGRESSION, (before + added) * (1 + fraction * score)));
}

/** Kelly's fraction for a normal score whose mean is `shift` standard deviations. */
function fractionFor(shift: number): number {
  if (shift >= 1) return LARGEST;
  return Math.min(LARGEST, (EAGERNESS * FULL_SCORE * shift) / (1 + shift ** 2));
}
