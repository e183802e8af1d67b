/**
 * The limits of the whole fleet, which only ever slow promotions down. The schema is the reference for `fleet.yaml`; the
 * fan-out grants promotions by them. What one job is held to is its policy.
 */
import * as z from 'zod';
import { seconds } from './duration.ts';

const ratio = (fallback: number) => z.number().min(1).default(fallback);
const capacity = () => z.int().nonnegative().default(10_000);

export const fleetLimitsSchema = z.strictObject({
  capacity: z
    .strictObject({
      shadow: capacity().describe('weight of jobs that may be in shadow'),
      'reverse-shadow': capacity().describe('weight of jobs that may be in reverse shadow'),
      cleanup: capacity().describe('weight of jobs that may be in cleanup'),
    })
    .prefault({}),
  promotionsPerSweep: z.int().nonnegative().default(2_000).describe('weight that one sweep may promote'),
  breaker: z
    .strictObject({
      demotedShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('promotions stop when a sweep demoted more than this share of the jobs in reverse shadow'),
      atLeast: z.int().min(1).default(20).describe('... and at least so many'),
      forSeconds: seconds('6h', '... for this long'),
    })
    .prefault({}),
  equalOrBetter: z
    .strictObject({
      gate: z.boolean().default(true).describe('a wave that breaks a limit below keeps later waves from being swapped'),
      jobs: z.int().min(1).default(30).describe('compared jobs of a wave from which on it is judged as a whole'),
      lag: ratio(1.15).describe("new over old, summed over a wave's jobs: landing lag"),
      compute: ratio(1.1).describe('... compute seconds'),
      storage: ratio(1.1).describe('... bytes stored'),
    })
    .prefault({}),
});
export type FleetLimits = z.output<typeof fleetLimitsSchema>;
