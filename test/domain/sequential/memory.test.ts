import { describe, expect, it } from 'vitest';
import {
  blockAutocorrelation,
  blockLengthFor,
  isIndependent,
  varianceInflation,
} from '../../../lib/domain/sequential/blocks.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import { autoregressive, foldRatios, SETTINGS, SYMMETRIC, seeded, shifted } from './pairs.ts';

const JOBS = 100;

function meanAutocorrelation(draw: (job: number) => number[]): number {
  let sum = 0;
  for (let job = 0; job < JOBS; job++) sum += judge(foldRatios(draw(job)), SETTINGS).numbers.autocorrelation;
  return sum / JOBS;
}

describe('measured autocorrelation', () => {
  it.each([0, 0.3, 0.5, 0.7])('of an autoregression of %d comes near it within 200 pairs', (correlation) => {
    const mean = meanAutocorrelation((job) => autoregressive(correlation, 0.4)(seeded('ar', correlation, job), 200));
    expect(mean).toBeGreaterThan(correlation - 0.07);
    // The larger of two measurements is a little too large where there is none, which is the safe side.
    expect(mean).toBeLessThan(correlation + 0.1);
  });

  it('is not raised much by a regression before that is noticed', () => {
    const mean = meanAutocorrelation((job) => shifted(SYMMETRIC.normal!(seeded('step', job), 78), 1, 60));
    expect(mean).toBeLessThan(0.22);
  });

  it('sees slow waves that hide under fresh noise', () => {
    const waves = (job: number) => {
      const fresh = SYMMETRIC.normal!(seeded('fresh', job), 240);
      return autoregressive(0.95, 0.5)(seeded('slow', job), 240).map((wave, i) => wave + fresh[i]!);
    };
    expect(meanAutocorrelation(waves)).toBeGreaterThan(0.35);
  });

  it('of a constant is none', () => {
    expect(meanAutocorrelation(() => Array.from({ length: 50 }, () => 0.2))).toBeCloseTo(0, 9);
  });
});

describe('blocks', () => {
  it.each([
    [0.5, 4],
    [0.5, 8],
    [0.7, 4],
    [0.7, 16],
  ])('of an autoregression of %d, %d long, are as alike and as spread as the formulas say', (correlation, length) => {
    const pairs = autoregressive(correlation, 1)(seeded('formula', correlation, length), 200_000);
    const sums: number[] = [];
    for (let i = 0; i + length <= pairs.length; i += length) {
      sums.push(pairs.slice(i, i + length).reduce((total, pair) => total + pair, 0));
    }
    const variance = sums.reduce((total, x) => total + x * x, 0) / sums.length;
    const products = sums.slice(1).reduce((total, x, i) => total + x * sums[i]!, 0) / sums.length;
    expect(variance / length / varianceInflation(correlation, length)).toBeCloseTo(1, 1);
    expect(Math.abs(products / variance - blockAutocorrelation(correlation, length))).toBeLessThan(0.04);
  });

  it('are as long as the correlation asks for, and single pairs while it is small', () => {
    expect([0, 0.2, 0.25].map((r) => blockLengthFor(r, 500))).toEqual([1, 1, 1]);
    expect([0.31, 0.5, 0.6, 0.7, 0.9].map((r) => blockLengthFor(r, 500))).toEqual([4, 8, 16, 16, 16]);
    expect(blockAutocorrelation(0.7, 16)).toBeLessThan(0.11);
    expect(varianceInflation(0.7, 1)).toBe(1);
  });

  it('are asked for sooner while little is known', () => {
    expect(isIndependent(0.2, 20)).toBe(false);
    expect(isIndependent(0.2, 100)).toBe(true);
    expect(isIndependent(0, 12)).toBe(false);
  });
});
