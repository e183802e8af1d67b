/** The rules that the benchmark compares with, held to their documentation, and the benchmark itself to its seed. */
import { describe, expect, it } from 'vitest';
import { bestDelay } from '../../../bench/decisions/lorden.ts';
import { drawTrace, NOISE_MODELS } from '../../../bench/decisions/noise.ts';
import { crossfade } from '../../../bench/decisions/rules/crossfade.ts';
import { kayenta } from '../../../bench/decisions/rules/kayenta.ts';
import { medianRatio, mostOfWindow } from '../../../bench/decisions/rules/ratios.ts';
import { argoLanding, flagger } from '../../../bench/decisions/rules/rollouts.ts';
import { FAIL, PASS, type Rule } from '../../../bench/decisions/rules/rule.ts';
import { simulate } from '../../../bench/decisions/simulate.ts';
import { seeded } from './pairs.ts';

const model = (name: string) => NOISE_MODELS.find((known) => known.name === name)!;

function answers(rule: Rule, ratios: readonly number[]): number[] {
  const watch = rule.watch();
  return ratios.map((ratio) => watch(100, 100 * ratio));
}

const times = (count: number, ratio: number) => Array.from({ length: count }, () => ratio);

describe('the comparators', () => {
  it('kayenta: the test, its interval and its effect size, as computed from all differences', () => {
    const trace = { old: new Float64Array(200), next: new Float64Array(200) };
    let high = 0;
    for (let job = 0; job < 30; job++) {
      drawTrace(model('lognormal-0.5'), seeded('kayenta', job), trace, 200);
      const watch = kayenta.watch();
      for (let i = 0; i < 200; i++) {
        trace.next[i]! *= 1.5;
        const answer = watch(trace.old[i]!, trace.next[i]!);
        if (i < 23) continue;
        const excess = highness(trace.old.slice(i - 23, i + 1), trace.next.slice(i - 23, i + 1));
        // The rule finds the interval's end by bisection.
        if (Math.abs(excess) < 10) continue;
        expect(answer).toBe(excess > 0 ? FAIL : PASS);
        high += excess > 0 ? 1 : 0;
      }
    }
    expect(high).toBeGreaterThan(200);
  });

  it('argo: the fourth failure in all is final, five successes in a row pass', () => {
    expect(answers(argoLanding, times(40, 1)).indexOf(PASS)).toBe(23);
    expect(answers(argoLanding, [...times(3, 2), ...times(40, 1)])).not.toContain(FAIL);
    expect(answers(argoLanding, [...times(3, 2), ...times(20, 1), 2, ...times(20, 1)]).indexOf(FAIL)).toBe(23);
    expect(answers(argoLanding, [...times(4, 2), ...times(40, 1)])).not.toContain(PASS);
  });

  it('flagger: five failed checks roll back, ten passed ones promote', () => {
    expect(answers(flagger, times(40, 1)).indexOf(PASS)).toBe(23 + 9);
    expect(answers(flagger, times(40, 2)).indexOf(FAIL)).toBe(23 + 4);
  });

  it('median and 18 of 24: nothing before the window is full', () => {
    expect(answers(medianRatio, times(30, 1.2)).indexOf(FAIL)).toBe(23);
    expect(answers(medianRatio, [...times(11, 1.2), ...times(13, 1)]).at(-1)).toBe(PASS);
    expect(answers(mostOfWindow, [...times(6, 1), ...times(18, 1.2)]).at(-1)).toBe(FAIL);
    expect(answers(mostOfWindow, [...times(7, 1), ...times(17, 1.2)]).at(-1)).toBe(0);
    expect(answers(mostOfWindow, [...times(12, 1), ...times(12, 1.2)]).at(-1)).toBe(PASS);
  });
});

describe('the benchmark', () => {
  it('gives the same figures for the same seed, and others for another', () => {
    const run = (seed: string) => simulate(model('lognormal-0.5'), [crossfade, medianRatio], 20, seed);
    expect(run('a')).toEqual(run('a'));
    expect(run('a')).not.toEqual(run('b'));
  });

  it.each(NOISE_MODELS.map(({ name }) => name))('%s: a healthy job is as fast as before in the mean', (name) => {
    const trace = { old: new Float64Array(100), next: new Float64Array(100) };
    let sum = 0;
    for (let job = 0; job < 200; job++) {
      drawTrace(model(name), seeded('mean', name, job), trace, 100);
      for (let i = 0; i < 100; i++) sum += Math.log(trace.next[i]! / trace.old[i]!);
    }
    expect(Math.abs(sum / 20_000)).toBeLessThan(0.05);
  });

  it('the bound follows the divergence: twice the variance, twice the delay, whatever computes it', () => {
    const normal = bestDelay(model('lognormal-0.5'), '1.3', 0.05, 1e5)!;
    expect(normal).toBeCloseTo(163, 0);
    const onGrid = bestDelay({ ...model('lognormal-0.5'), tail: 1e-9 }, '1.3', 0.05, 1e5)!;
    expect(onGrid / normal).toBeGreaterThan(0.9);
    expect(onGrid / normal).toBeLessThan(1.1);
    expect(bestDelay(model('flights-lag'), '2', 0.05, 1e5)).toBeUndefined();
  });
});

/** By how many seconds the lower end of the interval exceeds what is tolerated; below zero where it is not "High". */
function highness(old: Float64Array, next: Float64Array): number {
  const shifts = [...next].flatMap((b) => [...old].map((a) => b - a)).sort((a, b) => a - b);
  const above = shifts.filter((shift) => shift > 0).length;
  const deviation = Math.sqrt((576 * 49) / 12);
  if ((above - 288 - 0.5) / deviation <= 2.3263) return Number.NEGATIVE_INFINITY;
  const mean = (values: Float64Array) => values.reduce((total, value) => total + value, 0) / values.length;
  if (mean(next) < 1.1 * mean(old)) return Number.NEGATIVE_INFINITY;
  const lower = shifts[Math.floor(288 - 0.5 - 2.3263 * deviation) - 1]!;
  return lower - 0.25 * Math.abs(shifts[287]!);
}
