/**
 * Policies: the criteria and limits that a job is held to, by name, and the limits of the fleet. The schemas are the
 * reference for `policies/*.yaml`, their descriptions the README's table, their defaults the documented ones.
 */
import * as z from 'zod';
import { approvalsSchema } from './approval.ts';
import { durationSeconds } from './duration.ts';
import { WINDOW } from './evidence.ts';

const seconds = (fallback: string, description: string) => durationSeconds.prefault(fallback).describe(description);
const count = (max: number, fallback: number, description: string) =>
  z.int().min(1).max(max).default(fallback).describe(description);

const hardLimit = (ratio: number, floor: number, what: string, unit: string) =>
  z
    .strictObject({
      ratio: z
        .number()
        .min(1)
        .default(ratio)
        .describe(`a pair breaches when new exceeds old in ${what} by this factor`),
      floor: z.number().nonnegative().default(floor).describe(`... and by at least so many ${unit}`),
    })
    .prefault({});

const canFail = {
  error: 'more breaches than the newest pairs that are looked at (`of`) can never happen',
  path: ['breaches'],
};

const landingLatency = z
  .strictObject({
    lag: hardLimit(3, 900, 'lag', 'seconds'),
    maxExtraSeconds: seconds('6h', 'a pair breaches when new lands this much later, whatever the factor'),
    breaches: count(WINDOW, 3, 'so many breaches fail; fewer, but any, are inconclusive'),
    of: count(WINDOW, 12, '... among the newest pairs'),
  })
  .refine(({ breaches, of }) => breaches <= of, canFail);

const resourceUtilization = z
  .strictObject({
    compute: hardLimit(2, 60, 'compute', 'seconds'),
    storage: hardLimit(2, 1e8, 'storage', 'bytes'),
    breaches: count(WINDOW, 3, 'so many breaches fail; fewer, but any, are inconclusive'),
    of: count(WINDOW, 12, '... among the newest pairs'),
  })
  .refine(({ breaches, of }) => breaches <= of, canFail);

export const policySchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower case letters, digits and dashes')
    .describe("the file's name"),
  automation: z
    .enum(['observe', 'recommend', 'enforce'])
    .default('observe')
    .describe(
      '`observe`: decisions are recorded, none is committed; `recommend`: promotions wait for a person, demotions do not; `enforce`: all are committed',
    ),
  minPairs: z
    .int()
    .min(3)
    .max(WINDOW)
    .default(24)
    .describe('matching pairs of the present epoch and release that a promotion needs; never below 3'),
  maxAgeSeconds: seconds('2d', 'evidence older than this is missing'),
  settleSeconds: seconds(
    '15m',
    'a pair counts when no later attempt came for this long, or at once when both landings are `final`',
  ),
  absentGraceSeconds: seconds('6h', 'how long one side may be absent after the other has landed'),
  owedGraceSeconds: seconds('6h', 'how long a partition may be owed before a person should look'),
  soak: z
    .strictObject({
      shadowSeconds: seconds('3d', 'time in shadow before the writers are swapped'),
      reverseShadowSeconds: seconds('7d', 'time in reverse shadow before the old system is stopped'),
    })
    .prefault({}),
  tombstoneSeconds: seconds('14d', 'time in cleanup in which the old job can be started again'),
  cooldown: z
    .strictObject({
      firstSeconds: seconds('1d', 'no promotion for this long after a demotion; doubles with each'),
      maxSeconds: seconds('16d', '... up to this'),
    })
    .prefault({}),
  flapping: z
    .strictObject({
      demotions: z
        .int()
        .min(2)
        .max(10)
        .default(4)
        .describe('so many automatic demotions, and only a person promotes the job'),
      withinSeconds: seconds('60d', '... within this time'),
    })
    .prefault({}),
  stuckAfter: z
    .strictObject({
      pendingSeconds: seconds('14d', 'longer in pending is `stuck`'),
      shadowSeconds: seconds('14d', 'longer in shadow is `stuck`'),
      reverseShadowSeconds: seconds('21d', 'longer in reverse shadow is `stuck`'),
      cleanupSeconds: seconds('30d', 'longer in cleanup is `stuck`'),
    })
    .prefault({}),
  approvals: approvalsSchema,
  criteria: z
    .strictObject({
      dataQuality: z
        .strictObject({})
        .prefault({})
        .describe('row count and checksum are equal, pair by pair; always on, nothing to set'),
      landingLatency: z
        .union([landingLatency, z.literal(false)])
        .prefault({})
        .describe('`false` switches it off'),
      resourceUtilization: z
        .union([resourceUtilization, z.literal(false)])
        .prefault({})
        .describe('`false` switches it off'),
    })
    .prefault({}),
});

export type Policy = z.output<typeof policySchema> & {
  /** Of the content it was read from; recorded with every decision. */
  hash: string;
};

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
});
export type FleetLimits = z.output<typeof fleetLimitsSchema>;
