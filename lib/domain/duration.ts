/** Durations as people write them in policies and registrations. */
import ms from 'ms';
import * as z from 'zod';

const DURATION = /^\d{1,9}(\.\d{1,6})?\s*(s|m|min|h|d|w)$/;
/** Ten years: longer is a slip of the unit. */
const LIMIT_SECONDS = 3.2e8;
export const DURATION_FORM = 'seconds as a number, or text such as 15m, 36h, 7d, up to ten years';

/** Seconds, as a number or as text with a unit: `90`, `15m`, `36h`, `7d`. */
export const durationSeconds = z
  .union([z.number().nonnegative().max(LIMIT_SECONDS), z.string().max(32).regex(DURATION, DURATION_FORM)], {
    error: DURATION_FORM,
  })
  .transform((value) => (typeof value === 'number' ? value : ms(value as ms.StringValue) / 1000))
  .refine((value) => value <= LIMIT_SECONDS, { error: DURATION_FORM });

/** A duration in a file of settings: its default as people write it, and what it means. */
export const seconds = (fallback: string, description: string) =>
  durationSeconds.prefault(fallback).describe(description);
