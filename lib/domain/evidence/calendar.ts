/**
 * Which days the equal pairs of an epoch and release have covered: a job that only ever ran on Tuesdays has not shown what it
 * does at a month's end. Counted with the tally; the policy's `coverage` says what has to be there. Pure.
 */
import type { Pair } from './pair.ts';

export interface Calendar {
  /** One bit for each day of the week, Monday lowest. */
  weekdays: number;
  /** Months whose last day was covered, as year times 12 plus month, in order: the newest of them, at most `MONTHS_KEPT`. */
  monthEnds: readonly number[];
  backfills: number;
}

export const NOTHING_SEEN: Calendar = { weekdays: 0, monthEnds: [], backfills: 0 };

/** As many as a policy can ask for. */
export const MONTHS_KEPT = 12;
const WEEKDAYS = 0b0011111;
const WEEKEND = 0b1100000;

export function sawWeekday({ weekdays }: Calendar): boolean {
  return (weekdays & WEEKDAYS) !== 0;
}

export function sawWeekend({ weekdays }: Calendar): boolean {
  return (weekdays & WEEKEND) !== 0;
}

/** The calendar with an equal pair in it. In whatever order pairs come, since a backfill brings old months after new ones. */
export function markSeen(seen: Calendar, pair: Pair): Calendar {
  const day = dayOf(pair);
  return {
    weekdays: seen.weekdays | (1 << ((day.getUTCDay() + 6) % 7)),
    monthEnds: isMonthEnd(day) ? withMonth(seen.monthEnds, day) : seen.monthEnds,
    backfills: seen.backfills + (pair.backfill ? 1 : 0),
  };
}

/** A counted pair that is no longer equal: the days that it stood for were seen, but it is no equal backfill. */
export function unmarkBackfill(seen: Calendar, { backfill }: Pair): Calendar {
  return backfill ? { ...seen, backfills: Math.max(0, seen.backfills - 1) } : seen;
}

function isMonthEnd(day: Date): boolean {
  return new Date(day.getTime() + 86_400_000).getUTCDate() === 1;
}

function withMonth(months: readonly number[], day: Date): readonly number[] {
  const month = day.getUTCFullYear() * 12 + day.getUTCMonth();
  if (months.includes(month)) return months;
  return [...months, month].sort((a, b) => a - b).slice(-MONTHS_KEPT);
}

/** The day that a partition is named after (`2026-11-22T13`, `20261122`), or else the day on which it was claimed, in UTC. */
function dayOf({ partition, claimedAt }: Pair): Date {
  const [, year, month, day] = /^(\d{4})-?(\d\d)-?(\d\d)(?!\d)/.exec(partition) ?? [];
  const named = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDay = named.getUTCMonth() === Number(month) - 1 && named.getUTCDate() === Number(day);
  return isDay ? named : new Date(claimedAt);
}
