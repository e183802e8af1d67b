/**
 * One pair of measures into the state of its sequential tests. The evidence's fold calls it once for every measured pair
 * of the present epoch and release, in the order of their completion; pure, and a function of nothing but its arguments.
 *
 * What is assumed of a healthy job's pairs: given what came before, the log-ratio is distributed symmetrically around a
 * centre that is no higher than the tolerance. Two systems that are equally fast under the same kind of noise fulfil it
 * exactly, for exchanging them exchanges the sign. No shape, variance or moment is assumed. For the promotion's test
 * the centre is at least the detectable ratio instead.
 */
import { foldHealth } from './health.ts';
import { autocorrelationOf, foldMemory } from './memory.ts';
import { foldNoise, spreadOf } from './noise.ts';
import { logRatio } from './ratio.ts';
import { foldRegression } from './regression.ts';
import type { FoldSettings } from './settings.ts';
import type { SequentialState } from './state.ts';

/** The same state when a side is not a measure. `settings` have to be those that the state was begun with. */
export function foldPair(state: SequentialState, old: number, next: number, settings: FoldSettings): SequentialState {
  const ratio = logRatio(old, next, settings.floor);
  if (ratio === undefined) return state;
  const { under, pairs, noise, memory, regression, health } = state;
  // Both know only the pairs before this one, which is what makes every bet on it a fair one.
  const autocorrelation = autocorrelationOf(memory, pairs);
  const spread = spreadOf(noise, autocorrelation);

  const tolerated = Math.log1p(settings.tolerance);
  const detectable = Math.log(settings.detectableRatio);
  return {
    under,
    pairs: pairs + 1,
    noise: foldNoise(noise, ratio, pairs),
    memory: foldMemory(memory, ratio, spread, pairs),
    regression: foldRegression(regression, ratio - tolerated, {
      pairs,
      previous: noise.previous - tolerated,
      spread,
      autocorrelation,
      gap: detectable - tolerated,
    }),
    health: foldHealth(health, (detectable - ratio) / spread, {
      margin: detectable / spread,
      autocorrelation,
      pairs: pairs + 1,
    }),
  };
}
