/**
 * `coverage`: what a job must have been seen to do before it is promoted, such as a month's end or a backfill. Never `fail`:
 * what has not been seen is `missing`, however good the rest is.
 */
import * as z from 'zod';
import { type Calendar, MONTHS_KEPT, NOTHING_SEEN, sawWeekday, sawWeekend } from '../evidence/calendar.ts';
import type { Verdict } from '../verdict.ts';
import type { Present } from './pairs.ts';
import { verdictOf } from './verdict-of.ts';

const wanted = z
  .strictObject({
    weekday: z.boolean().default(false).describe('an equal pair of a Monday to Friday'),
    weekend: z.boolean().default(false).describe('... of a Saturday or Sunday'),
    monthEnds: z.int().min(0).max(MONTHS_KEPT).default(0).describe('... of the last day of so many different months'),
    backfills: z.int().min(0).max(10_000).default(0).describe('... of so many backfills'),
  })
  .prefault({});

export const coverageSchema = z
  .strictObject({
    shadow: wanted.describe(
      'seen in shadow, before the writers are swapped; days by the name of the partition, in UTC',
    ),
    'reverse-shadow': wanted.describe('... in reverse shadow, before the old system is stopped'),
  })
  .prefault({});
export type CoverageWanted = z.output<typeof wanted>;

/** `undefined` when the policy wants nothing seen. */
export function assessCoverage({ tally }: Present, rule: CoverageWanted): Verdict | undefined {
  const checks = checksOf(tally?.seen ?? NOTHING_SEEN, rule);
  if (checks.length === 0) return undefined;
  const say = verdictOf('coverage', { pairs: checks.filter(({ met }) => met).length, needed: checks.length });
  const open = checks.filter(({ met }) => !met).map(({ what }) => what);
  if (open.length > 0) return say('missing', `not seen yet: ${open.join(', ')}`);
  return say('pass', `seen: ${checks.map(({ what }) => what).join(', ')}`);
}

function checksOf(seen: Calendar, rule: CoverageWanted): { what: string; met: boolean }[] {
  return [
    ...(rule.weekday ? [{ what: 'a weekday', met: sawWeekday(seen) }] : []),
    ...(rule.weekend ? [{ what: 'a weekend', met: sawWeekend(seen) }] : []),
    ...(rule.monthEnds > 0
      ? [
          {
            what: `${seen.monthEnds.length} of ${rule.monthEnds} month ends`,
            met: seen.monthEnds.length >= rule.monthEnds,
          },
        ]
      : []),
    ...(rule.backfills > 0
      ? [{ what: `${seen.backfills} of ${rule.backfills} backfills`, met: seen.backfills >= rule.backfills }]
      : []),
  ];
}
