/**
 * The shapes of what comes in, and how a bad one is refused: naming the field, the value seen and what is allowed. Handlers
 * parse with these; behind them types are trusted. The schemas are the reference for the payloads (docs/payloads.md).
 */
import * as z from 'zod';
import { signatureSchema } from '../domain/difference.ts';
import { durationSeconds } from '../domain/duration.ts';
import { INTEGRATIONS } from '../domain/job.ts';
import type { LandingReport } from '../domain/landing.ts';
import { PHASES, SYSTEMS } from '../domain/phases.ts';
import { addSeconds, type Instant, toInstant, toMs } from '../domain/time.ts';
import { parse } from './parse.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Registration } from './register.ts';

/** For people, in any language; without what a terminal obeys, a log takes for its next line, or no store can keep. */
const READABLE = /^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u;
const text = (max: number) => z.string().min(1).max(max).regex(READABLE, 'one line of text without control characters');
/** Names that end in keys, messages and pages: printable ASCII without a blank. */
const name = (max: number) => text(max).regex(/^[!-~]+$/, 'printable ASCII without blanks');

const jobIdSchema = name(256).regex(/^[^#~]/, 'no leading # or ~');
const partitionSchema = text(128).regex(
  /^[!-"$-}][ -~]*$/,
  'printable ASCII that sorts in time order, no leading ~ or #',
);
const system = z.enum(SYSTEMS);
/** Any ISO-8601 instant with an offset; inside always UTC with milliseconds. */
const instant = z.iso.datetime({ offset: true }).transform((value, ctx) => {
  const at = toInstant(toMs(value));
  // Instants are compared as text, and a year of five digits would sort before every other.
  if (at.length === NO_TIME.length) return at;
  ctx.addIssue({ code: 'custom', message: 'years 0000 to 9999, in UTC' });
  return z.NEVER;
});
const NO_TIME: Instant = '1970-01-01T00:00:00.000Z';
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
const checksum = name(256);
const token = name(64);

const partitionOf = { jobId: jobIdSchema, partition: partitionSchema, system };

export const assignSchema = z.strictObject({
  ...partitionOf,
  readyAt: instant.optional(),
  runId: text(256).optional(),
});

const reportFields = {
  attempt: z.int().min(1).max(1_000_000).optional(),
  rowCount: z.int().nonnegative(),
  checksum,
  checksumAlgorithm: name(64).default('unspecified'),
  landedAt: instant,
  startedAt: instant.optional(),
  computeSeconds: amount.optional(),
  storageBytes: amount.optional(),
  metrics: z
    .record(name(64), z.number())
    .refine((metrics) => Object.keys(metrics).length <= 20, 'at most 20 metrics')
    .optional(),
  kind: z.enum(['scheduled', 'backfill']).default('scheduled'),
  final: z.boolean().default(false),
  inputVersion: text(128).optional(),
  schemaFingerprint: text(128).optional(),
  release: text(128)
    .regex(/^[ -~]+$/, 'printable ASCII')
    .optional(),
  runId: text(256).optional(),
};

export const landSchema = z.strictObject({ ...partitionOf, token, ...reportFields });
export const publishedSchema = z.strictObject({ ...partitionOf, token, checksum });

/** A queued landing: with the token of an assign, or saying which table was written. */
export const queuedLandingSchema = z
  .strictObject({
    ...partitionOf,
    token: token.optional(),
    table: z.enum(['production', 'shadow']).optional(),
    ...reportFields,
  })
  .refine((landing) => (landing.token === undefined) !== (landing.table === undefined), {
    path: ['token'],
    message: 'either a token, or the table that was written',
  });

const sampled = z.strictObject({
  key: text(64).describe('of the row'),
  column: text(64),
  old: z.string().max(64).regex(READABLE),
  new: z.string().max(64).regex(READABLE),
});
export const differenceSchema = z.strictObject({
  jobId: jobIdSchema,
  partition: partitionSchema,
  signature: signatureSchema,
  sample: z.array(sampled).max(5).default([]),
});

export const owedSchema = z.strictObject({
  system,
  jobId: jobIdSchema.optional(),
  limit: z.int().min(1).max(1_000).optional(),
});

const cadence = z
  .strictObject({
    every: durationSeconds.optional(),
    cron: text(128).optional(),
    timezone: text(64).default('UTC'),
    partitionFormat: text(128).optional(),
  })
  .refine((value) => (value.every === undefined) !== (value.cron === undefined), { message: 'either every or cron' });

const registrationSchema = z
  .strictObject({
    jobId: jobIdSchema,
    team: name(64),
    policy: name(64).default('default'),
    wave: z.int().min(0).max(10_000).default(0),
    weight: z.int().min(1).max(1_000).default(1),
    labels: z
      .record(name(64), text(256))
      .refine((labels) => Object.keys(labels).length <= 20, 'at most 20 labels')
      .default({}),
    targets: z.strictObject({ production: text(1_024), shadow: text(1_024) }).optional(),
    cadence: cadence.optional(),
    shape: z.enum(['partitioned', 'snapshot']).default('partitioned'),
    dueAfter: durationSeconds.optional(),
    integration: z.enum(INTEGRATIONS).default('fenced'),
    initialPhase: z.enum(PHASES).default('pending'),
  })
  .refine((job) => job.targets === undefined || job.targets.production !== job.targets.shadow, {
    path: ['targets', 'shadow'],
    message: 'a table of its own, not production',
  });

export const explainSchema = z.strictObject({ jobId: jobIdSchema });

export const REGISTER_BATCH = 500;
export const registerSchema = z.strictObject({
  jobs: z.array(z.unknown()).min(1).max(REGISTER_BATCH),
  dryRun: z.boolean().optional(),
});

export function parseRegistration(input: unknown): Registration | Refusal {
  const parsed = parse(registrationSchema, input);
  if ('refused' in parsed) return parsed;
  const { jobId, initialPhase, cadence: rhythm, dueAfter, targets, ...attributes } = parsed;
  return {
    jobId,
    initialPhase,
    attributes: {
      ...attributes,
      ...(targets && { targets }),
      ...(dueAfter !== undefined && { dueAfterSeconds: dueAfter }),
      ...(rhythm && {
        cadence: {
          timezone: rhythm.timezone,
          ...(rhythm.every !== undefined && { everySeconds: rhythm.every }),
          ...(rhythm.cron !== undefined && { cron: rhythm.cron }),
          ...(rhythm.partitionFormat !== undefined && { partitionFormat: rhythm.partitionFormat }),
        },
      }),
    },
  };
}

const by = { actor: name(256), reason: text(1_024) };
const asked = { ...by, requestId: name(128).optional(), dryRun: z.boolean().optional() };
const override = { jobId: jobIdSchema, ...asked, expectedVersion: z.int().min(1).optional() };
/** Before anybody changed them the fleet's controls are at version 0. */
const ofFleet = { ...asked, expectedVersion: z.int().min(0).optional() };
export const promoteSchema = z.strictObject({
  ...override,
  to: z.enum(PHASES).optional(),
  force: z.boolean().optional(),
});
export const demoteSchema = z.strictObject({ ...override, to: z.enum(PHASES).optional() });
export const completeSchema = z.strictObject({ ...override, confirm: z.string() });
export const approveSchema = z.strictObject({ ...override, to: z.enum(PHASES).optional() });
export const restartSchema = z.strictObject(override);
export const retireSchema = z.strictObject({ ...override, confirm: z.string() });
const scope = z.enum(['promotions', 'all']).optional();
export const holdSchema = z.strictObject({ ...override, scope, until: instant.optional() });
export const releaseSchema = z.strictObject({ ...override, splitWriter: z.boolean().optional() });
export const pauseSchema = z.strictObject({ ...ofFleet, scope, until: instant.optional() });
export const resumeSchema = z.strictObject({ ...ofFleet, breaker: z.boolean().optional() });

export const MAX_BATCH = 100;

/** A landing may be reported this much ahead of the controller's clock, for clocks that differ. */
const CLOCK_SKEW_SECONDS = 900;

export function refuseFuture(landing: { landedAt: Instant }, now: Instant): Refusal | undefined {
  if (landing.landedAt <= addSeconds(now, CLOCK_SKEW_SECONDS)) return undefined;
  return refuse(
    'Invalid',
    `landedAt: ${landing.landedAt} is in the future; up to ${CLOCK_SKEW_SECONDS} s after ${now} is allowed`,
    'landedAt',
  );
}

/** Only what was given, since absent and `undefined` are different things inside. */
export function reportOf(parsed: z.output<typeof landSchema> | z.output<typeof queuedLandingSchema>): LandingReport {
  const { jobId: _j, partition: _p, system: _s, token: _t, ...rest } = parsed;
  const { table: _table, ...report } = { table: undefined, ...rest };
  return Object.fromEntries(
    Object.entries(report).filter(([, value]) => value !== undefined),
  ) as unknown as LandingReport;
}
