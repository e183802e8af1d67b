/**
 * Pairs for the tests of the sequential tests: settings without a floor, folds over lists of log-ratios, and the kinds of
 * symmetric noise that a healthy job may have. Seeded, so that a failure comes again.
 */
import { type Random, randomOf } from '../../../bench/decisions/random.ts';
import { foldPair } from '../../../lib/domain/sequential/fold.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import { DEFAULT_SETTINGS, type SequentialSettings } from '../../../lib/domain/sequential/settings.ts';
import { emptyState, type SequentialState } from '../../../lib/domain/sequential/state.ts';

export const SETTINGS: SequentialSettings = { ...DEFAULT_SETTINGS, floor: 0 };
export const TOLERATED = Math.log1p(SETTINGS.tolerance);
export const DETECTABLE = Math.log(SETTINGS.detectableRatio);

export function foldRatios(
  logRatios: readonly number[],
  settings: SequentialSettings = SETTINGS,
  state: SequentialState = emptyState(settings),
): SequentialState {
  return logRatios.reduce((folded, ratio) => foldPair(folded, 100, 100 * Math.exp(ratio), settings), state);
}

/** Every state on the way, from the first pair on. */
export function statesOf(logRatios: readonly number[], settings: SequentialSettings = SETTINGS): SequentialState[] {
  let state = emptyState(settings);
  return logRatios.map((ratio) => {
    state = foldPair(state, 100, 100 * Math.exp(ratio), settings);
    return state;
  });
}

/** The number of the first pair after which the judgement is this one. */
export function firstOutcome(logRatios: readonly number[], outcome: string): number | undefined {
  const at = statesOf(logRatios).findIndex((state) => judge(state, SETTINGS).outcome === outcome);
  return at < 0 ? undefined : at + 1;
}

export type Noise = (random: Random, length: number) => number[];

const drawn =
  (draw: (random: Random, i: number) => number): Noise =>
  (random, length) =>
    Array.from({ length }, (_, i) => draw(random, i));

/** Symmetric around zero, independent of the past, and otherwise as different as can be. */
export const SYMMETRIC: Record<string, Noise> = {
  normal: drawn(({ normal }) => 0.4 * normal()),
  'without any mean (Cauchy)': drawn(({ normal }) => (0.2 * normal()) / normal()),
  'of two values': drawn(({ uniform }) => (uniform() < 0.5 ? -0.3 : 0.3)),
  'of changing spread': drawn(({ normal }, i) => (i % 30 < 15 ? 0.05 : 0.9) * normal()),
};

export function autoregressive(correlation: number, spread: number): Noise {
  return ({ normal }, length) => {
    let noise = normal();
    return Array.from({ length }, () => {
      const now = noise;
      noise = correlation * noise + Math.sqrt(1 - correlation ** 2) * normal();
      return spread * now;
    });
  };
}

export function shifted(logRatios: readonly number[], by: number, from = 0): number[] {
  return logRatios.map((ratio, i) => (i < from ? ratio : ratio + by));
}

export function seeded(...name: (string | number)[]): Random {
  return randomOf('test', ...name);
}
