/**
 * What a job's pairs add up to. `foldClaim` takes the new image of one claim, as the landings' stream hands it over, into
 * the job's evidence; `gather` calls it, sweeps read the result. The fold is independent of order and repetition, because
 * the evidence is a function of the newest image of each claim: the window of the most recently changed pairs (top
 * `WINDOW` by time of change: what falls out can never be wanted back, since changes only move pairs up), and the claims
 * that stand out, with a flag when they do not fit.
 */
import { type Claim, isQuarantined, type OwedReason, owedReason } from './claim.ts';
import { fingerprint, fnv1a32, shardOf } from './hash.ts';
import { isComparable, type Landing, landingsMatch } from './landing.ts';
import type { System } from './phases.ts';
import { toMs } from './time.ts';

/** Pairs that the evidence remembers; a policy cannot ask for more. */
export const WINDOW = 32;
/** Claims that stand out and are kept by name. */
export const STANDING_LIMIT = 6;

/**
 * `none`: no pair is to be expected. The claim was taken over, which ended the other side's run: its absence says nothing
 * about the system.
 */
export type PairOutcome = 'match' | 'mismatch' | 'incomparable' | 'old-only' | 'new-only' | 'none';

/** One claim as evidence. Instants are epoch milliseconds here, since sweeps decode fifty thousand windows of these. */
export interface Pair {
  /** The partition's name, shortened where it is long (`shortName`). */
  partition: string;
  epoch: number;
  outcome: PairOutcome;
  /** Of the claim; rises with every change of it, so it also tells an old image from a new one. */
  changedAt: number;
  oldLandedAt?: number;
  newLandedAt?: number;
  oldLagSeconds?: number;
  newLagSeconds?: number;
  oldComputeSeconds?: number;
  newComputeSeconds?: number;
  oldStorageBytes?: number;
  newStorageBytes?: number;
  /** The new system's release that landed it, shortened likewise; empty when it named none. */
  release: string;
  /** Every landing that is there was the last word (`final`). */
  final: boolean;
  backfill: boolean;
}

/** A claim that stands out: it mismatches, is owed, or has two writers. */
export interface Standing {
  partition: string;
  epoch: number;
  changedAt: number;
  /** When the last of its landings was accepted: only a landing can be a correction, asking again is none. */
  landedAt: number;
  final: boolean;
  mismatch?: { oldRows: number; newRows: number; oldChecksum: string; newChecksum: string };
  quarantined: boolean;
  owed?: { by: System; reason: OwedReason; since: number };
  splitWriter: boolean;
}

export interface Evidence {
  jobId: string;
  shard: number;
  /** Rises with every write of this item. */
  version: number;
  /** Most recently changed first. */
  recent: readonly Pair[];
  /** Mismatches first, then most recently changed first. */
  standing: readonly Standing[];
  /** More claims stand out than are kept. */
  overflow: boolean;
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

export function foldClaim(evidence: Evidence, claim: Claim, image: 'streamed' | 'current'): FoldOutcome {
  if (!isObserved(claim)) return { kind: 'folded', evidence };
  const pair = observePair(claim);
  const standing = observeStanding(claim);
  const knownPair = evidence.recent.find((known) => known.partition === pair.partition);
  const knownStanding = evidence.standing.find((known) => known.partition === claim.partition);
  if (Math.max(knownPair?.changedAt ?? 0, knownStanding?.changedAt ?? 0) >= pair.changedAt) {
    return { kind: 'folded', evidence };
  }
  const floor = evidence.recent.length === WINDOW ? evidence.recent.at(-1) : undefined;
  const belowWindow = floor !== undefined && byNewest(floor, pair) < 0;
  if (belowWindow && knownStanding === undefined) {
    if (standing === undefined) return { kind: 'folded', evidence };
    if (image === 'streamed') return { kind: 'reread' };
  }
  const settles = knownStanding !== undefined && (standing === undefined || rank(standing) < rank(knownStanding));
  if (settles && evidence.overflow) return { kind: 'recompute' };

  const others = evidence.recent.filter((known) => known !== knownPair);
  const recent = [...others, pair].sort(byNewest).slice(0, WINDOW);
  const all = evidence.standing.filter((known) => known !== knownStanding);
  if (standing) all.push(standing);
  const kept = all.sort(byRank).slice(0, STANDING_LIMIT);
  const overflow = evidence.overflow || all.length > STANDING_LIMIT;
  return { kind: 'folded', evidence: { ...evidence, recent, standing: kept, overflow } };
}

/** The evidence from all of a job's claims as they are now. Equal to any fold of their images, up to `version`. */
export function recomputeEvidence(jobId: string, claims: readonly Claim[], version: number): Evidence {
  const recent = claims.filter(isObserved).map(observePair).sort(byNewest).slice(0, WINDOW);
  const standing = claims.map(observeStanding).filter((s) => s !== undefined);
  return {
    jobId,
    shard: shardOf(jobId),
    version,
    recent,
    standing: standing.sort(byRank).slice(0, STANDING_LIMIT),
    overflow: standing.length > STANDING_LIMIT,
  };
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

/**
 * Text order that keeps a name readable and its size bounded: `2026-11-22T13` as it is, a longer one as its beginning, a
 * tilde and a hash of the whole.
 */
export function shortName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = limit >= 24 ? fingerprint(name) : fnv1a32(name).toString(16).padStart(8, '0');
  return `${name.slice(0, limit - hash.length - 1)}~${hash}`;
}

/** A claim enters the window with its first landing; one that was taken over stays in it, so none ever leaves a hole. */
function isObserved(claim: Claim): boolean {
  return claim.production !== undefined || claim.shadow !== undefined || claim.takenOverAt !== undefined;
}

export function observePair(claim: Claim): Pair {
  const landings = [claim.production, claim.shadow].filter((landing) => landing !== undefined);
  const old = landings.find((landing) => landing.system === 'old');
  const next = landings.find((landing) => landing.system === 'new');
  return {
    partition: shortName(claim.partition, 26),
    epoch: claim.epoch,
    outcome: claim.takenOverAt !== undefined && !(old && next) ? 'none' : outcomeOf(old, next),
    changedAt: toMs(claim.changedAt),
    ...sided('old', old, claim),
    ...sided('new', next, claim),
    release: shortName(next?.release ?? '', 14),
    final: landings.length > 0 && landings.every((landing) => landing.final),
    backfill: landings.some((landing) => landing.kind === 'backfill'),
  };
}

function outcomeOf(old: Landing | undefined, next: Landing | undefined): PairOutcome {
  if (!next) return old ? 'old-only' : 'none';
  if (!old) return 'new-only';
  if (!isComparable(old, next)) return 'incomparable';
  return landingsMatch(old, next) ? 'match' : 'mismatch';
}

function sided(side: System, landing: Landing | undefined, claim: Claim): Partial<Pair> {
  if (!landing) return {};
  // Float32, as the packed form keeps it: so that a fold in memory and one from the store are the same numbers.
  const lag = Math.fround(Math.max(0, (toMs(landing.landedAt) - toMs(claim.readyAt)) / 1000));
  const compute = landing.computeSeconds === undefined ? undefined : Math.fround(landing.computeSeconds);
  const storage = landing.storageBytes === undefined ? undefined : Math.fround(landing.storageBytes);
  const at = toMs(landing.acceptedAt);
  if (side === 'old') {
    return {
      oldLandedAt: at,
      oldLagSeconds: lag,
      ...(compute !== undefined && { oldComputeSeconds: compute }),
      ...(storage !== undefined && { oldStorageBytes: storage }),
    };
  }
  return {
    newLandedAt: at,
    newLagSeconds: lag,
    ...(compute !== undefined && { newComputeSeconds: compute }),
    ...(storage !== undefined && { newStorageBytes: storage }),
  };
}

/**
 * A claim that nobody has landed does not stand out: writing the evidence at each claim's birth would double its cost, and
 * a run that never lands shows as the other side's half pair, as staleness, and in `owed` of the job, which reads claims.
 */
function observeStanding(claim: Claim): Standing | undefined {
  if (!isObserved(claim)) return undefined;
  const owed = owedReason(claim);
  const matches = landingsMatch(claim.production, claim.shadow);
  if (owed === undefined && matches !== false && claim.splitWriter === undefined) return undefined;
  const old = claim.production?.system === 'old' ? claim.production : claim.shadow;
  const next = claim.production?.system === 'new' ? claim.production : claim.shadow;
  return {
    partition: claim.partition,
    epoch: claim.epoch,
    changedAt: toMs(claim.changedAt),
    landedAt: Math.max(0, ...[old, next].map((landing) => (landing ? toMs(landing.acceptedAt) : 0))),
    final: old?.final === true && next?.final === true,
    ...(matches === false &&
      old &&
      next && {
        mismatch: {
          oldRows: old.rowCount,
          newRows: next.rowCount,
          oldChecksum: old.checksum.slice(0, 12),
          newChecksum: next.checksum.slice(0, 12),
        },
      }),
    quarantined: isQuarantined(claim),
    ...(owed && { owed: { by: claim.writer, reason: owed.reason, since: toMs(owed.since) } }),
    splitWriter: claim.splitWriter !== undefined,
  };
}

/** What a lack of room must not hide: mismatches, then split writers, before what is merely in flight. */
function rank(standing: Standing): number {
  if (standing.mismatch) return 3;
  if (standing.splitWriter) return 2;
  return standing.quarantined || standing.owed?.reason === 'reassigned' ? 1 : 0;
}

function byRank(a: Standing, b: Standing): number {
  return rank(b) - rank(a) || byNewest(a, b);
}

/** Negative when `a` changed later than `b`; the name breaks ties, so the order is total. */
function byNewest(a: { changedAt: number; partition: string }, b: { changedAt: number; partition: string }): number {
  return b.changedAt - a.changedAt || (a.partition < b.partition ? 1 : a.partition > b.partition ? -1 : 0);
}
