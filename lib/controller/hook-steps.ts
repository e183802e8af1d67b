/**
 * The steps around a commit that ask the team's own functions: `askGate` and `prepare` before it, `settleHook` after it, and
 * `askAgain` where one did not pass. Each asks at most one hook once and writes down what it said on the job; none moves the
 * job: the commit judges for itself. They may run twice or late, always with the same idempotency key. Called by the state
 * machine, for promotions that a sweep has found ready but for their hooks, and for what past transitions owe.
 */
import { assessAttention } from '../domain/attention.ts';
import { evaluate } from '../domain/evaluate.ts';
import {
  describeForHook,
  HOOK_SCHEMA_VERSION,
  type HookOutcome,
  type HookRequest,
  keyOfHook,
  oneLine,
  parseHookAnswer,
  verdictsForHook,
} from '../domain/hook.ts';
import { findHook, type HookRule, type HookStep } from '../domain/hook-policy.ts';
import {
  dropVoidDebts,
  findDebts,
  findDueDebt,
  findWantedStep,
  recordAnswer,
  recordTelling,
} from '../domain/hook-record.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import type { Instant } from '../domain/time.ts';
import { readFacts } from './commit.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Hooks, Ports } from './ports.ts';

export interface HookRequested {
  jobId: string;
  to: Phase;
  /** The end of the sweep's grants: what is answered after it could not be committed, so nobody is asked. */
  expiresAt: Instant;
}

/** What a step came to. Not asking is no failure: nothing had to be asked, or not now. */
export type HookStepped =
  | ({ asked: true; step: HookStep; function: string; key: string } & HookOutcome)
  | { asked: false; why: string };

type Wanting = Pick<Ports, 'jobs' | 'evidence' | 'fleet' | 'policies'>;

/** Asks whether the team lets the job into its next phase now. */
export function askGate(ports: Wanting, hooks: Hooks, request: HookRequested, clock: () => Instant) {
  return ask(ports, hooks, ['gate'], request, clock);
}

/** Has the team make ready for the next phase; before the last one, remove the old job. */
export function prepare(ports: Wanting, hooks: Hooks, request: HookRequested, clock: () => Instant) {
  return ask(ports, hooks, ['prepare', 'remove'], request, clock);
}

/** Asks again what has not passed yet. Without a grant: what passes is promoted by a later sweep. */
export function askAgain(ports: Wanting, hooks: Hooks, request: HookRequested, clock: () => Instant) {
  return ask(ports, hooks, ['gate', 'prepare', 'remove'], request, clock);
}

async function ask(
  ports: Wanting,
  hooks: Hooks,
  steps: readonly HookStep[],
  { jobId, to, expiresAt }: HookRequested,
  clock: () => Instant,
): Promise<HookStepped> {
  const facts = await readFacts(ports, jobId, clock());
  if ('refused' in facts) return { asked: false, why: facts.message };
  const { job } = facts;
  const decision = evaluate(facts);
  // Only what nothing but its hooks keeps back: a held or regressing job, or one without a slot, is not asked about.
  if (decision.reason !== 'not-prepared' || decision.to !== to) return { asked: false, why: decision.message };
  const wanted = findWantedStep(facts);
  if (!wanted || wanted.step === 'settle' || !steps.includes(wanted.step) || !wanted.due) {
    return { asked: false, why: wanted?.message ?? 'no hook is asked for this transition' };
  }
  if (facts.now >= expiresAt) return { asked: false, why: `the grant ended at ${expiresAt}` };
  const { step, rule, round } = wanted;
  const request: HookRequest = {
    schemaVersion: HOOK_SCHEMA_VERSION,
    step,
    idempotencyKey: keyOfHook(job, to, step, round),
    dryRun: false,
    job: describeForHook(job),
    transition: { kind: 'promotion', from: job.phase, to },
    verdicts: verdictsForHook(decision.verdicts),
  };
  const outcome = await call(hooks, rule, request);
  await note(ports, jobId, clock, (now) =>
    // In another epoch it would be the answer to another question.
    now.job.epoch === job.epoch ? recordAnswer(now.job, { step, to, rule, round }, outcome, now.at) : undefined,
  );
  return { asked: true, step, function: rule.function, key: request.idempotencyKey, ...outcome };
}

/** Tells the team of the oldest transition that its hook has not taken note of. Nothing waits for it but later promotions. */
export async function settleHook(
  ports: Wanting,
  hooks: Hooks,
  { jobId }: { jobId: string },
  clock: () => Instant,
): Promise<HookStepped> {
  const facts = await readFacts(ports, jobId, clock());
  if ('refused' in facts) return { asked: false, why: facts.message };
  const { job, policy } = facts;
  const debt = findDueDebt(facts);
  const rule = debt && findHook(policy, debt.to, 'settle');
  if (!debt || !rule) {
    if (hasVoidDebts(job, policy)) await note(ports, jobId, clock, (now) => dropVoidDebts(now.job, policy));
    return { asked: false, why: 'nothing is owed to a hook now' };
  }
  const { kind, from, to, version, epoch, at, reason, untold } = debt;
  const request: HookRequest = {
    schemaVersion: HOOK_SCHEMA_VERSION,
    step: 'settle',
    idempotencyKey: keyOfHook({ jobId, epoch }, to, 'settle'),
    dryRun: false,
    job: describeForHook(job),
    transition: { kind, from, to, version, at, reason, ...(untold !== undefined && { untold }) },
    verdicts: [],
  };
  const outcome = await call(hooks, rule, request);
  await note(ports, jobId, clock, (now) => recordTelling(now.job, debt, rule, outcome, now.at));
  return { asked: true, step: 'settle', function: rule.function, key: request.idempotencyKey, ...outcome };
}

/** Debts that no hook of the policy asks to be told of any more. */
export function hasVoidDebts(job: Job, policy: Policy): boolean {
  return (job.hooks?.debts?.length ?? 0) > findDebts({ job, policy }).length;
}

async function call(hooks: Hooks, rule: HookRule, request: HookRequest): Promise<HookOutcome> {
  const noAnswer = (why: string): HookOutcome => ({ answer: 'no-answer', message: oneLine(why) });
  try {
    const reply = await hooks.call(rule.function, request, rule.timeoutSeconds);
    if ('failed' in reply) return noAnswer(reply.failed);
    const answer = parseHookAnswer(request.step, reply.answered);
    if ('malformed' in answer) return noAnswer(`its answer is not understood: ${answer.malformed}`);
    const { answer: said, message, retryAfterSeconds } = answer;
    return {
      answer: said,
      ...(message !== undefined && { message }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  } catch (error) {
    // Whatever a hook does, the job goes on as one whose hook gave no answer: it waits, and a person is told.
    return noAnswer(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

/** Changes what the job remembers of its hooks, with its attention, in one conditional write. */
async function note(
  ports: Wanting,
  jobId: string,
  clock: () => Instant,
  change: (now: { job: Job; at: Instant }) => Job | undefined,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const facts = await readFacts(ports, jobId, clock());
    if ('refused' in facts || facts.job.retired) return;
    const changed = change({ job: facts.job, at: facts.now });
    if (!changed) return;
    const seen = { ...facts, job: changed };
    const attention = assessAttention(seen, evaluate(seen));
    const { attention: _, ...rest } = changed;
    const next: Job = { ...rest, version: facts.job.version + 1, ...(attention && { attention }) };
    const written = await ports.jobs.replace(next, facts.job);
    if (written.written) return;
  }
  throw contended('hook', jobId);
}
