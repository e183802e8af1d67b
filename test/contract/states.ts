/** States of the sequential tests, for what packs them. */
import { foldPair } from '../../lib/domain/sequential/fold.ts';
import { emptyState } from '../../lib/domain/sequential/state.ts';

const SETTINGS = { tolerance: 0.05, detectableRatio: 1.3, floor: 60 };

/** States as they are after so many pairs, which no list of numbers could be taken for. */
export const stateAfter = (pairs: number) => {
  let state = emptyState(SETTINGS);
  for (let i = 0; i < pairs; i++) state = foldPair(state, 600, 600 * Math.exp(0.3 * Math.sin(i * i)), SETTINGS);
  return state;
};
