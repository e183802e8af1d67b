/**
 * What a threshold promises, as numbers and in words. Used by `explain`, by the benchmark, and wherever an operator has
 * to choose a threshold: the promise is a rate per job and landing, so it needs the fleet's size and cadence to mean
 * anything.
 */
import type { Judgement } from './judge.ts';
import type { SequentialSettings } from './settings.ts';

export interface Fleet {
  jobs: number;
  /** Of one job, a year; hourly is 8,760. */
  landingsPerYear: number;
  /** Noisy measures that are judged of each job. */
  measures: number;
}

/** At most, in the mean, if every job sat exactly at the tolerance: the worst case, which no job as fast as before is near. */
export function falseDemotionsPerYear({ jobs, landingsPerYear, measures }: Fleet, threshold: number): number {
  return (jobs * landingsPerYear * measures) / threshold;
}

/** The threshold at which at most so many false demotions a year are to be expected, in that worst case. */
export function thresholdFor(fleet: Fleet, falseDemotions: number): number {
  return falseDemotionsPerYear(fleet, falseDemotions);
}

export function describeGuarantee(settings: SequentialSettings, fleet: Fleet): string {
  const { tolerance, threshold, alpha, detectableRatio } = settings;
  const perYear = falseDemotionsPerYear(fleet, threshold);
  return [
    `a job that is at most ${percent(tolerance)} slower is demoted at most once in ${whole(threshold)} landings in the mean:`,
    `with ${counted(fleet.jobs, 'job')}, ${whole(fleet.landingsPerYear)} landings a year and ${counted(fleet.measures, 'measure')} each,`,
    `at most ${perYear < 10 ? perYear.toPrecision(2) : whole(perYear)} false demotions a year if all were that slow;`,
    `a job that is ${detectableRatio} times slower passes with a chance of at most ${percent(alpha)}, however often one looks`,
  ].join(' ');
}

/** What was seen and what is asked for, both as numbers. */
export function describeJudgement({ outcome, numbers }: Judgement, settings: SequentialSettings): string {
  const { pairs, ratio, spread, regression, threshold, health, neededHealth } = numbers;
  const { autocorrelation, blockLength, blockAutocorrelation } = numbers;
  const seen = `new is ${ratio.toFixed(2)} times old (typical of ${pairs} pairs, spread ${percent(spread)})`;
  const worse = `evidence of more than ${percent(settings.tolerance)}: ${figure(regression)} of ${figure(threshold)}`;
  const fine = `evidence against ${settings.detectableRatio} times: ${figure(health)} of ${figure(neededHealth)}`;
  const blocks =
    blockLength === 1
      ? `autocorrelation ${autocorrelation.toFixed(2)}, pairs scored one by one`
      : `autocorrelation ${autocorrelation.toFixed(2)}, so blocks of ${blockLength} (${blockAutocorrelation.toFixed(2)})`;
  const lack = outcome === 'missing' ? `; ${pairs} of ${numbers.neededPairs} pairs` : '';
  return `${seen}; ${worse}; ${fine}; ${blocks}${lack}`;
}

function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function whole(count: number): string {
  // By hand: a sweep writes some hundred thousand of these, and a locale's formatter takes ten times as long.
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function figure(value: number): string {
  return value >= 1000 ? whole(value) : String(Number(value.toPrecision(2)));
}
