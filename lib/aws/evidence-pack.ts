/**
 * The evidence's pairs and standing claims as bytes: some 40 a pair, where JSON takes 380 and sweeps read 32 pairs of
 * every job. Pure, and exact: what is unpacked equals what was packed, since the domain keeps measures as Float32.
 * Neighbours share most of what they say, so each pair is written as its difference from the one before (partition,
 * time) and releases are written once; a measure that is absent takes nothing.
 */
import type { OwedReason } from '../domain/claim.ts';
import type { Pair, PairOutcome, Standing } from '../domain/evidence.ts';
import { Packer, Unpacker } from './packing.ts';

/** The position is what is stored: append, never reorder. */
const OUTCOMES: readonly PairOutcome[] = ['match', 'mismatch', 'incomparable', 'old-only', 'new-only', 'none'];
const OWED_REASONS: readonly OwedReason[] = ['not-landed', 'not-published', 'reassigned', 'quarantined'];
const LANDED = ['oldLandedAt', 'newLandedAt'] as const;
const MEASURES = [
  'oldLagSeconds',
  'newLagSeconds',
  'oldComputeSeconds',
  'newComputeSeconds',
  'oldStorageBytes',
  'newStorageBytes',
] as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Bits: 0-2 outcome, 3 final, 4 backfill, 5-6 landed; a second byte, bits 0-5, for the measures. */
export function packPairs(pairs: readonly Pair[]): Uint8Array {
  const out = new Packer();
  const releases = [...new Set(pairs.map((pair) => pair.release))];
  out.whole(releases.length);
  for (const release of releases) out.text(release);
  out.whole(pairs.length);
  let partition = '';
  let changedAt = 0;
  for (const pair of pairs) {
    out.byte(OUTCOMES.indexOf(pair.outcome) | bit(3, pair.final) | bit(4, pair.backfill) | (bitsOf(pair, LANDED) << 5));
    out.byte(bitsOf(pair, MEASURES));
    const shared = sharedLength(partition, pair.partition);
    out.whole(shared);
    out.text(pair.partition.slice(shared));
    out.whole(pair.epoch);
    out.difference(changedAt - pair.changedAt);
    for (const name of LANDED) if (pair[name] !== undefined) out.difference(pair.changedAt - pair[name]);
    for (const name of MEASURES) if (pair[name] !== undefined) out.measure(pair[name]);
    out.whole(releases.indexOf(pair.release));
    ({ partition, changedAt } = pair);
  }
  return out.finish();
}

export function unpackPairs(bytes: Uint8Array): Pair[] {
  const from = new Unpacker(bytes);
  const releases = Array.from({ length: from.whole() }, () => from.text());
  const pairs: Pair[] = [];
  let partition = '';
  let changedAt = 0;
  for (let rest = from.whole(); rest > 0; rest--) {
    const flags = from.byte();
    const present = from.byte();
    partition = partition.slice(0, from.whole()) + from.text();
    const epoch = from.whole();
    changedAt -= from.difference();
    const pair: Writable<Pair> = {
      partition,
      epoch,
      outcome: known(OUTCOMES, flags & 7),
      changedAt,
      release: '',
      final: (flags & 8) !== 0,
      backfill: (flags & 16) !== 0,
    };
    LANDED.forEach((name, i) => {
      if (flags & (32 << i)) pair[name] = changedAt - from.difference();
    });
    MEASURES.forEach((name, i) => {
      if (present & (1 << i)) pair[name] = from.measure();
    });
    pair.release = known(releases, from.whole());
    pairs.push(pair);
  }
  return pairs;
}

/** Bits: 0 final, 1 quarantined, 2 split writer, 3 mismatch, 4 owed, 5 owed by new, 6-7 the reason. */
export function packStanding(standing: readonly Standing[]): Uint8Array {
  const out = new Packer();
  out.whole(standing.length);
  let changedAt = 0;
  for (const one of standing) {
    const { mismatch, owed } = one;
    out.byte(
      bit(0, one.final) |
        bit(1, one.quarantined) |
        bit(2, one.splitWriter) |
        bit(3, mismatch !== undefined) |
        (owed ? bit(4, true) | bit(5, owed.by === 'new') | (OWED_REASONS.indexOf(owed.reason) << 6) : 0),
    );
    out.text(one.partition);
    out.whole(one.epoch);
    out.difference(changedAt - one.changedAt);
    out.difference(one.changedAt - one.landedAt);
    if (mismatch) {
      out.whole(mismatch.oldRows);
      out.whole(mismatch.newRows);
      out.text(mismatch.oldChecksum);
      out.text(mismatch.newChecksum);
    }
    if (owed) out.difference(one.changedAt - owed.since);
    changedAt = one.changedAt;
  }
  return out.finish();
}

export function unpackStanding(bytes: Uint8Array): Standing[] {
  const from = new Unpacker(bytes);
  const standing: Standing[] = [];
  let changedAt = 0;
  for (let rest = from.whole(); rest > 0; rest--) {
    const flags = from.byte();
    const partition = from.text();
    const epoch = from.whole();
    changedAt -= from.difference();
    const landedAt = changedAt - from.difference();
    const one: Writable<Standing> = {
      partition,
      epoch,
      changedAt,
      landedAt,
      final: (flags & 1) !== 0,
      quarantined: (flags & 2) !== 0,
      splitWriter: (flags & 4) !== 0,
    };
    if (flags & 8) {
      one.mismatch = {
        oldRows: from.whole(),
        newRows: from.whole(),
        oldChecksum: from.text(),
        newChecksum: from.text(),
      };
    }
    if (flags & 16) {
      const by = flags & 32 ? 'new' : 'old';
      one.owed = { by, reason: known(OWED_REASONS, flags >>> 6), since: changedAt - from.difference() };
    }
    standing.push(one);
  }
  return standing;
}

function bit(position: number, on: boolean): number {
  return on ? 1 << position : 0;
}

/** One bit for each of the names that the pair has, the first lowest. */
function bitsOf(pair: Pair, names: readonly (keyof Pair)[]): number {
  return names.reduce((bits, name, i) => bits | bit(i, pair[name] !== undefined), 0);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function known<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined)
    throw new Error(`packed evidence names value ${index} of ${values.length}: recompute it from the landings`);
  return value;
}
