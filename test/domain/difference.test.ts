/** What a mismatch is about, and which mismatches a policy excuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, isOpen, isQuarantined } from '../../lib/domain/claim.ts';
import {
  findExcuse,
  isExcused,
  type KnownDifference,
  knownDifferenceSchema,
  mismatchOf,
} from '../../lib/domain/difference.ts';
import { planDifference, planExcuse } from '../../lib/domain/plan-difference.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLanding, aPublishedClaim, NOW } from '../builders/records.ts';

const rule = (given: object): KnownDifference =>
  knownDifferenceSchema.parse({ name: 'known', reason: 'r', owner: 'ann', expires: '2026-12-31', ...given });
const aMismatchingClaim = (landing: object = { rowCount: 990, checksum: 'other' }) =>
  aPublishedClaim({ shadow: aLanding({ system: 'new', ...landing }) });

function reported(claim: Claim, signature: string): Claim {
  const outcome = planDifference(claim, { signature, sample: [] }, NOW);
  if (outcome.kind !== 'accepted') throw new Error(`the report is ${outcome.kind}`);
  return outcome.next;
}

describe('the signature of a mismatch', () => {
  it.each([
    [1_000, 'content'],
    [990, 'fewer-rows'],
    [1_010, 'more-rows'],
  ])('is, as long as nobody compared the rows, what the counts say: 1000 against %i is %s', (rowCount, signature) => {
    expect(mismatchOf(aMismatchingClaim({ rowCount, checksum: 'other' }))?.signature).toBe(signature);
  });

  it('is what a comparison found, until one of the two landings is replaced', () => {
    const next = reported(aMismatchingClaim(), 'late_rows');
    expect(mismatchOf(next)?.signature).toBe('late_rows');
    expect(
      mismatchOf({ ...next, shadow: aLanding({ system: 'new', rowCount: 2, checksum: 'yet-another' }) })?.signature,
    ).toBe('fewer-rows');
  });

  it('is none where the pair matches, is incomplete or cannot be compared', () => {
    expect(mismatchOf(aPublishedClaim({ shadow: aLanding({ system: 'new' }) }))).toBeUndefined();
    expect(mismatchOf(aPublishedClaim())).toBeUndefined();
    expect(mismatchOf(aMismatchingClaim({ checksum: 'x', checksumAlgorithm: 'other' }))).toBeUndefined();
  });
});

describe('a known difference', () => {
  const seen = { oldRows: 1_000, newRows: 995, signature: 'fewer-rows' };

  it.each<[string, object, boolean]>([
    ['a share of the rows that covers it', { rowCount: { share: 0.005 } }, true],
    ['a share that does not', { rowCount: { share: 0.004 } }, false],
    ['as many rows as differ', { rowCount: { rows: 5 } }, true],
    ['fewer', { rowCount: { rows: 4 } }, false],
    ['its signature', { signature: 'fewer-rows' }, true],
    ['another signature', { signature: 'content' }, false],
    ['its signature, but too few rows', { signature: 'fewer-rows', rowCount: { rows: 1 } }, false],
  ])('with %s', (_, given, excuses) => {
    expect(findExcuse(seen, [rule(given)], NOW) !== undefined).toBe(excuses);
  });

  it('takes a share for what it says, whatever its product with the rows is in binary', () => {
    const of = (oldRows: number, newRows: number) => ({ oldRows, newRows, signature: 'fewer-rows' });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e6 }), fc.integer({ min: 1, max: 99 }), (hundreds, percent) => {
        const tolerant = [rule({ rowCount: { share: percent / 100 } })];
        const [rows, allowed] = [hundreds * 100, hundreds * percent];
        expect(findExcuse(of(rows, rows - allowed), tolerant, NOW)).toBeDefined();
        expect(findExcuse(of(rows, rows + allowed + 1), tolerant, NOW)).toBeUndefined();
      }),
    );
  });

  it('that tolerates row counts never excuses a side that has none', () => {
    const all = [rule({ rowCount: { share: 1, rows: 1_000 } })];
    for (const [oldRows, newRows] of [
      [1_000, 0],
      [0, 3],
    ] as const) {
      expect(findExcuse({ oldRows, newRows, signature: 'fewer-rows' }, all, NOW)).toBeUndefined();
    }
    expect(findExcuse({ oldRows: 1_000, newRows: 1, signature: 'fewer-rows' }, all, NOW)).toBeDefined();
  });

  it('holds through its last day, and not a moment longer', () => {
    const rules = [rule({ signature: 'fewer-rows', expires: '2026-11-22' })];
    expect(findExcuse(seen, rules, '2026-11-22T23:59:59.999Z')).toBeDefined();
    expect(findExcuse(seen, rules, '2026-11-23T00:00:00.000Z')).toBeUndefined();
  });

  it('that tolerates row counts never excuses equal counts with other content', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.double({ min: 0.001, max: 1, noNaN: true }), (rows, share) => {
        const same = { oldRows: rows, newRows: rows, signature: 'content' };
        expect(findExcuse(same, [rule({ rowCount: { share, rows: 1e6 } })], NOW)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['nobody answers for it', { owner: '' }, 'owner'],
    ['it never ends', { expires: undefined }, 'expires'],
    ['it does not say what it excuses', {}, 'say which mismatches'],
    ['its tolerance is nothing', { rowCount: {} }, 'a tolerance of nothing'],
  ])('is refused when %s', (_, given, message) => {
    const parsed = knownDifferenceSchema.safeParse({
      ...{ name: 'known', reason: 'r', owner: 'ann', expires: '2026-12-31' },
      ...given,
    });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});

describe('an excuse', () => {
  const rules = [rule({ rowCount: { share: 0.02 } })];

  it('names its rule and owner, and settles the claim', () => {
    const excused = planExcuse(aMismatchingClaim(), rules, NOW);
    expect(excused?.excused).toMatchObject({
      rule: 'known',
      owner: 'ann',
      content: { oldRows: 1_000, newRows: 990, oldChecksum: 'c0ffee', newChecksum: 'other' },
    });
    expect(excused && isExcused(excused)).toBe(true);
  });

  it('is given once, and for nothing that no rule covers or that does not mismatch', () => {
    const excused = planExcuse(aMismatchingClaim(), rules, NOW);
    expect(excused && planExcuse(excused, rules, addSeconds(NOW, 60))).toBeUndefined();
    expect(planExcuse(aMismatchingClaim({ rowCount: 1, checksum: 'x' }), rules, NOW)).toBeUndefined();
    expect(planExcuse(aPublishedClaim({ shadow: aLanding({ system: 'new' }) }), rules, NOW)).toBeUndefined();
  });

  it('ends when either side lands another number of rows, though the checksum says the same', () => {
    const excused = planExcuse(aMismatchingClaim({ rowCount: 990, checksum: 'none' }), rules, NOW)!;
    expect(isExcused(excused)).toBe(true);
    const landed = excused.shadow!;
    expect(isExcused({ ...excused, shadow: { ...landed, rowCount: 1 } })).toBe(false);
  });

  it('for one cause ends when another is found out, and the partition is in quarantine again', () => {
    const byCause = [rule({ signature: 'mean_delay' })];
    const swapped = aPublishedClaim({ writer: 'new', shadow: aLanding({ system: 'old', checksum: 'other' }) });
    const excused = planExcuse(reported(swapped, 'mean_delay'), byCause, NOW)!;
    expect([isExcused(excused), isQuarantined(excused)]).toEqual([true, false]);

    const wrong = reported(excused, 'wrong_airport');
    expect([isExcused(wrong), isQuarantined(wrong), isOpen(wrong)]).toEqual([false, true, true]);
    expect(wrong.grant).toBeGreaterThan(excused.grant);
  });

  it('for a number of rows stands, whatever the cause turns out to be', () => {
    const excused = planExcuse(aMismatchingClaim(), rules, NOW)!;
    expect(isExcused(reported(excused, 'late_rows'))).toBe(true);
  });

  it('ends when either side lands other content', () => {
    fc.assert(
      fc.property(fc.constantFrom('production', 'shadow'), fc.string({ minLength: 1 }), (side, checksum) => {
        const excused = planExcuse(aMismatchingClaim(), rules, NOW)!;
        const landed = excused[side as 'production' | 'shadow']!;
        fc.pre(checksum !== landed.checksum);
        expect(isExcused({ ...excused, [side]: { ...landed, checksum } })).toBe(false);
      }),
    );
  });
});
