/**
 * The state of the sequential tests of one measure of one job: 36 numbers, each a Float32, 144 bytes packed. It is folded
 * pair by pair, is part of the evidence, and begins anew with every epoch and every release of the new system. A state
 * that comes from the store is the same to the last bit as one that never left memory, because every number is rounded
 * to Float32 where it is computed.
 */
import { emptyHealth, type HealthBlocks } from './health.ts';
import { emptyMemory, type MemoryState } from './memory.ts';
import { emptyNoise, type NoiseState } from './noise.ts';
import { emptyRegression, type RegressionState } from './regression.ts';
import type { FoldSettings } from './settings.ts';

export interface SequentialState {
  /** What it was folded under; under other settings the landings have to be folded again. */
  under: FoldSettings;
  /** Pairs folded. */
  pairs: number;
  noise: NoiseState;
  memory: MemoryState;
  regression: RegressionState;
  /** One for each of `BLOCK_LENGTHS`. */
  health: readonly HealthBlocks[];
}

export function emptyState(settings: FoldSettings): SequentialState {
  return {
    under: rounded(settings),
    pairs: 0,
    noise: emptyNoise(),
    memory: emptyMemory(),
    regression: emptyRegression(),
    health: emptyHealth(),
  };
}

export function isFoldedUnder(state: SequentialState, settings: FoldSettings): boolean {
  const { tolerance, detectableRatio, floor } = rounded(settings);
  const { under } = state;
  return under.tolerance === tolerance && under.detectableRatio === detectableRatio && under.floor === floor;
}

function rounded({ tolerance, detectableRatio, floor }: FoldSettings): FoldSettings {
  return {
    tolerance: Math.fround(tolerance),
    detectableRatio: Math.fround(detectableRatio),
    floor: Math.fround(floor),
  };
}
