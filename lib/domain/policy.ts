/**
 * Policies: the criteria and limits that a job is held to, by name. The schema is the reference for `policies/*.yaml`, its
 * descriptions are the documented table and what an editor shows, its defaults the documented ones.
 */
import * as z from 'zod';
import { approvalsSchema } from './approval.ts';
import { coverageSchema } from './criteria/coverage.ts';
import {
  customCriteriaSchema,
  landingLatencySchema,
  resourceUtilizationSchema,
  statisticsSchema,
} from './criteria-policy.ts';
import { knownDifferenceSchema } from './difference.ts';
import { seconds } from './duration.ts';
import { hooksSchema } from './hook-policy.ts';

/** No policy can let a proven difference pass: whoever wants to look first has `automation: observe`. */
const always = z.literal(true).describe('data quality is always judged and always gates').optional();

export const policyName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower case letters, digits and dashes');

export const policySchema = z.strictObject({
  name: policyName.describe("the file's name"),
  extends: policyName
    .optional()
    .describe('the policy that this one is based on: what is not said here is as there, lists are replaced'),
  automation: z
    .enum(['observe', 'recommend', 'enforce'])
    .default('observe')
    .describe(
      '`observe`: decisions are recorded, none is committed; `recommend`: promotions wait for a person, demotions do not; `enforce`: all are committed',
    ),
  minPairs: z
    .int()
    .min(3)
    .max(10_000)
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
  hooks: hooksSchema,
  criteria: z
    .strictObject({
      dataQuality: z
        .strictObject({
          judge: always,
          gate: always,
          knownDifferences: z
            .array(knownDifferenceSchema)
            .max(20)
            .default([])
            .describe('mismatches that are excused until a day, each with an owner; always shown as excused')
            .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
              error: 'two known differences have the same name',
            }),
          sampleColumns: z
            .array(z.string().min(1).max(64))
            .max(50)
            .default([])
            .describe(
              'columns whose values, with the key of their row, may be kept in the sample of a mismatch; all others are redacted',
            ),
        })
        .prefault({})
        .describe(
          'row count and checksum are equal, pair by pair, but for known differences; always judged and always gating',
        ),
      coverage: coverageSchema.describe('what must have been seen before a promotion; nothing by default'),
      landingLatency: z
        .union([landingLatencySchema, z.literal(false)])
        .prefault({})
        .describe('`false` switches it off'),
      resourceUtilization: z
        .union([resourceUtilizationSchema, z.literal(false)])
        .prefault({})
        .describe('`false` switches it off'),
      custom: customCriteriaSchema.describe('metrics of your own that both systems report, at most 4'),
    })
    .prefault({}),
  statistics: statisticsSchema,
});

export type Policy = Omit<z.output<typeof policySchema>, 'extends'> & {
  /** Of all that it says, inherited or not, defaults included; recorded with every decision. */
  hash: string;
};
