/** Durations as people write them in policies and registrations. */
import ms from 'ms';
import * as z from 'zod';

const DURATION = /^\d{1,9}(\.\d{1,6})?\s*(s|m|min|h|d|w)$/;
/** Ten years: longer is a slip of the unit. */
const LIMIT_SECONDS = 3.2e8;
const FORM = 'seconds as a number, or text such as 15m, 36h, 7d, up to ten years';

/** Seconds, as a number or as text with a unit: `90`, `15m`, `36h`, `7d`. */
export const durationSeconds = z
  .union([z.number().nonnegative().max(LIMIT_SECONDS), z.string().max(32)], { error: FORM })
  .transform((value, ctx) => {
    if (typeof value === 'number') return value;
    const parsed = DURATION.test(value) ? ms(value as ms.StringValue) / 1000 : undefined;
    if (parsed !== undefined && parsed <= LIMIT_SECONDS) return parsed;
    ctx.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is no duration: ${FORM}` });
    return z.NEVER;
  });
