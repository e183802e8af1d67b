/** Durations as people write them in policies and registrations. */
import ms from 'ms';
import { z } from 'zod';

const DURATION = /^\d+(\.\d+)?\s*(s|m|min|h|d|w)$/;

/** Seconds, as a number or as text with a unit: `90`, `15m`, `36h`, `7d`. */
export const durationSeconds = z.union([z.number().nonnegative().max(3.2e8), z.string()]).transform((value, ctx) => {
  if (typeof value === 'number') return value;
  const parsed = DURATION.test(value) ? ms(value as ms.StringValue) : undefined;
  if (parsed === undefined) {
    ctx.addIssue({
      code: 'custom',
      message: `${JSON.stringify(value)} is not a duration: use seconds or e.g. 15m, 36h, 7d`,
    });
    return z.NEVER;
  }
  return parsed / 1000;
});
