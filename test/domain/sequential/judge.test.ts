import { describe, expect, it } from 'vitest';
import {
  describeGuarantee,
  describeJudgement,
  falseDemotionsPerYear,
  thresholdFor,
} from '../../../lib/domain/sequential/guarantee.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import { autoregressive, firstOutcome, foldRatios, SETTINGS, SYMMETRIC, seeded, shifted } from './pairs.ts';

const always = (ratio: number, length: number) => Array.from({ length }, () => Math.log(ratio));
const noisy = (length: number, ...name: (string | number)[]) => SYMMETRIC.normal!(seeded(...name), length);

describe('a judgement', () => {
  it('is missing until there are as many pairs as the policy asks for', () => {
    expect(judge(foldRatios(always(1, 23)), SETTINGS).outcome).toBe('missing');
    expect(judge(foldRatios(always(1, 24)), SETTINGS).outcome).toBe('pass');
    expect(judge(foldRatios([]), SETTINGS)).toMatchObject({ outcome: 'missing', numbers: { pairs: 0, health: 1 } });
  });

  it('is missing when the state was folded under other settings', () => {
    const state = foldRatios(always(1, 30));
    expect(judge(state, { ...SETTINGS, tolerance: 0.1 }).outcome).toBe('missing');
    expect(judge(state, { ...SETTINGS, alpha: 0.01 }).outcome).toBe('pass');
  });

  it.each([
    [1.04, 'pass'],
    [1.06, 'fail'],
    [1.5, 'fail'],
    [0.5, 'pass'],
  ])('of a measure without noise, %d times the old one, is %s in the end', (ratio, outcome) => {
    expect(judge(foldRatios(always(ratio, 300)), SETTINGS).outcome).toBe(outcome);
  });

  it('fails soon after a doubling, never before 18 pairs of it, and says the typical ratio', () => {
    for (let job = 0; job < 20; job++) {
      const list = shifted(noisy(200, 'doubling', job), Math.log(2), 60);
      const at = firstOutcome(list, 'fail')!;
      expect(at).toBeGreaterThanOrEqual(60 + 17);
      expect(at).toBeLessThan(60 + 60);
    }
  });

  it('passes a healthy job, and does not fail it', () => {
    for (let job = 0; job < 20; job++) {
      const list = noisy(240, 'healthy', job);
      expect(firstOutcome(list, 'pass')).toBeLessThan(120);
      expect(firstOutcome(list, 'fail')).toBeUndefined();
    }
  });

  it('withholds a pass on a suspicion that is half-way to a proof', () => {
    const list = shifted(noisy(400, 'suspicion'), Math.log(1.15), 300);
    const suspected = foldRatios(list.slice(0, 380));
    const { outcome, numbers } = judge(suspected, { ...SETTINGS, threshold: 1e9 });
    expect(numbers.health).toBeGreaterThan(numbers.neededHealth);
    expect(judge(suspected, { ...SETTINGS, threshold: numbers.regression ** 2 * 1.01 }).outcome).toBe('pass');
    expect(judge(suspected, { ...SETTINGS, threshold: numbers.regression ** 2 * 0.99 }).outcome).toBe('inconclusive');
    expect(outcome).not.toBe('fail');
  });

  it('forgets good pairs of long ago', () => {
    const list = shifted(noisy(1000, 'forgets'), Math.log(1.4), 500);
    expect(judge(foldRatios(list.slice(0, 500)), SETTINGS).outcome).toBe('pass');
    expect(judge(foldRatios(list.slice(0, 560)), SETTINGS).outcome).not.toBe('pass');
  });

  it('scores blocks where pairs resemble their predecessors, and shows why', () => {
    const { numbers } = judge(foldRatios(autoregressive(0.7, 0.5)(seeded('blocks'), 200)), SETTINGS);
    expect(numbers.autocorrelation).toBeGreaterThan(0.5);
    expect(numbers.blockLength).toBeGreaterThanOrEqual(8);
    expect(numbers.blockAutocorrelation).toBeLessThan(0.2);
    expect(judge(foldRatios(noisy(200, 'no blocks')), SETTINGS).numbers.blockLength).toBe(1);
  });
});

describe('in words', () => {
  const fleet = { jobs: 50_000, landingsPerYear: 8760, measures: 3 };

  it('a threshold is a number of false demotions a year, and the other way round', () => {
    expect(falseDemotionsPerYear(fleet, 1e5)).toBeCloseTo(13_140);
    expect(falseDemotionsPerYear(fleet, thresholdFor(fleet, 12))).toBeCloseTo(12);
  });

  it('a guarantee names both rates, for the fleet', () => {
    expect(describeGuarantee(SETTINGS, fleet)).toBe(
      'a job that is at most 5 % slower is demoted at most once in 100,000 landings in the mean: with 50,000 jobs, 8,760 landings a year and 3 measures each, at most 13,140 false demotions a year if all were that slow; a job that is 1.3 times slower passes with a chance of at most 5 %, however often one looks',
    );
  });

  it('a judgement shows what was seen and what is asked for', () => {
    expect(describeJudgement(judge(foldRatios(always(1.2, 10)), SETTINGS), SETTINGS)).toBe(
      'new is 1.20 times old (typical of 10 pairs, spread 44 %); evidence of more than 5 %: 13 of 100,000; evidence against 1.3 times: 1.5 of 20; autocorrelation 0.00, so blocks of 2 (0.00); 10 of 24 pairs',
    );
    const dependent = judge(foldRatios(autoregressive(0.7, 0.5)(seeded('words'), 200)), SETTINGS);
    expect(describeJudgement(dependent, SETTINGS)).toMatch(/autocorrelation 0\.\d\d, so blocks of (8|16) \(0\.\d\d\)$/);
  });
});
