/**
 * The evidence's standing claims as bytes: see `evidence-pack.ts`, which packs its pairs. Pure and exact, each claim
 * written as its difference from the one before.
 */
import type { OwedReason } from '../domain/claim.ts';
import type { Standing } from '../domain/evidence/standing.ts';
import { bit, known, Packer, Unpacker, type Writable } from './packing.ts';

/** The position is what is stored: append, never reorder. */
const OWED_REASONS: readonly OwedReason[] = ['not-landed', 'not-published', 'reassigned', 'quarantined'];

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
      out.text(mismatch.signature);
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
        signature: from.text(),
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
