/**
 * A claim that stands out: it mismatches, is owed, or has two writers. The evidence keeps the most urgent by name, beside
 * its window of pairs; `dataQuality`, `needs` and attention read them.
 */
import { type Claim, isQuarantined, type OwedReason, owedReason } from '../claim.ts';
import { findExcuse, isExcused, type KnownDifference, type Mismatch, mismatchOf } from '../difference.ts';
import type { System } from '../phases.ts';
import { toInstant, toMs } from '../time.ts';
import { byNewest, isObserved } from './pair.ts';

/** Claims that stand out and are kept by name, at most: the item has no room for more. */
export const STANDING_LIMIT = 6;

/** A claim that stands out: it mismatches, is owed, or has two writers. */
export interface Standing {
  partition: string;
  epoch: number;
  changedAt: number;
  /** When the last of its landings was accepted: only a landing can be a correction, asking again is none. */
  landedAt: number;
  final: boolean;
  /** Checksums shortened. An excused mismatch is none. */
  mismatch?: Mismatch;
  quarantined: boolean;
  owed?: { by: System; reason: OwedReason; since: number };
  splitWriter: boolean;
}

/**
 * A claim that nobody has landed does not stand out: writing the evidence at each claim's birth would double its cost, and
 * a run that never lands shows as the other side's half pair, as staleness, and in `owed` of the job, which reads claims.
 */
export function observeStanding(claim: Claim): Standing | undefined {
  if (!isObserved(claim)) return undefined;
  const owed = owedReason(claim);
  const mismatch = isExcused(claim) ? undefined : mismatchOf(claim);
  if (owed === undefined && mismatch === undefined && claim.splitWriter === undefined) return undefined;
  const old = claim.production?.system === 'old' ? claim.production : claim.shadow;
  const next = claim.production?.system === 'new' ? claim.production : claim.shadow;
  return {
    partition: claim.partition,
    epoch: claim.epoch,
    changedAt: toMs(claim.changedAt),
    landedAt: Math.max(0, ...[old, next].map((landing) => (landing ? toMs(landing.acceptedAt) : 0))),
    final: old?.final === true && next?.final === true,
    ...(mismatch && {
      mismatch: {
        ...mismatch,
        oldChecksum: mismatch.oldChecksum.slice(0, 12),
        newChecksum: mismatch.newChecksum.slice(0, 12),
      },
    }),
    quarantined: isQuarantined(claim),
    ...(owed && { owed: { by: claim.writer, reason: owed.reason, since: toMs(owed.since) } }),
    splitWriter: claim.splitWriter !== undefined,
  };
}

/**
 * What a lack of room must not hide: mismatches, those that nobody expects first, then split writers, before what is merely
 * in flight.
 */
export function rankOf(standing: Standing, knownDifferences: readonly KnownDifference[] = []): number {
  if (standing.mismatch) {
    return findExcuse(standing.mismatch, knownDifferences, toInstant(standing.landedAt)) ? 3 : 4;
  }
  if (standing.splitWriter) return 2;
  return standing.quarantined || standing.owed?.reason === 'reassigned' ? 1 : 0;
}

/**
 * The most urgent, newest first, and whether there are more. Where mismatches come faster than they are sealed, none of the
 * newest ever is: hence, last, the one of the newest epoch that landed first, when it is not among them.
 */
export function keepStanding(
  all: readonly Standing[],
  knownDifferences: readonly KnownDifference[] = [],
): { standing: Standing[]; overflow: boolean } {
  const ranked = all.map((one) => ({ one, rank: rankOf(one, knownDifferences) }));
  ranked.sort((a, b) => b.rank - a.rank || byNewest(a.one, b.one));
  const newest = ranked.slice(0, STANDING_LIMIT - 1).map(({ one }) => one);
  const first = findFirstLanded(all, knownDifferences);
  const standing = first === undefined || newest.includes(first) ? newest : [...newest, first];
  return { standing, overflow: all.length > standing.length };
}

/** Of the most urgent of the newest epoch the one that landed first. */
export function findFirstLanded(
  all: readonly Standing[],
  knownDifferences: readonly KnownDifference[] = [],
): Standing | undefined {
  return all.reduce<Standing | undefined>(
    (first, one) => (first && landsBefore(first, one, knownDifferences) ? first : one),
    undefined,
  );
}

function landsBefore(a: Standing, b: Standing, knownDifferences: readonly KnownDifference[]): boolean {
  const urgency = rankOf(a, knownDifferences) - rankOf(b, knownDifferences) || a.epoch - b.epoch;
  return urgency > 0 || (urgency === 0 && (a.landedAt - b.landedAt || (a.partition < b.partition ? -1 : 1)) < 0);
}
