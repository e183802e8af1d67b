import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvidence, encodeEvidence } from '../../lib/aws/evidence-item.ts';
import { packPairs, unpackPairs } from '../../lib/aws/evidence-pack.ts';
import { packStanding, unpackStanding } from '../../lib/aws/standing-pack.ts';
import { packTally, unpackTally } from '../../lib/aws/tally-pack.ts';
import { countingRules } from '../../lib/domain/counting.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { STANDING_LIMIT, type Standing } from '../../lib/domain/evidence/standing.ts';
import { recomputeEvidence, WINDOW } from '../../lib/domain/evidence.ts';
import { toInstant } from '../../lib/domain/time.ts';
import { aLanding, anEvidence, aPair, aPolicy, aPublishedClaim } from '../builders/records.ts';
import { stateAfter } from './states.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 22);
/** What the store adds to every item. */
const _WRITE_ID = { writeId: 'x'.repeat(12) };

const anyText = fc.oneof(
  fc.string({ maxLength: 26 }),
  fc.string({ unit: 'binary', maxLength: 13 }),
  fc.constantFrom('', '\ud83d', 'half \udc00', '\u0000', '~'.repeat(128)),
);
const anyTime = fc.integer({ min: -DAY, max: 4e12 });
const anyCount = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const anyMeasure = fc.option(fc.float({ noNaN: true }), { nil: undefined });
const anySecond = fc.integer({ min: 0, max: 4e9 }).map((second) => second * 1000);
const anyLanding = fc.option(anyTime, { nil: undefined });

const PLAIN = { noNullPrototype: true } as const;

const anyMetric = fc
  .record({ old: anyMeasure, new: anyMeasure }, PLAIN)
  .map((values) => present(values) as { old?: number; new?: number });

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
    counted: fc.boolean(),
    claimedAt: anySecond,
    metrics: fc.option(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyMetric, { minKeys: 1, maxKeys: 4, ...PLAIN }),
      {
        nil: undefined,
      },
    ),
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
      fc.record(
        { oldRows: anyCount, newRows: anyCount, oldChecksum: anyText, newChecksum: anyText, signature: anyText },
        PLAIN,
      ),
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

const anyState = fc.integer({ min: 1, max: 60 }).map(stateAfter);

const anyTally = fc.record(
  {
    epoch: anyCount,
    release: anyText,
    begunAt: anyTime,
    newLandedAt: anyTime,
    landedAt: anyTime,
    claimedAt: anySecond,
    partition: anyText,
    equal: anyCount,
    seen: fc.record(
      { weekdays: fc.nat(127), monthEnds: fc.array(fc.nat(120_000), { maxLength: 12 }), backfills: anyCount },
      PLAIN,
    ),
    states: fc.dictionary(fc.constantFrom('lag', 'compute', 'storage', 'custom:rejected-rows'), anyState, PLAIN),
  },
  PLAIN,
);

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
    fc.assert(
      fc.property(anyTally, (tally) => {
        expect(unpackTally(packTally(tally))).toStrictEqual(tally);
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
    const counting = { rules: countingRules(aPolicy()), now: toInstant(START + 30 * HOUR) };
    const folded = recomputeEvidence('flights-atl', claims, 3, counting);
    expect(folded.recent).toHaveLength(WINDOW);
    expect(folded.standing).toHaveLength(STANDING_LIMIT);
    expect(Object.values(folded.tally!.states).map(({ pairs }) => pairs)).toEqual([40, 40, 40]);
    expect(decodeEvidence(encodeEvidence(folded))).toStrictEqual(folded);
  });

  it('of a release from before pairs were counted is read, with nothing counted', () => {
    const written = 'AQby1g0CaAcAGjKYzNaKxVoyGTUWAwT/h4WywGjAqQcARBYAAEQHAABA8AAAAGkDDAIwBIC6twPAqQcARBYAAEQHAAAA';
    const at = Date.UTC(2026, 10, 22, 12);
    const pairs = [0, 1].map((i) => ({
      partition: `2026-11-22T1${1 - i}`,
      epoch: 4,
      outcome: i === 0 ? 'match' : 'mismatch',
      changedAt: at - i * HOUR,
      oldLandedAt: at - i * HOUR - 60_000,
      newLandedAt: at - i * HOUR,
      oldLagSeconds: 600,
      newLagSeconds: 540,
      ...(i === 0 && { oldComputeSeconds: 7.5 }),
      release: 'r-7',
      final: true,
      backfill: false,
      claimedAt: at - i * HOUR,
      counted: false,
    }));
    const { pairs: _, tally: __, ...item } = encodeEvidence(anEvidence());
    const decoded = decodeEvidence({ ...item, recent: Buffer.from(written, 'base64') });
    expect(decoded).toStrictEqual({ ...anEvidence(), recent: pairs });
  });

  it('refuses data that ends too early, and numbers that are none', () => {
    const packed = packPairs([aPair()]);
    expect(() => unpackPairs(packed.slice(0, -1))).toThrow('in the middle of a value');
    expect(() => packPairs([aPair({ changedAt: Number.NaN })])).toThrow('NaN cannot be packed');
    expect(() => packPairs([aPair({ epoch: -1 })])).toThrow('-1 cannot be packed');
  });
});
