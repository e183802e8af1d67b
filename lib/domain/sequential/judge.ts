/**
 * What a state of the sequential tests says: a regression is proven, the detectable one is ruled out, or neither. Called
 * by the criteria at every sweep; looking often costs nothing, which is the point of these tests.
 */
import { type BlockLength, blockAutocorrelation, blockLengthFor, isIndependent } from './blocks.ts';
import { healthEvidence } from './health.ts';
import { autocorrelationOf } from './memory.ts';
import { spreadOf } from './noise.ts';
import { regressionEvidence } from './regression.ts';
import type { SequentialSettings } from './settings.ts';
import { isFoldedUnder, type SequentialState } from './state.ts';

/** Everything that a verdict shows. */
export interface SequentialNumbers {
  pairs: number;
  neededPairs: number;
  /** Typical new over old, floors included. */
  ratio: number;
  /** Standard deviation of the log-ratio of a pair. */
  spread: number;
  /** Evidence that new is worse than the tolerance; at `threshold` it is proven. */
  regression: number;
  threshold: number;
  /** Evidence that new is not as slow as the detectable ratio; at `neededHealth` that is ruled out. */
  health: number;
  neededHealth: number;
  /** Lag-1 autocorrelation of pairs, as measured, and of the blocks that are scored, as it implies. */
  autocorrelation: number;
  blockAutocorrelation: number;
  blockLength: BlockLength;
}

/** `missing`: too few pairs for a pass, or a state that was folded under other settings. */
export interface Judgement {
  outcome: 'fail' | 'pass' | 'inconclusive' | 'missing';
  numbers: SequentialNumbers;
}

export function judge(state: SequentialState, settings: SequentialSettings): Judgement {
  const numbers = numbersOf(state, settings);
  return { outcome: isFoldedUnder(state, settings) ? outcomeOf(numbers) : 'missing', numbers };
}

function outcomeOf(numbers: SequentialNumbers): Judgement['outcome'] {
  const { regression, threshold, health, neededHealth, pairs, neededPairs } = numbers;
  if (regression >= threshold) return 'fail';
  if (pairs < neededPairs) return 'missing';
  // Half-way to a proof, on the scale of its logarithm: nothing is promoted on a suspicion like that.
  const suspicious = regression >= Math.sqrt(threshold);
  return health >= neededHealth && !suspicious ? 'pass' : 'inconclusive';
}

function numbersOf(state: SequentialState, settings: SequentialSettings): SequentialNumbers {
  const { pairs, noise, memory, regression, health } = state;
  const autocorrelation = autocorrelationOf(memory, pairs);
  const blockLength = blockLengthFor(autocorrelation, pairs);
  return {
    pairs,
    neededPairs: settings.minPairs,
    ratio: Math.exp(memory.level),
    spread: spreadOf(noise, autocorrelation),
    regression: regressionEvidence(regression, isIndependent(autocorrelation, pairs)),
    threshold: settings.threshold,
    health: healthEvidence(health, blockLength),
    neededHealth: 1 / settings.alpha,
    autocorrelation,
    blockAutocorrelation: blockLength === 1 ? autocorrelation : blockAutocorrelation(autocorrelation, blockLength),
    blockLength,
  };
}
