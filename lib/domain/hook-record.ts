/**
 * What a job remembers of its hooks: the last answer to each step of its next promotion, and what transitions that have
 * happened still owe. `needs.ts` reads it, sweeps and the steps of a promotion write it. Answers are of one epoch; debts outlive
 * epochs, because what happened has to be told whatever came after. Pure.
 */
import type { HookOutcome } from './hook.ts';
import { type AskedStep, findHook, type HookRule } from './hook-policy.ts';
import type { Job } from './job.ts';
import { type Phase, promotionFrom } from './phases.ts';
import type { Policy } from './policy.ts';
import { addSeconds, describeSeconds, type Instant, secondsBetween } from './time.ts';

interface Asked {
  /** As the policy named it then: another function is asked anew. */
  function: string;
  answer: HookOutcome['answer'];
  message: string;
  at: Instant;
  /** So many times, all with the same key. */
  asked: number;
  firstAskedAt: Instant;
  /** Not before this. Absent: by the next sweep. */
  againAt?: Instant;
}

/** The last answer to one step before the job's next phase. */
export interface HookRecord extends Asked {
  to: Phase;
  epoch: number;
  /** Rises when a gate is asked again after its pass grew old: that is another question. */
  round: number;
}

/** A transition that happened and that its `settle` hook has not taken note of yet. */
export interface HookDebt {
  from: Phase;
  to: Phase;
  kind: 'promotion' | 'demotion';
  /** The job's version and epoch that the transition made. */
  version: number;
  epoch: number;
  at: Instant;
  reason: string;
  last?: Asked;
  /** Older debts that were given up for this one. */
  untold?: number;
}

export interface JobHooks {
  answers?: Partial<Record<AskedStep, HookRecord>>;
  /** Oldest first. */
  debts?: HookDebt[];
}

type Facts = { job: Job; policy: Policy; now: Instant };

/** The next thing that hooks have to do for a job, and why it waits, for people. */
export interface HookStepWanted {
  step: AskedStep | 'settle';
  rule: HookRule;
  /** It may be asked now. */
  due: boolean;
  /** It was asked before, and did not pass. */
  again: boolean;
  message: string;
  /** Of the question that is asked next. */
  round: number;
}

/** What the job's next promotion waits for, in the order in which it is asked; `undefined` when it waits for no hook. */
export function findWantedStep(facts: Facts): HookStepWanted | undefined {
  const to = promotionFrom(facts.job.phase)?.to;
  if (!to) return undefined;
  const [debt] = findDebts(facts);
  if (debt) return describeDebt(debt, facts);
  for (const step of ['gate', 'prepare', 'remove'] as const) {
    const rule = findHook(facts.policy, to, step);
    const wanted = rule && describeStep(step, to, rule, facts);
    if (wanted) return wanted;
  }
  return undefined;
}

/** The debts that the policy still has a hook for, oldest first; the others are void. */
export function findDebts({ job, policy }: Pick<Facts, 'job' | 'policy'>): HookDebt[] {
  return (job.hooks?.debts ?? []).filter((debt) => findHook(policy, debt.to, 'settle') !== undefined);
}

/** The debt to be told now; `undefined` while the oldest one waits for its time. */
export function findDueDebt(facts: Facts): HookDebt | undefined {
  const [debt] = findDebts(facts);
  return debt && isDue(debt.last, facts.now) ? debt : undefined;
}

/**
 * Which hook fails, and what it said last, for attention: answers of an epoch that is over say nothing any more. A hook in
 * trouble words it anew each time, so what it says is no part of the cause.
 */
export function findHookFailure(facts: Pick<Facts, 'job' | 'policy'>): { cause: string; message: string } | undefined {
  const { job } = facts;
  const [debt] = findDebts(facts);
  const open = (Object.entries(job.hooks?.answers ?? {}) as [AskedStep, HookRecord][])
    .filter(([step, record]) => counts(record, job, findHook(facts.policy, record.to, step)))
    .map(([step, record]) => ({ what: `${step} before ${record.to}`, record: record as Asked }));
  if (debt?.last) open.push({ what: `settle after ${debt.from} -> ${debt.to}`, record: debt.last });
  const failed = open.find(({ record }) => record.answer === 'fail' || record.answer === 'no-answer');
  if (!failed) return undefined;
  const { answer, message } = failed.record;
  const said = answer === 'fail' ? 'failed' : 'gave no answer';
  return { cause: failed.what, message: message ? `${said}: ${message}` : said };
}

function describeStep(step: AskedStep, to: Phase, rule: HookRule, facts: Facts): HookStepWanted | undefined {
  const { job, now } = facts;
  const what = `${step} ${rule.function}`;
  const record = findAnswer(job, step, to);
  const first = { step, rule, due: true, again: false };
  if (record?.function !== rule.function) {
    return {
      ...first,
      // Of another function it is another question, too: one that was asked before must not take it for a repeat.
      round: record ? record.round + 1 : 1,
      message: `${what} has not been asked yet: the next sweep asks it when all else holds`,
    };
  }
  const { answer, at, round } = record;
  if (answer !== 'pass') {
    return { step, rule, due: isDue(record, now), again: true, round, message: describeAsked(what, record) };
  }
  const { validSeconds } = rule;
  if (validSeconds === undefined || secondsBetween(at, now) <= validSeconds) return undefined;
  const message = `${what} passed at ${at}, more than ${describeSeconds(validSeconds)} ago: the next sweep asks it again`;
  return { ...first, round: round + 1, message };
}

function describeDebt(debt: HookDebt, facts: Facts): HookStepWanted | undefined {
  const rule = findHook(facts.policy, debt.to, 'settle');
  if (!rule) return undefined;
  const what = `settle ${rule.function} after ${debt.from} -> ${debt.to}`;
  const message = debt.last ? describeAsked(what, debt.last) : `${what} has not been told yet: the next sweep tells it`;
  return { step: 'settle', rule, due: isDue(debt.last, facts.now), again: debt.last !== undefined, round: 1, message };
}

const SAYS: Record<HookOutcome['answer'], string> = {
  pass: 'says pass',
  fail: 'says fail',
  'not-yet': 'says not yet',
  'no-answer': 'gave no answer',
};

function describeAsked(what: string, { answer, message, asked, firstAskedAt, againAt }: Asked): string {
  const often = asked === 1 ? `asked at ${firstAskedAt}` : `asked ${asked} times since ${firstAskedAt}`;
  const again = againAt === undefined ? 'by the next sweep' : `not before ${againAt}`;
  return `${what} ${SAYS[answer]}${message ? `: ${message}` : ''} (${often}; again ${again})`;
}

function counts(record: HookRecord, job: Job, rule: HookRule | undefined): boolean {
  return record.epoch === job.epoch && rule?.function === record.function;
}

function isDue(asked: Asked | undefined, now: Instant): boolean {
  return asked?.againAt === undefined || asked.againAt <= now;
}

/** The job with the answer to a step of its next promotion; `undefined` where a later round has been answered meanwhile. */
export function recordAnswer(
  job: Job,
  { step, to, rule, round }: { step: AskedStep; to: Phase; rule: HookRule; round: number },
  outcome: HookOutcome,
  now: Instant,
): Job | undefined {
  const last = findAnswer(job, step, to);
  if (last && last.round > round) return undefined;
  const before = last?.function === rule.function && last.round === round ? last : undefined;
  const record: HookRecord = { ...askedOf(rule, outcome, before, now), to, epoch: job.epoch, round };
  return withHooks(job, { ...job.hooks, answers: { ...job.hooks?.answers, [step]: record } });
}

/** What this step of the promotion into `to` was answered in this epoch, whichever function did. */
function findAnswer(job: Job, step: AskedStep, to: Phase): HookRecord | undefined {
  const record = job.hooks?.answers?.[step];
  return record?.to === to && record.epoch === job.epoch ? record : undefined;
}

/** The job after one of its debts was told: paid with `pass`, else to be told again. Nothing changes where it is paid already. */
export function recordTelling(
  job: Job,
  debt: HookDebt,
  rule: HookRule,
  outcome: HookOutcome,
  now: Instant,
): Job | undefined {
  if (!job.hooks?.debts?.some(({ version }) => version === debt.version)) return undefined;
  const debts = job.hooks.debts.flatMap((known): HookDebt[] => {
    if (known.version !== debt.version) return [known];
    return outcome.answer === 'pass' ? [] : [{ ...known, last: askedOf(rule, outcome, known.last, now) }];
  });
  return withHooks(job, { ...job.hooks, debts });
}

/** Without the debts that the policy has no hook for any more. */
export function dropVoidDebts(job: Job, policy: Policy): Job {
  return withHooks(job, { ...job.hooks, debts: findDebts({ job, policy }) });
}

/** More than any chain of automatic demotions makes before it is `flapping`. */
const DEBTS_KEPT = 10;

/** After a transition: answers are over with their epoch, and its own `settle` hook is owed. */
export function hooksAfter(job: Job, debt: HookDebt, policy: Policy): { hooks?: JobHooks } {
  const owed = [...(job.hooks?.debts ?? []), ...(findHook(policy, debt.to, 'settle') ? [debt] : [])];
  const [first, ...rest] = owed;
  if (!first) return {};
  const [next] = rest;
  if (owed.length <= DEBTS_KEPT || !next) return { hooks: { debts: owed } };
  const untold = (first.untold ?? 0) + (next.untold ?? 0) + 1;
  return { hooks: { debts: [{ ...next, untold }, ...rest.slice(1)] } };
}

function withHooks(job: Job, { answers, debts }: JobHooks): Job {
  const { hooks: _, ...rest } = job;
  const kept = { ...(answers && { answers }), ...(debts?.length && { debts }) };
  return Object.keys(kept).length > 0 ? { ...rest, hooks: kept } : rest;
}

const FIRST_RETRY_SECONDS = 900;
const MAX_RETRY_SECONDS = 6 * 3_600;
/** Who has said "not yet" for long is asked more rarely, up to hourly. */
const MAX_PATIENCE_SECONDS = 3_600;
const PATIENCE_SHARE = 4;

function askedOf(rule: HookRule, outcome: HookOutcome, before: Asked | undefined, now: Instant): Asked {
  const asked = (before?.asked ?? 0) + 1;
  const firstAskedAt = before?.firstAskedAt ?? now;
  const seconds = outcome.retryAfterSeconds ?? waitSeconds(outcome.answer, asked, secondsBetween(firstAskedAt, now));
  return {
    function: rule.function,
    answer: outcome.answer,
    message: outcome.message ?? '',
    at: now,
    asked,
    firstAskedAt,
    ...(outcome.answer !== 'pass' && seconds > 0 && { againAt: addSeconds(now, seconds) }),
  };
}

function waitSeconds(answer: HookOutcome['answer'], asked: number, waitedSeconds: number): number {
  if (answer === 'not-yet') return Math.min(waitedSeconds / PATIENCE_SHARE, MAX_PATIENCE_SECONDS);
  return Math.min(FIRST_RETRY_SECONDS * 2 ** (asked - 1), MAX_RETRY_SECONDS);
}
