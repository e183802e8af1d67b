/**
 * What a policy may say about the noisy criteria: the sequential tests, the hard limits beside them or in their place, and
 * metrics of a team's own. Part of `policy.ts`; the descriptions are the documented table. How the numbers are used is in
 * `criteria/` and `sequential/`.
 */
import * as z from 'zod';
import { seconds } from './duration.ts';
import { WINDOW } from './evidence.ts';
import { DEFAULT_SETTINGS } from './sequential/settings.ts';

const count = (max: number, fallback: number, description: string) =>
  z.int().min(1).max(max).default(fallback).describe(description);

const tolerance = z
  .number()
  .min(0)
  .max(1)
  .default(DEFAULT_SETTINGS.tolerance)
  .describe('new may exceed old by this share before it counts as worse at all; 0.05 is 5 %');
const detectableRatio = z
  .number()
  .min(1.02)
  .max(10)
  .default(DEFAULT_SETTINGS.detectableRatio)
  .describe('the regression that a promotion rules out, as new over old');
const mustBeAbove = {
  error: 'the regression that is to be ruled out has to be greater than what is tolerated, 1 + `tolerance`',
  path: ['detectableRatio'],
};

/** @param test floor of the sequential test; `ratio` and `floor` are the hard limit's, which is the sole judge where no test is. */
const measure = (ratio: number, floor: number, test: number, what: string, unit: string) =>
  z
    .strictObject({
      ratio: z
        .number()
        .min(1)
        .default(ratio)
        .describe(`where limits judge alone, a pair breaches when new exceeds old in ${what} by this factor`),
      floor: z.number().nonnegative().default(floor).describe(`... and, in any case, by at least so many ${unit}`),
      test: z
        .strictObject({
          tolerance,
          detectableRatio,
          floor: z
            .number()
            .nonnegative()
            .default(test)
            .describe(`${unit} that are added to both sides, so that a few more are no regression`),
        })
        .refine((said) => said.detectableRatio > 1 + said.tolerance, mustBeAbove)
        .prefault({}),
    })
    .prefault({});

/** What every criterion that can be switched off takes: a dry run is judged and shown, and decides nothing. */
const dryRun = {
  judge: z.boolean().default(true).describe('`false`: not judged at all, as `false` in place of the criterion'),
  gate: z
    .boolean()
    .default(true)
    .describe('`false`: a dry run, judged and shown as not gating, which neither promotes nor demotes'),
};

/** There is one way not to judge a criterion, whichever way the policy says so. */
function unlessOff<T extends { judge: boolean }>({ judge, ...limits }: T): Omit<T, 'judge'> | false {
  return judge ? limits : false;
}

const canFail = {
  error: 'more breaches than the newest pairs that are looked at (`of`) can never happen',
  path: ['breaches'],
};

const limits = {
  breaches: count(WINDOW, 3, 'where limits judge alone, so many breaches fail; fewer, but any, are inconclusive'),
  of: count(WINDOW / 2, 12, '... among the newest pairs'),
};

const noisy = {
  ...dryRun,
  method: z
    .enum(['sequential', 'hard-limits-only'])
    .optional()
    .describe(
      '`sequential`: tests that may be looked at at any time, beside limits for gross regressions; `hard-limits-only`: the limits judge alone. Absent: the tests, but for jobs of less than a partition in three days, which are held to the limits and to an approval',
    ),
  gross: z
    .strictObject({
      ratio: z
        .number()
        .min(2)
        .default(10)
        .describe('beside the tests, a pair breaches when new exceeds old by this factor and the floor'),
      breaches: count(WINDOW, 4, '... and so many breaches fail at once, which a test needs some 16 pairs for'),
    })
    .prefault({}),
  ...limits,
};

export const landingLatencySchema = z
  .strictObject({
    ...noisy,
    lag: measure(3, 900, 60, 'lag', 'seconds'),
    maxExtraSeconds: seconds(
      '6h',
      'where limits judge alone, a pair breaches when new lands this much later, whatever the factor',
    ),
  })
  .refine(({ breaches, gross, of }) => Math.max(breaches, gross.breaches) <= of, canFail)
  .transform(unlessOff);

export const resourceUtilizationSchema = z
  .strictObject({
    ...noisy,
    compute: measure(2, 60, 30, 'compute', 'seconds'),
    storage: measure(2, 1e8, 1e8, 'storage', 'bytes'),
  })
  .refine(({ breaches, gross, of }) => Math.max(breaches, gross.breaches) <= of, canFail)
  .transform(unlessOff);

/** Custom criteria of one policy: each has a state and its values in the evidence, which is bounded. */
const CUSTOM_LIMIT = 4;

const customSchema = z
  .strictObject({
    ...dryRun,
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,19}$/, 'lower case letters, digits and dashes, at most 20')
      .describe('of the criterion, which is shown as `custom:NAME`'),
    metric: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.:-]{0,23}$/, 'a letter, then letters, digits, _ . : and -, at most 24 in all')
      .describe('of the landings, in `metrics`; not negative'),
    better: z.enum(['lower', 'higher']).default('lower').describe('which way is an improvement'),
    rule: z
      .enum(['sequential', 'limit'])
      .default('sequential')
      .describe('`sequential`: the tests; `limit`: pair by pair, by `ratio`, `breaches` and `of`'),
    floor: z
      .number()
      .nonnegative()
      .describe("in the metric's unit: added to both sides by the tests; what a breach of the limit exceeds at least"),
    tolerance,
    detectableRatio,
    ratio: z
      .number()
      .min(1)
      .default(2)
      .describe('a pair breaches when the worse side exceeds the better by this factor'),
    ...limits,
  })
  .refine((said) => said.detectableRatio > 1 + said.tolerance, mustBeAbove)
  .refine(({ breaches, of }) => breaches <= of, canFail)
  .transform(unlessOff);

export const customCriteriaSchema = z
  .array(customSchema)
  .max(CUSTOM_LIMIT)
  .default([])
  .transform((criteria) => criteria.filter((criterion) => criterion !== false))
  .refine((criteria) => new Set(criteria.map(({ name }) => name)).size === criteria.length, {
    error: 'two custom criteria have the same name',
  });

export const statisticsSchema = z
  .strictObject({
    threshold: z
      .number()
      .min(1e3)
      .max(1e9)
      .default(DEFAULT_SETTINGS.threshold)
      .describe(
        'a regression is proven when the evidence reaches this; a job within the tolerance is demoted at most once in so many landings in the mean',
      ),
    alpha: z
      .number()
      .min(1e-3)
      .max(0.2)
      .default(DEFAULT_SETTINGS.alpha)
      .describe('the chance, at most, that a job as slow as `detectableRatio` ever passes'),
  })
  .prefault({})
  .describe('what the sequential tests of all criteria promise');
