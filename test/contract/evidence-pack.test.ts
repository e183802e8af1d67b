import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvidence, encodeEvidence } from '../../lib/aws/evidence-item.ts';
import { packPairs, packStanding, unpackPairs, unpackStanding } from '../../lib/aws/evidence-pack.ts';
import { itemBytes } from '../../lib/aws/record-body.ts';
import { type Pair, recomputeEvidence, STANDING_LIMIT, type Standing, WINDOW } from '../../lib/domain/evidence.ts';
import { toInstant } from '../../lib/domain/time.ts';
import { aLanding, anEvidence, aPair, aPublishedClaim, aStanding } from '../builders/records.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 22);
/** What the store adds to every item. */
const WRITE_ID = { writeId: 'x'.repeat(12) };

const anyText = fc.oneof(
  fc.string({ maxLength: 26 }),
  fc.string({ unit: 'binary', maxLength: 13 }),
  fc.constantFrom('', '\ud83d', 'half \udc00', '\u0000', '~'.repeat(128)),
);
const anyTime = fc.integer({ min: -DAY, max: 4e12 });
const anyCount = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const anyMeasure = fc.option(fc.float({ noNaN: true }), { nil: undefined });
const anyLanding = fc.option(anyTime, { nil: undefined });

const PLAIN = { noNullPrototype: true } as const;

/** The record without what is undefined: absent is absent. */
const present = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

const anyPair = fc
  .record({
    partition: anyText,
    epoch: anyCount,
    outcome: fc.constantFrom<Pair['outcome']>('match', 'mismatch', 'incomparable', 'old-only', 'new-only', 'none'),
    changedAt: anyTime,
    oldLandedAt: anyLanding,
    newLandedAt: anyLanding,
    oldLagSeconds: anyMeasure,
    newLagSeconds: anyMeasure,
    oldComputeSeconds: anyMeasure,
    newComputeSeconds: anyMeasure,
    oldStorageBytes: anyMeasure,
    newStorageBytes: anyMeasure,
    release: anyText,
    final: fc.boolean(),
    backfill: fc.boolean(),
  })
  .map((pair) => present(pair) as Pair);

const anyStanding = fc
  .record({
    partition: anyText,
    epoch: anyCount,
    changedAt: anyTime,
    landedAt: anyTime,
    final: fc.boolean(),
    quarantined: fc.boolean(),
    splitWriter: fc.boolean(),
    mismatch: fc.option(
      fc.record({ oldRows: anyCount, newRows: anyCount, oldChecksum: anyText, newChecksum: anyText }, PLAIN),
      { nil: undefined },
    ),
    owed: fc.option(
      fc.record(
        {
          by: fc.constantFrom('old' as const, 'new' as const),
          reason: fc.constantFrom<NonNullable<Standing['owed']>['reason']>(
            'not-landed',
            'not-published',
            'reassigned',
            'quarantined',
          ),
          since: anyTime,
        },
        PLAIN,
      ),
      { nil: undefined },
    ),
  })
  .map((standing) => present(standing) as Standing);

describe('packed evidence', () => {
  it('comes back exactly as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(anyPair, { maxLength: WINDOW }), (pairs) => {
        expect(unpackPairs(packPairs(pairs))).toStrictEqual(pairs);
      }),
    );
    fc.assert(
      fc.property(fc.array(anyStanding, { maxLength: STANDING_LIMIT }), (standing) => {
        expect(unpackStanding(packStanding(standing))).toStrictEqual(standing);
      }),
    );
  });

  it('is what the domain folded, measures that no Float32 holds included', () => {
    const claims = Array.from({ length: 40 }, (_, hour) => {
      const at = toInstant(START + hour * HOUR);
      const landing = { landedAt: at, computeSeconds: 0.1 * hour, storageBytes: 1e9 + hour };
      return aPublishedClaim({
        partition: at.slice(0, 13),
        readyAt: toInstant(START + hour * HOUR - 1_234_567),
        changedAt: at,
        production: aLanding(landing),
        shadow: aLanding({ ...landing, system: 'new', release: 'r-7', rowCount: 999 + (hour % 2) }),
      });
    });
    const folded = recomputeEvidence('flights-atl', claims, 3);
    expect(folded.recent).toHaveLength(WINDOW);
    expect(folded.standing).toHaveLength(STANDING_LIMIT);
    expect(decodeEvidence(encodeEvidence(folded))).toStrictEqual(folded);
  });

  it('takes 1.5 KB for a usual job: hourly, 32 pairs, all measures, one release', () => {
    const recent = Array.from({ length: WINDOW }, (_, i) => {
      const at = START - i * HOUR;
      return aPair({
        partition: toInstant(at).slice(0, 13),
        changedAt: at + 61_003,
        oldLandedAt: at,
        newLandedAt: at + 61_000,
        oldComputeSeconds: Math.fround(12.3),
        newComputeSeconds: Math.fround(11.1),
        oldStorageBytes: Math.fround(1e8),
        newStorageBytes: Math.fround(1e8),
      });
    });
    const bytes = itemBytes({ ...encodeEvidence(anEvidence({ recent })), ...WRITE_ID });
    expect(bytes).toBeGreaterThan(1_024);
    expect(bytes).toBeLessThanOrEqual(1_536);
  });

  it('never takes over 4 KB: every name at its limit and unlike the others, every measure there', () => {
    const printable = (length: number) => fc.string({ unit: 'grapheme-ascii', minLength: length, maxLength: length });
    const upTo = (max: number) => fc.integer({ min: Math.floor(max / 2), max });
    const pair = fc
      .record({
        partition: printable(26),
        release: printable(14),
        revision: upTo(16_383),
        epoch: upTo(16_383),
        gap: upTo(90 * DAY),
        old: upTo(90 * DAY),
        new: upTo(90 * DAY),
        measure: fc.float({ noNaN: true }),
      })
      .map(({ gap, old, new: next, measure, ...rest }) => ({ gap, old, next, measure, ...rest }));
    const standing = fc.record({
      partition: printable(128),
      revision: upTo(16_383),
      epoch: upTo(16_383),
      rows: upTo(2 ** 42),
      checksum: printable(12),
      gap: upTo(90 * DAY),
      since: upTo(90 * DAY),
    });
    let largest = 0;
    fc.assert(
      fc.property(
        printable(256),
        fc.array(pair, { minLength: WINDOW, maxLength: WINDOW }),
        fc.array(standing, { minLength: STANDING_LIMIT, maxLength: STANDING_LIMIT }),
        (jobId, pairs, stand) => {
          let at = Date.UTC(2036, 0, 1);
          const recent = pairs.map(({ gap, old, next, measure, ...names }) => {
            at -= gap;
            return aPair({
              ...names,
              changedAt: at,
              oldLandedAt: at - old,
              newLandedAt: at - next,
              oldLagSeconds: measure,
              newLagSeconds: measure,
              oldComputeSeconds: measure,
              newComputeSeconds: measure,
              oldStorageBytes: measure,
              newStorageBytes: measure,
            });
          });
          at = Date.UTC(2036, 0, 1);
          const standingOut = stand.map(({ rows, checksum, gap, since, ...names }) => {
            at -= gap;
            return aStanding({
              ...names,
              changedAt: at,
              mismatch: { oldRows: rows, newRows: rows, oldChecksum: checksum, newChecksum: checksum },
              owed: { by: 'new', reason: 'quarantined', since: at - since },
              quarantined: true,
            });
          });
          const evidence = anEvidence({ jobId, version: 1e9, recent, standing: standingOut, overflow: true });
          largest = Math.max(largest, itemBytes({ ...encodeEvidence(evidence), ...WRITE_ID }));
          expect(largest).toBeLessThanOrEqual(4_096);
        },
      ),
      { numRuns: 50 },
    );
    expect(largest, 'close to the limit, or the test has lost its worst case').toBeGreaterThan(3_800);
  });

  it('refuses data that ends too early, and numbers that are none', () => {
    const packed = packPairs([aPair()]);
    expect(() => unpackPairs(packed.slice(0, -1))).toThrow('in the middle of a value');
    expect(() => packPairs([aPair({ changedAt: Number.NaN })])).toThrow('NaN cannot be packed');
    expect(() => packPairs([aPair({ epoch: -1 })])).toThrow('-1 cannot be packed');
  });
});
