/**
 * What is said between Crossfade and a team's gate or hook: the request, the answer, and the key by which a repeated request is
 * known. The two schemas are the reference for docs/hooks.md; hooks written in TypeScript can parse with them. Pure.
 */
import * as z from 'zod';
import { HOOK_STEPS, type HookStep } from './hook-policy.ts';
import type { Job } from './job.ts';
import { PHASES, type Phase } from './phases.ts';
import type { Verdict } from './verdict.ts';

export const HOOK_SCHEMA_VERSION = 1;

/** Texts of jobs and of answers are cut here, so that a request never nears the limits of whoever carries it. */
const TEXT_LIMIT = 500;
const MAX_RETRY_AFTER_SECONDS = 86_400;

export const hookRequestSchema = z.strictObject({
  schemaVersion: z.literal(HOOK_SCHEMA_VERSION),
  step: z.enum(HOOK_STEPS),
  /** The same for every repeat of one question: a hook that has effects has them once for each key. */
  idempotencyKey: z.string().min(1).max(512),
  /** Answer as you would, and change nothing. Only the conformance check asks so. */
  dryRun: z.boolean(),
  job: z.strictObject({
    jobId: z.string(),
    team: z.string(),
    policy: z.string(),
    wave: z.int(),
    labels: z.record(z.string(), z.string()),
    phase: z.enum(PHASES),
    epoch: z.int(),
    version: z.int(),
    targets: z.strictObject({ production: z.string(), shadow: z.string() }).optional(),
  }),
  transition: z.strictObject({
    kind: z.enum(['promotion', 'demotion']),
    from: z.enum(PHASES),
    to: z.enum(PHASES),
    /** The job's version that it made, when it was, and why: for `settle` only, which is told afterwards. */
    version: z.int().optional(),
    at: z.string().optional(),
    reason: z.string().optional(),
    /** Transitions before this one that could not be told, since too many were owed. */
    untold: z.int().optional(),
  }),
  verdicts: z.array(z.strictObject({ criterion: z.string(), outcome: z.string(), message: z.string() })),
});
export type HookRequest = z.output<typeof hookRequestSchema>;

const answered = {
  schemaVersion: z.literal(HOOK_SCHEMA_VERSION),
  answer: z.enum(['pass', 'fail', 'not-yet']),
  message: z.string().max(10_000).transform(oneLine).optional(),
  /** With `not-yet` and `fail`: not to be asked again before this. */
  retryAfterSeconds: z.number().min(0).max(MAX_RETRY_AFTER_SECONDS).optional(),
};
const answerSchema = z.strictObject(answered);
const removalSchema = z
  .strictObject({ ...answered, removed: z.boolean().optional() })
  .refine(({ answer, removed }) => (answer === 'pass') === (removed === true), {
    error: '`pass` and `removed: true` belong together here: the old job is gone, or answer `not-yet` or `fail`',
    path: ['removed'],
  });

export type HookAnswer = z.output<typeof answerSchema> & { removed?: boolean | undefined };

/** What came of asking. `no-answer` is everything that is no answer: silence, an exception, nonsense. */
export type HookOutcome =
  | Pick<HookAnswer, 'answer' | 'message' | 'retryAfterSeconds'>
  | { answer: 'no-answer'; message: string; retryAfterSeconds?: undefined };

/** The answer, or what is wrong with it: the field, the value seen, what is allowed. */
export function parseHookAnswer(step: HookStep, value: unknown): HookAnswer | { malformed: string } {
  const parsed = (step === 'remove' ? removalSchema : answerSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'the answer';
  const seen = issue?.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  const fields = step === 'remove' ? [...Object.keys(answered), 'removed'] : Object.keys(answered);
  const allowed = issue?.code === 'unrecognized_keys' ? `; allowed are ${fields.join(', ')}` : '';
  return { malformed: `${field}: ${describeSeen(seen)} is no answer: ${issue?.message ?? 'not understood'}${allowed}` };
}

/** Of what a hook gave. What is inside of it may be of any depth, which is no concern of whoever reads this. */
export function describeSeen(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return oneLine(JSON.stringify(value) ?? 'nothing')
    .slice(0, 80)
    .toWellFormed();
}

/**
 * Of one question: the job, its epoch, and the step into a phase. Not the job's version, which rises with every record of an
 * answer while the question stays the same; the epoch changes when the question does.
 */
export function keyOfHook(
  job: Pick<Job, 'jobId' | 'epoch'>,
  to: Phase,
  step: HookStep,
  round = 1,
): HookRequest['idempotencyKey'] {
  return `${job.jobId}/${job.epoch}/${to}/${step}${round > 1 ? `/${round}` : ''}`;
}

export function describeForHook(job: Job): HookRequest['job'] {
  const { jobId, team, policy, wave, labels, phase, epoch, version, targets } = job;
  return { jobId, team, policy, wave, labels, phase, epoch, version, ...(targets && { targets }) };
}

export function verdictsForHook(verdicts: readonly Verdict[]): HookRequest['verdicts'] {
  return verdicts.map(({ criterion, outcome, message }) => ({ criterion, outcome, message: oneLine(message) }));
}

/** What a hook says is shown in logs, on terminals and pages: one line, of a bounded length. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  // A character that the cut halves is no text that a table would take, and the answer would never be noted.
  return line.length <= TEXT_LIMIT ? line : `${line.slice(0, TEXT_LIMIT).toWellFormed()}...`;
}
