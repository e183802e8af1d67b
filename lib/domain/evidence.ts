/**
 * What a job's pairs add up to. `foldClaim` takes the new image of one claim, as the landings' stream hands it over, into
 * the job's evidence; `gather` calls it, sweeps read the result. The window and what stands out are independent of order
 * and repetition, because they are a function of the newest image of each claim: the pairs that changed last (top `WINDOW`
 * by time of change: what falls out can never be wanted back, since changes only move pairs up), and the claims that stand
 * out, with a flag when they do not fit. What pairs add up to beyond the window is the tally's (`evidence/tally.ts`).
 */
import type { Claim } from './claim.ts';
import {
  byNewest,
  isComparablePair,
  isEqual,
  isObserved,
  landedAtOf,
  observePair,
  type Pair,
} from './evidence/pair.ts';
import { findFirstLanded, keepStanding, observeStanding, rankOf, type Standing } from './evidence/standing.ts';
import {
  adoptMeasures,
  byCompletion,
  type CountingRules,
  correctTally,
  countPair,
  findUncounted,
  mayHaveBeenCounted,
  type Tally,
} from './evidence/tally.ts';
import { shardOf } from './hash.ts';
import type { System } from './phases.ts';
import { type Instant, toMs } from './time.ts';

/** Pairs that the evidence remembers one by one. Hard limits look at half of them. */
export const WINDOW = 24;
/** A custom metric's values take the room of so many pairs, so that the item keeps its bound. */
export const PAIRS_A_METRIC = 4;

export interface Evidence {
  jobId: string;
  shard: number;
  /** Rises with every write of this item. */
  version: number;
  /** Most recently changed first. */
  recent: readonly Pair[];
  /** Mismatches first, those that the policy excuses behind the others, then most recently changed first; last the first one. */
  standing: readonly Standing[];
  /** More claims stand out than are kept. */
  overflow: boolean;
  /** Absent until a pair was counted. */
  tally?: Tally;
}

export function emptyEvidence(jobId: string): Evidence {
  return { jobId, shard: shardOf(jobId), version: 0, recent: [], standing: [], overflow: false };
}

/**
 * `folded`: the evidence with this image in it (the same object when it changes nothing). `reread`: the image may be an
 * old one, replayed; read the claim and fold that. `recompute`: a claim that stood out no longer does, and others that
 * did not fit may take its place; build the evidence from the landings.
 */
export type FoldOutcome = { kind: 'folded'; evidence: Evidence } | { kind: 'reread' } | { kind: 'recompute' };

/** @param rules what is counted; without them nothing is, and pairs that leave the window leave no trace. */
export function foldClaim(
  evidence: Evidence,
  claim: Claim,
  image: 'streamed' | 'current',
  rules?: CountingRules,
): FoldOutcome {
  if (!isObserved(claim)) return { kind: 'folded', evidence };
  const seen = observePair(claim, rules?.metrics);
  const standing = observeStanding(claim);
  const knownPair = evidence.recent.find((known) => known.partition === seen.partition);
  const knownStanding = evidence.standing.find((known) => known.partition === claim.partition);
  if (Math.max(knownPair?.changedAt ?? 0, knownStanding?.changedAt ?? 0) >= seen.changedAt) {
    return { kind: 'folded', evidence };
  }
  const room = rules?.room ?? WINDOW;
  const floor = evidence.recent.length >= room ? evidence.recent[room - 1] : undefined;
  const belowWindow = floor !== undefined && byNewest(floor, seen) < 0;
  if (belowWindow && knownStanding === undefined) {
    if (standing === undefined) return { kind: 'folded', evidence };
    if (image === 'streamed') return { kind: 'reread' };
  }
  const rank = (one: Standing) => rankOf(one, rules?.knownDifferences);
  const settles =
    knownStanding !== undefined &&
    (standing === undefined ||
      rank(standing) < rank(knownStanding) ||
      landsLater(standing, knownStanding, evidence, rules));
  if (settles && evidence.overflow) return { kind: 'recompute' };

  const counted = wasCounted(evidence, seen, knownPair);
  const equalBefore = wasEqual(knownPair, knownStanding);
  const tally = counted ? correctTally(evidence.tally, seen, equalBefore) : withdraw(evidence.tally, knownPair);
  const others = evidence.recent.filter((known) => known !== knownPair);
  const pairs = [...others, counted ? { ...seen, counted } : seen].sort(byNewest);
  const all = evidence.standing.filter((known) => known !== knownStanding);
  if (standing) all.push(standing);
  const kept = keepStanding(all, rules?.knownDifferences);
  const overflow = evidence.overflow || kept.overflow;
  const next = { ...evidence, ...(tally && { tally }), standing: kept.standing, overflow };
  return { kind: 'folded', evidence: closeWindow(next, pairs, rules) };
}

/** The one that had landed first was landed again: another may be the first now. */
function landsLater(
  standing: Standing,
  known: Standing,
  evidence: Evidence,
  rules: CountingRules | undefined,
): boolean {
  return standing.landedAt > known.landedAt && findFirstLanded(evidence.standing, rules?.knownDifferences) === known;
}

/**
 * A pair whose claim or release is another now is another pair: what it was counted as is no longer present. One that can
 * no longer be compared is the same pair, and equal no longer.
 */
function wasCounted({ tally }: Evidence, seen: Pair, known: Pair | undefined): boolean {
  if (!isComparablePair(seen) && seen.outcome !== 'incomparable') return false;
  if (known) return known.counted && known.epoch === seen.epoch && known.release === seen.release;
  return mayHaveBeenCounted(seen, tally);
}

/** As it was counted; in doubt as equal, so that an unknown mismatch takes one off, and no correction counts one twice. */
function wasEqual(known: Pair | undefined, standing: Standing | undefined): boolean {
  return known ? isEqual(known) : standing?.mismatch === undefined;
}

/** A counted pair has become another one, by its release: the tally that it was counted in has it no more. */
function withdraw(tally: Tally | undefined, known: Pair | undefined): Tally | undefined {
  if (!known?.counted || !isEqual(known)) return tally;
  return correctTally(tally, { ...known, outcome: 'none' }, true);
}

/** The newest pairs; what has no room is counted before it goes, with all that was completed before it, sealed or not. */
function closeWindow(evidence: Evidence, pairs: readonly Pair[], rules: CountingRules | undefined): Evidence {
  const room = rules?.room ?? WINDOW;
  const last = findUncounted(pairs.slice(room)).at(-1);
  const all = { ...evidence, recent: pairs };
  const counted = rules && last ? countPairs(all, rules, (pair) => byCompletion(pair, last) <= 0) : all;
  return { ...counted, recent: counted.recent.slice(0, room) };
}

/** The evidence with every pair counted that is due; the same object when nothing changes. */
export function countPairs(evidence: Evidence, rules: CountingRules, isDue: (pair: Pair) => boolean): Evidence {
  const due = findUncounted(evidence.recent).filter(isDue);
  const adopted = evidence.tally && adoptMeasures(evidence.tally, evidence.recent, rules.measures);
  if (due.length === 0)
    return adopted === evidence.tally ? evidence : { ...evidence, ...(adopted && { tally: adopted }) };
  const tally = due.reduce((counted, pair) => countPair(counted, pair, rules.measures), adopted);
  const recent = evidence.recent.map((pair) => (due.includes(pair) ? { ...pair, counted: true } : pair));
  return { ...evidence, recent, ...(tally && { tally }) };
}

/**
 * As `gather` counts: what was completed `settleSeconds` ago, also where both landings were the last word. That leaves
 * images that arrive out of order so long to come; `evaluate` counts what is sealed in between for itself.
 */
export function countSettled(evidence: Evidence, rules: CountingRules, now: Instant): Evidence {
  const settled = toMs(now) - rules.settleSeconds * 1000;
  return countPairs(evidence, rules, (pair) => landedAtOf(pair) <= settled);
}

/** The evidence from all of a job's claims as they are now. Equal to any fold of their images, up to `version`. */
export function recomputeEvidence(
  jobId: string,
  claims: readonly Claim[],
  version: number,
  counting?: { rules: CountingRules; now: Instant },
): Evidence {
  const pairs = claims
    .filter(isObserved)
    .map((claim) => observePair(claim, counting?.rules.metrics))
    .sort(byNewest);
  const standing = claims.map(observeStanding).filter((s) => s !== undefined);
  const evidence: Evidence = {
    jobId,
    shard: shardOf(jobId),
    version,
    recent: [],
    ...keepStanding(standing, counting?.rules.knownDifferences),
  };
  const whole = closeWindow(evidence, pairs, counting?.rules);
  return counting ? countSettled(whole, counting.rules, counting.now) : whole;
}

/** The newest landing of a system in the window, in epoch milliseconds. */
export function lastLandedAt(evidence: Evidence, system: System): number | undefined {
  let newest: number | undefined;
  for (const pair of evidence.recent) {
    const at = system === 'old' ? pair.oldLandedAt : pair.newLandedAt;
    if (at !== undefined && (newest === undefined || at > newest)) newest = at;
  }
  return newest;
}

/** The release that the new system landed last; `undefined` when it has not landed. */
export function presentRelease(evidence: Evidence): string | undefined {
  let newest: Pair | undefined;
  for (const pair of evidence.recent) {
    if (pair.newLandedAt !== undefined && pair.newLandedAt > (newest?.newLandedAt ?? -1)) newest = pair;
  }
  return newest?.release;
}
