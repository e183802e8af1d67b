/**
 * The evidence's pairs as bytes: some 45 a pair, where JSON takes 400 and sweeps read 24 pairs of every job. Pure, and
 * exact: what is unpacked equals what was packed, since the domain keeps measures as Float32. Neighbours share most of
 * what they say, so each pair is written as its difference from the one before (partition, times), and releases and names
 * of metrics are written once; a measure that is absent takes nothing.
 */
import type { MetricPair, Pair, PairOutcome } from '../domain/evidence/pair.ts';
import { bit, known, Packer, Unpacker, type Writable } from './packing.ts';

/** The position is what is stored: append, never reorder. */
const OUTCOMES: readonly PairOutcome[] = [
  'match',
  'mismatch',
  'incomparable',
  'old-only',
  'new-only',
  'none',
  'excused',
];
const LANDED = ['oldLandedAt', 'newLandedAt'] as const;
const MEASURES = [
  'oldLagSeconds',
  'newLagSeconds',
  'oldComputeSeconds',
  'newComputeSeconds',
  'oldStorageBytes',
  'newStorageBytes',
] as const;
const SIDES = ['old', 'new'] as const;

/** Bits: 0-2 outcome, 3 final, 4 backfill, 5-6 landed, 7 counted; a second byte, bits 0-5 for the measures, 6 for metrics. */
export function packPairs(pairs: readonly Pair[]): Uint8Array {
  const out = new Packer();
  const releases = packTexts(out, new Set(pairs.map((pair) => pair.release)));
  const metrics = packTexts(out, new Set(pairs.flatMap((pair) => Object.keys(pair.metrics ?? {}))));
  out.whole(pairs.length);
  let partition = '';
  let changedAt = 0;
  let claimedSecond = 0;
  for (const pair of pairs) {
    const flags = OUTCOMES.indexOf(pair.outcome) | bit(3, pair.final) | bit(4, pair.backfill) | bit(7, pair.counted);
    out.byte(flags | (bitsOf(pair, LANDED) << 5));
    out.byte(bitsOf(pair, MEASURES) | bit(6, pair.metrics !== undefined));
    const shared = sharedLength(partition, pair.partition);
    out.whole(shared);
    out.text(pair.partition.slice(shared));
    out.whole(pair.epoch);
    out.difference(changedAt - pair.changedAt);
    const second = pair.claimedAt / 1000;
    out.difference(claimedSecond - second);
    for (const name of LANDED) if (pair[name] !== undefined) out.difference(pair.changedAt - pair[name]);
    for (const name of MEASURES) if (pair[name] !== undefined) out.measure(pair[name]);
    out.whole(releases.indexOf(pair.release));
    if (pair.metrics) packMetrics(out, pair.metrics, metrics);
    ({ partition, changedAt } = pair);
    claimedSecond = second;
  }
  return out.finish();
}

/** @param written `before-tally`: by a release that knew neither metrics nor when a claim was made. */
export function unpackPairs(bytes: Uint8Array, written: 'now' | 'before-tally' = 'now'): Pair[] {
  const from = new Unpacker(bytes);
  const old = written === 'before-tally';
  const releases = unpackTexts(from);
  const metrics = old ? [] : unpackTexts(from);
  const pairs: Pair[] = [];
  let partition = '';
  let changedAt = 0;
  let claimedSecond = 0;
  for (let rest = from.whole(); rest > 0; rest--) {
    const flags = from.byte();
    const present = from.byte();
    partition = partition.slice(0, from.whole()) + from.text();
    const epoch = from.whole();
    changedAt -= from.difference();
    claimedSecond = old ? Math.floor(changedAt / 1000) : claimedSecond - from.difference();
    const pair: Writable<Pair> = {
      partition,
      epoch,
      outcome: known(OUTCOMES, flags & 7),
      changedAt,
      release: '',
      final: (flags & 8) !== 0,
      backfill: (flags & 16) !== 0,
      claimedAt: claimedSecond * 1000,
      counted: (flags & 128) !== 0,
    };
    LANDED.forEach((name, i) => {
      if (flags & (32 << i)) pair[name] = changedAt - from.difference();
    });
    MEASURES.forEach((name, i) => {
      if (present & (1 << i)) pair[name] = from.measure();
    });
    pair.release = known(releases, from.whole());
    if (present & 64) pair.metrics = unpackMetrics(from, metrics);
    pairs.push(pair);
  }
  return pairs;
}

/** How many; of each its name's position times four and a bit for each side that reports it, then the values. */
function packMetrics(out: Packer, metrics: NonNullable<Pair['metrics']>, names: readonly string[]): void {
  const entries = Object.entries(metrics);
  out.whole(entries.length);
  for (const [name, values] of entries) {
    out.whole(names.indexOf(name) * 4 + (bit(0, values.old !== undefined) | bit(1, values.new !== undefined)));
    for (const side of SIDES) if (values[side] !== undefined) out.measure(values[side]);
  }
}

function unpackMetrics(from: Unpacker, names: readonly string[]): Record<string, MetricPair> {
  const metrics: Record<string, MetricPair> = {};
  for (let rest = from.whole(); rest > 0; rest--) {
    const head = from.whole();
    const values: MetricPair = {};
    SIDES.forEach((side, i) => {
      if (head & (1 << i)) values[side] = from.measure();
    });
    metrics[known(names, Math.floor(head / 4))] = values;
  }
  return metrics;
}

function packTexts(out: Packer, texts: ReadonlySet<string>): readonly string[] {
  out.whole(texts.size);
  for (const text of texts) out.text(text);
  return [...texts];
}

function unpackTexts(from: Unpacker): string[] {
  return Array.from({ length: from.whole() }, () => from.text());
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
