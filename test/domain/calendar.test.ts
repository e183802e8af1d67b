/** Which days of the calendar the pairs of a job have covered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Calendar, markSeen, NOTHING_SEEN, sawWeekday, sawWeekend } from '../../lib/domain/evidence/calendar.ts';
import { aPair } from '../builders/records.ts';

const seen = (...partitions: string[]): Calendar =>
  partitions.reduce((calendar, partition) => markSeen(calendar, aPair({ partition })), NOTHING_SEEN);

describe('the calendar of a job', () => {
  it('tells weekdays from weekends by the day in the name of the partition', () => {
    expect([sawWeekday(seen('2026-11-20')), sawWeekend(seen('2026-11-20'))]).toEqual([true, false]);
    expect([sawWeekday(seen('2026-11-22T13')), sawWeekend(seen('2026-11-22T13'))]).toEqual([false, true]);
    expect(sawWeekend(seen('20261121'))).toBe(true);
  });

  it('counts the last days of months, each month once', () => {
    expect(seen('2026-10-30', '2026-11-29').monthEnds).toEqual([]);
    expect(seen('2026-10-31T00', '2026-10-31T23').monthEnds).toHaveLength(1);
    expect(seen('2024-02-28').monthEnds).toEqual([]);
    expect(seen('2024-02-29', '2026-02-28', '2026-12-31').monthEnds).toHaveLength(3);
  });

  it('is the same in whatever order pairs come: a backfill brings the older months after the newer', () => {
    const day = fc.date({
      min: new Date('2024-01-01T00:00:00Z'),
      max: new Date('2027-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const monthEnds = fc.record({ year: fc.integer({ min: 2024, max: 2027 }), month: fc.integer({ min: 1, max: 12 }) });
    const names = fc.oneof(
      day.map((at) => at.toISOString().slice(0, 10)),
      monthEnds.map(({ year, month }) => new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)),
    );
    const orders = fc
      .array(names, { maxLength: 40 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(orders, ([all, shuffled]) => {
        expect(seen(...shuffled)).toEqual(seen(...all));
      }),
    );
    expect(seen('2026-10-31', '2026-09-30', '2026-08-31').monthEnds).toHaveLength(3);
  });

  it('keeps as many months as a policy can ask for, and no name makes it lose the others', () => {
    const years = Array.from({ length: 20 }, (_, i) => `20${10 + i}-12-31`);
    expect(seen('9999-12-31', ...years).monthEnds).toHaveLength(12);
    expect(seen('9999-12-31', '2026-10-31').monthEnds).toHaveLength(2);
  });

  it('goes by the claim where a name is no day', () => {
    const claimedAt = Date.UTC(2026, 10, 30);
    for (const partition of ['lsn-000000012345', '2026-13-01', '2026-02-30', '20261122130000']) {
      expect(markSeen(NOTHING_SEEN, aPair({ partition, claimedAt })).monthEnds).toHaveLength(1);
    }
  });

  it('counts backfills', () => {
    expect(markSeen(NOTHING_SEEN, aPair({ backfill: true })).backfills).toBe(1);
    expect(seen('2026-11-20').backfills).toBe(0);
  });
});
