/**
 * The evidence's tally as bytes: see `evidence-pack.ts`, which packs its pairs. Each state of a sequential test takes 144
 * bytes and its key. A state of another layout is left out, and begins again with the pairs that the window holds.
 */
import type { Tally } from '../domain/evidence/tally.ts';
import { PACKED_BYTES, packState, unpackState } from '../domain/sequential/pack.ts';
import type { SequentialState } from '../domain/sequential/state.ts';
import { Packer, Unpacker } from './packing.ts';

export function packTally({
  epoch,
  release,
  begunAt,
  newLandedAt,
  landedAt,
  claimedAt,
  partition,
  equal,
  seen,
  states,
}: Tally): Uint8Array {
  const out = new Packer();
  out.whole(epoch);
  out.text(release);
  out.difference(landedAt);
  out.difference(landedAt - begunAt);
  out.difference(landedAt - newLandedAt);
  out.difference(Math.floor(landedAt / 1000) - claimedAt / 1000);
  out.text(partition);
  out.whole(equal);
  out.byte(seen.weekdays);
  out.whole(seen.monthEnds.length);
  seen.monthEnds.forEach((month, i) => {
    out.difference(month - (seen.monthEnds[i - 1] ?? 0));
  });
  out.whole(seen.backfills);
  const entries = Object.entries(states);
  out.whole(entries.length);
  for (const [key, state] of entries) {
    out.text(key);
    out.bytes(packState(state));
  }
  return out.finish();
}

export function unpackTally(bytes: Uint8Array): Tally {
  const from = new Unpacker(bytes);
  const epoch = from.whole();
  const release = from.text();
  const landedAt = from.difference();
  const begunAt = landedAt - from.difference();
  const newLandedAt = landedAt - from.difference();
  const claimedAt = (Math.floor(landedAt / 1000) - from.difference()) * 1000;
  const partition = from.text();
  const equal = from.whole();
  const seen = {
    weekdays: from.byte(),
    monthEnds: unpackMonths(from),
    backfills: from.whole(),
  };
  const states: Record<string, SequentialState> = {};
  for (let rest = from.whole(); rest > 0; rest--) {
    const key = from.text();
    const state = unpackState(from.bytes(PACKED_BYTES));
    if (state) states[key] = state;
  }
  return { epoch, release, begunAt, newLandedAt, landedAt, claimedAt, partition, equal, seen, states };
}

/** Each as its difference from the one before: most follow one another. */
function unpackMonths(from: Unpacker): number[] {
  let month = 0;
  return Array.from({ length: from.whole() }, () => (month += from.difference()));
}
