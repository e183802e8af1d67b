/** What the tests promise, checked by simulation under the hypotheses that they try to refute. */
import { describe, expect, it } from 'vitest';
import { isIndependent } from '../../../lib/domain/sequential/blocks.ts';
import { regressionEvidence } from '../../../lib/domain/sequential/regression.ts';
import type { SequentialState } from '../../../lib/domain/sequential/state.ts';
import { DETECTABLE, SETTINGS, SYMMETRIC, seeded, shifted, statesOf, TOLERATED } from './pairs.ts';

const JOBS = 600;

describe.each(Object.entries(SYMMETRIC))('under noise %s', (name, noise) => {
  it('bets on a regression are fair for a job at the tolerance, and lose below it', () => {
    const at = meanFactor(name, (random) => shifted(noise(random, 60), TOLERATED), regressionFactor);
    expect(Math.abs(at.mean - 1)).toBeLessThan(4 * at.error);
    const below = meanFactor(name, (random) => noise(random, 60), regressionFactor);
    expect(below.mean).toBeLessThan(1 + 3 * below.error);
    expect(below.mean).toBeLessThan(at.mean);
  });

  it('bets on health are fair for a job that is as slow as the detectable ratio, and lose above it', () => {
    const at = meanFactor(name, (random) => shifted(noise(random, 60), DETECTABLE), healthFactor);
    expect(Math.abs(at.mean - 1)).toBeLessThan(4 * at.error);
    const above = meanFactor(name, (random) => shifted(noise(random, 60), DETECTABLE + 0.1), healthFactor);
    expect(above.mean).toBeLessThan(1 + 3 * above.error);
    expect(above.mean).toBeLessThan(at.mean);
  });

  it('a job at the tolerance is not condemned more often than the threshold says', () => {
    const threshold = 200;
    const landings = 60;
    let condemned = 0;
    for (let job = 0; job < JOBS; job++) {
      const states = statesOf(shifted(noise(seeded(name, 'condemned', job), landings), TOLERATED));
      if (states.some((state) => regressionOf(state) >= threshold)) condemned += 1;
    }
    // E[worth at T] <= E[T], so the chance of an alarm within n pairs is at most n / threshold.
    const most = landings / threshold;
    expect(condemned / JOBS).toBeLessThan(most + 3 * Math.sqrt((most * (1 - most)) / JOBS));
  });

  it('a job as slow as the detectable ratio does not pass more often than alpha, however long one waits for it', () => {
    let passed = 0;
    for (let job = 0; job < JOBS; job++) {
      const states = statesOf(shifted(noise(seeded(name, 'passed', job), 200), DETECTABLE));
      if (states.some((state) => healthOf(state) >= 1 / SETTINGS.alpha)) passed += 1;
    }
    const most = SETTINGS.alpha * (1 + 200 / 10_000);
    expect(passed / JOBS).toBeLessThan(most + 3 * Math.sqrt((most * (1 - most)) / JOBS));
  });
});

type Factor = (before: SequentialState, after: SequentialState) => number | undefined;

/** Of all bets that run, those that start with this pair among them. */
const regressionFactor: Factor = (before, after) => regressionOf(after) / (regressionOf(before) + 1);

/** Where neither bound holds the worth back. */
const healthFactor: Factor = (before, after) =>
  healthOf(before) > 0.01 && healthOf(after) < 9_999 ? healthOf(after) / healthOf(before) : undefined;

function regressionOf({ regression }: SequentialState): number {
  return regressionEvidence(regression, isIndependent(0, 1000));
}

function healthOf({ health }: SequentialState): number {
  return health[0]!.worth;
}

function meanFactor(name: string, draw: (random: ReturnType<typeof seeded>) => number[], factor: Factor) {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let job = 0; job < JOBS; job++) {
    const states = statesOf(draw(seeded(name, 'factor', job)));
    for (let i = 1; i < states.length; i++) {
      const value = factor(states[i - 1]!, states[i]!);
      if (value === undefined) continue;
      count += 1;
      sum += value;
      squares += value ** 2;
    }
  }
  const mean = sum / count;
  return { mean, error: Math.sqrt((squares / count - mean ** 2) / count) };
}
