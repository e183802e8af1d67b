/**
 * What the pairs of the job's present epoch and release add up to beyond the window: how many were equal, and the states of
 * the sequential tests. A pair is counted once, when it is sealed, in the order in which pairs were completed; `gather`
 * counts as it writes, `evaluate` what was sealed since. Pure: what is measured is an argument, and so is the time.
 *
 * The tally equals one that is made anew from the landings (`recomputeEvidence`), in whatever order images came, but for
 * what it cannot take back: a pair that is landed again after it was counted stays counted with its first measures; a
 * state whose settings change begins again with the pairs that the window holds; a pair whose images come more than
 * `settleSeconds` late is counted after younger ones, or never, when nothing was known of it (`mayHaveBeenCounted`).
 * Landings that have expired, and those that settled under another `settleSeconds`, differ in the same way.
 */

import type { KnownDifference } from '../difference.ts';
import { foldPair } from '../sequential/fold.ts';
import type { FoldSettings } from '../sequential/settings.ts';
import { emptyState, isFoldedUnder, type SequentialState } from '../sequential/state.ts';
import { type Calendar, markSeen, NOTHING_SEEN, unmarkBackfill } from './calendar.ts';
import { isComparablePair, isEqual, landedAtOf, type Pair } from './pair.ts';

export interface Tally {
  epoch: number;
  /** The new system's, as pairs have it. */
  release: string;
  /** When the first pair of it was completed: a release that comes back begins anew. */
  begunAt: number;
  /** The new system's newest landing that was counted: older ones of another release do not bring that release back. */
  newLandedAt: number;
  /** The newest landing of either side that was counted. */
  landedAt: number;
  /** The claim that was made last of those that were counted. */
  claimedAt: number;
  partition: string;
  /** Pairs that are equal, or excused; backfills, too. */
  equal: number;
  /** Which days those pairs have covered. */
  seen: Calendar;
  /** By the key of what is measured; absent until both sides have reported it. */
  states: Readonly<Record<string, SequentialState>>;
}

/** Something that both systems report of a partition, and how the pairs of it are folded. */
export interface TestedMeasure {
  /** `lag`, `compute`, `storage` or `custom:NAME`. */
  key: string;
  settings: FoldSettings;
  /** Both sides' values, the one that may not grow last; `undefined` where a side reports none. */
  read(pair: Pair): readonly [old: number | undefined, next: number | undefined];
}

export interface CountingRules {
  measures: readonly TestedMeasure[];
  /** Names of the landings' metrics that pairs keep. */
  metrics: readonly string[];
  /** Pairs that the window has room for. */
  room: number;
  settleSeconds: number;
  /** What the policy expects takes the last place among mismatches, where there is no room for all. */
  knownDifferences: readonly KnownDifference[];
}

/** The tally with a pair in it; the same one when the pair is of an earlier epoch or release. */
export function countPair(tally: Tally | undefined, pair: Pair, measures: readonly TestedMeasure[]): Tally | undefined {
  const newLandedAt = pair.newLandedAt ?? 0;
  if (tally && pair.epoch < tally.epoch) return tally;
  const another = tally !== undefined && pair.epoch === tally.epoch && pair.release !== tally.release;
  if (another && newLandedAt < tally.newLandedAt) return tally;
  const begun = tally && pair.epoch === tally.epoch && !another ? tally : undefined;
  const younger = begun === undefined || isYounger(pair, begun);
  return {
    epoch: pair.epoch,
    release: pair.release,
    begunAt: begun?.begunAt ?? landedAtOf(pair),
    newLandedAt: Math.max(begun?.newLandedAt ?? 0, newLandedAt),
    landedAt: Math.max(begun?.landedAt ?? 0, landedAtOf(pair)),
    claimedAt: younger ? pair.claimedAt : begun.claimedAt,
    partition: younger ? pair.partition : begun.partition,
    equal: (begun?.equal ?? 0) + (isEqual(pair) ? 1 : 0),
    seen: isEqual(pair) ? markSeen(begun?.seen ?? NOTHING_SEEN, pair) : (begun?.seen ?? NOTHING_SEEN),
    states: foldMeasures(begun?.states ?? {}, pair, measures),
  };
}

/**
 * Backfills say nothing about how fast or dear a run is when it is due. A mismatching pair counts: both systems did the
 * work, and a system that loses rows must not get rid of its slow runs that way.
 */
function foldMeasures(known: Tally['states'], pair: Pair, measures: readonly TestedMeasure[]): Tally['states'] {
  if (pair.backfill) return known;
  const states: Record<string, SequentialState> = { ...known };
  for (const { key, settings, read } of measures) {
    const [old, next] = read(pair);
    if (old === undefined || next === undefined) continue;
    states[key] = foldPair(states[key] ?? emptyState(settings), old, next, settings);
  }
  return states;
}

/** Pairs that can be counted and are not, in the order in which they were completed. */
export function findUncounted(pairs: readonly Pair[]): Pair[] {
  return pairs.filter((pair) => !pair.counted && isComparablePair(pair)).sort(byCompletion);
}

/**
 * A pair that the window does not know may have been counted before it fell out of it. It is taken for one that was, when
 * its claim is no younger than the youngest that was counted and one of its landings is not news: in doubt it is counted
 * never rather than twice.
 */
export function mayHaveBeenCounted(pair: Pair, tally: Tally | undefined): boolean {
  if (!tally || pair.epoch !== tally.epoch || pair.release !== tally.release) return false;
  const first = Math.min(pair.oldLandedAt ?? Number.POSITIVE_INFINITY, pair.newLandedAt ?? Number.POSITIVE_INFINITY);
  return first <= tally.landedAt && !isYounger(pair, tally);
}

/** A counted pair's content was found equal after all, or no longer is. A day that it has covered stays covered. */
export function correctTally(tally: Tally | undefined, pair: Pair, wasEqual: boolean): Tally | undefined {
  if (!tally || isEqual(pair) === wasEqual || !isOf(tally, pair)) return tally;
  if (wasEqual) return { ...tally, equal: Math.max(0, tally.equal - 1), seen: unmarkBackfill(tally.seen, pair) };
  return { ...tally, equal: tally.equal + 1, seen: markSeen(tally.seen, pair) };
}

function isOf(tally: Tally, pair: Pair): boolean {
  return pair.epoch === tally.epoch && pair.release === tally.release && landedAtOf(pair) >= tally.begunAt;
}

/**
 * The tally under these measures: states of others are dropped, and one that was folded under other settings, or not at
 * all, begins again with the counted pairs of the window. The same object when nothing has changed.
 */
export function adoptMeasures(tally: Tally, pairs: readonly Pair[], measures: readonly TestedMeasure[]): Tally {
  const fits = ({ key, settings }: TestedMeasure) => {
    const state = tally.states[key];
    return state !== undefined && isFoldedUnder(state, settings);
  };
  const missing = measures.filter((measure) => !fits(measure));
  const known = Object.keys(tally.states).length;
  if (missing.length === 0 && known === measures.length) return tally;
  const kept = measures.filter(fits).map(({ key }) => [key, tally.states[key] as SequentialState] as const);
  const again = pairs
    .filter((pair) => pair.counted && isComparablePair(pair) && isOf(tally, pair))
    .sort(byCompletion)
    .reduce<Tally['states']>((states, pair) => foldMeasures(states, pair, missing), {});
  if (kept.length === known && Object.keys(again).length === 0) return tally;
  return { ...tally, states: { ...Object.fromEntries(kept), ...again } };
}

export function byCompletion(a: Pair, b: Pair): number {
  return landedAtOf(a) - landedAtOf(b) || (a.partition < b.partition ? -1 : a.partition > b.partition ? 1 : 0);
}

type Birth = Pick<Pair, 'claimedAt' | 'partition'>;

function isYounger(a: Birth, b: Birth): boolean {
  return a.claimedAt > b.claimedAt || (a.claimedAt === b.claimedAt && a.partition > b.partition);
}
