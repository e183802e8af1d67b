/**
 * New against old over many jobs: sums have the power that single jobs lack, so a fleet that is uniformly a fifth dearer
 * does not pass job by job. Evaluations add up their shards, the fan-out adds up the shards and keeps later waves back
 * where an earlier one is not equal or better. Pure.
 *
 * A job counts with its mean over the pairs that both systems measured, as long as it is compared (shadow and reverse
 * shadow), so that an hourly job does not outweigh a daily one of the same size by its number of pairs.
 */

import { isComparablePair, type Pair } from './evidence/pair.ts';
import type { Evidence } from './evidence.ts';
import type { FleetLimits } from './fleet-limits.ts';
import type { Job } from './job.ts';

export const MEASURES = ['lag', 'compute', 'storage'] as const;
export type Measure = (typeof MEASURES)[number];

/** Means of so many jobs, added up: seconds or bytes. */
export interface MeasureSum {
  old: number;
  new: number;
  jobs: number;
}

export type Comparison = Partial<Record<Measure, MeasureSum>>;
/** By `wave:0` and `team:flights`. */
export type Comparisons = Record<string, Comparison>;

/** Fewer pairs say too little about a job. */
const LEAST_PAIRS = 6;
/** Teams that one shard names; the rest are added up as one, so that a summary stays small whatever jobs are called. */
const TEAMS_NAMED = 60;
/** Waves that one shard names, the first ones: those keep back the others. */
const WAVES_NAMED = 60;
/** Added to both sides, as the test of single jobs does: a few seconds after the same instant are nobody's loss. */
const FLOOR: Record<Measure, number> = { lag: 60, compute: 0, storage: 0 };
export const OTHER_TEAMS = 'team:(others)';

const SIDES: Record<Measure, [keyof Pair, keyof Pair]> = {
  lag: ['oldLagSeconds', 'newLagSeconds'],
  compute: ['oldComputeSeconds', 'newComputeSeconds'],
  storage: ['oldStorageBytes', 'newStorageBytes'],
};

/** Adds one job to its wave and to its team; changes `into`. */
export function compareJob(into: Comparisons, job: Job, evidence: Evidence): void {
  if (job.phase !== 'shadow' && job.phase !== 'reverse-shadow') return;
  const own = compare(evidence);
  if (Object.keys(own).length === 0) return;
  const team = `team:${job.team}`;
  const named = Object.hasOwn(into, team) || keysOf(into, 'team:').length < TEAMS_NAMED;
  for (const key of [`wave:${job.wave}`, named ? team : OTHER_TEAMS]) into[key] = add(into[key] ?? {}, own);
  const last = wavesOf(into)[WAVES_NAMED];
  if (last !== undefined) delete into[`wave:${last}`];
}

function keysOf(comparisons: Comparisons, kind: 'team:' | 'wave:'): string[] {
  return Object.keys(comparisons).filter((key) => key.startsWith(kind));
}

function wavesOf(comparisons: Comparisons): number[] {
  return keysOf(comparisons, 'wave:')
    .map((key) => Number(key.slice('wave:'.length)))
    .sort((a, b) => a - b);
}

function compare(evidence: Evidence): Comparison {
  const own: Comparison = {};
  for (const measure of MEASURES) {
    const [oldSide, newSide] = SIDES[measure];
    let [old, next, pairs] = [0, 0, 0];
    for (const pair of evidence.recent) {
      const [a, b] = [pair[oldSide], pair[newSide]];
      if (typeof a !== 'number' || typeof b !== 'number' || !isComparablePair(pair)) continue;
      if (measure === 'lag' && pair.backfill) continue;
      old += a;
      next += b;
      pairs += 1;
    }
    if (pairs >= LEAST_PAIRS) own[measure] = { old: old / pairs, new: next / pairs, jobs: 1 };
  }
  return own;
}

export function sumComparisons(all: readonly Comparisons[]): Comparisons {
  const sum: Comparisons = {};
  for (const one of all) for (const [key, value] of Object.entries(one)) sum[key] = add(sum[key] ?? {}, value);
  return sum;
}

function add(a: Comparison, b: Comparison): Comparison {
  const sum: Comparison = {};
  for (const measure of MEASURES) {
    const [one, other] = [a[measure], b[measure]];
    if (one && other)
      sum[measure] = { old: one.old + other.old, new: one.new + other.new, jobs: one.jobs + other.jobs };
    else if (one ?? other) sum[measure] = one ?? (other as MeasureSum);
  }
  return sum;
}

/** A wave that costs more than allowed, with both numbers; later waves wait for it. */
export interface WaveGate {
  /** The last wave whose jobs may still be swapped. */
  wave: number;
  measure: Measure;
  ratio: number;
  allowed: number;
  jobs: number;
}

/** The first wave that is dearer or slower than the limits allow; `undefined` when none is, or too few jobs say so. */
export function findWaveGate(comparisons: Comparisons, limits: FleetLimits['equalOrBetter']): WaveGate | undefined {
  for (const wave of wavesOf(comparisons)) {
    for (const measure of MEASURES) {
      const sum = comparisons[`wave:${wave}`]?.[measure];
      const allowed = limits[measure];
      const ratio = sum && ratioOf(measure, sum);
      if (sum && ratio !== undefined && sum.jobs >= limits.jobs && ratio > allowed) {
        return { wave, measure, ratio, allowed, jobs: sum.jobs };
      }
    }
  }
  return undefined;
}

/** New over old; `undefined` where old needed nothing, which no ratio can be made of. */
export function ratioOf(measure: Measure, { old, new: next, jobs }: MeasureSum): number | undefined {
  const floor = FLOOR[measure] * jobs;
  return old + floor > 0 ? (next + floor) / (old + floor) : undefined;
}

export function describeWaveGate({ wave, measure, ratio, allowed, jobs }: WaveGate): string {
  return `wave ${wave}: new needs ${ratio.toFixed(2)} times the ${measure} of old over ${jobs} jobs, ${allowed} is allowed: later waves are not swapped`;
}
