/**
 * The conformance kit for a team's gate or hook: asks it what Crossfade would, twice, at once and wrongly, and says what does not
 * hold. Called by `crossfade hooks check` and from a team's own tests. It must not know where the hook runs.
 */
import {
  describeSeen,
  HOOK_SCHEMA_VERSION,
  type HookRequest,
  hookRequestSchema,
  oneLine,
  parseHookAnswer,
} from '../domain/hook.ts';
import type { HookStep } from '../domain/hook-policy.ts';
import type { Phase } from '../domain/phases.ts';

export interface HookFinding {
  check: string;
  ok: boolean;
  /** What was asked, what came back, what is wanted. */
  message: string;
}

export interface HookUnderTest {
  step: HookStep;
  /** As the policy gives it. */
  timeoutSeconds: number;
  /** How the ids of the jobs begin that it is asked about: another one each time, or it may take a check for a repeat. */
  jobId: string;
  /** Requests are no dry runs: the hook does what it does. */
  live: boolean;
  /** Labels of the job that the hook is asked about, where it needs some. */
  labels?: Readonly<Record<string, string>>;
  call(request: unknown): Promise<{ answered: unknown } | { failed: string }>;
  /** Milliseconds. */
  clock(): number;
}

const CHECKS: readonly [check: string, run: (hook: Timed) => Promise<string | { wrong: string }>][] = [
  ['answers a request of each kind that it is sent', answersEachKind],
  ['says the same when it is asked again with the same key', repeats],
  ['stands being asked twice at once', standsTwoAtOnce],
  ['takes a job with awkward names', takesAwkwardNames],
  ['does not pass a request that has no job', (hook) => refuses(hook, 'job')],
  ['does not pass a request without its key', (hook) => refuses(hook, 'idempotencyKey')],
  ['does not pass a schema version that it cannot know', refusesOtherVersion],
  ['answers within its time', answersInTime],
];

/** Each check goes on past the others; the last one looks at the time of all. */
export async function checkHook(hook: HookUnderTest): Promise<HookFinding[]> {
  const timed = new Timed(hook);
  const findings: HookFinding[] = [];
  for (const [check, run] of CHECKS) {
    const found = await run(timed);
    findings.push({ check, ok: typeof found === 'string', message: typeof found === 'string' ? found : found.wrong });
  }
  return findings;
}

type Said = { answer: 'pass' | 'fail' | 'not-yet' } | { wrong: string };

/** The hook, with the time of its slowest call. */
class Timed {
  readonly hook: HookUnderTest;
  slowestMs = 0;

  constructor(hook: HookUnderTest) {
    this.hook = hook;
  }

  async raw(request: unknown): Promise<{ answered: unknown } | { failed: string }> {
    const began = this.hook.clock();
    try {
      return await this.hook.call(request);
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) };
    } finally {
      this.slowestMs = Math.max(this.slowestMs, this.hook.clock() - began);
    }
  }

  async ask(request: HookRequest): Promise<Said> {
    const reply = await this.raw(request);
    if ('failed' in reply) return { wrong: `no answer to ${request.idempotencyKey}: ${oneLine(reply.failed)}` };
    const answer = parseHookAnswer(this.hook.step, reply.answered);
    return 'malformed' in answer ? { wrong: answer.malformed } : { answer: answer.answer };
  }
}

/** The transitions that a hook of this step can be asked about. */
const KINDS: Record<HookStep, readonly [from: Phase, to: Phase, kind: 'promotion' | 'demotion'][]> = {
  gate: [
    ['shadow', 'reverse-shadow', 'promotion'],
    ['reverse-shadow', 'cleanup', 'promotion'],
  ],
  prepare: [
    ['pending', 'shadow', 'promotion'],
    ['shadow', 'reverse-shadow', 'promotion'],
  ],
  remove: [['cleanup', 'complete', 'promotion']],
  settle: [
    ['shadow', 'reverse-shadow', 'promotion'],
    ['reverse-shadow', 'shadow', 'demotion'],
  ],
};

/** @param about a part of the job's id of its own, so that no check is taken for the repeat of another. */
function aRequest(
  { step, jobId: prefix, live, labels = {} }: HookUnderTest,
  about: string,
  [from, to, kind]: (typeof KINDS)[HookStep][number] = KINDS[step][0] as (typeof KINDS)[HookStep][number],
): HookRequest {
  const jobId = `${prefix}.${about}`;
  const told = step === 'settle' ? { version: 7, at: '2026-11-22T13:00:00.000Z', reason: 'criteria-pass' } : {};
  return hookRequestSchema.parse({
    schemaVersion: HOOK_SCHEMA_VERSION,
    step,
    idempotencyKey: `${jobId}/3/${to}/${step}`,
    dryRun: !live,
    job: {
      jobId,
      team: 'conformance',
      policy: 'default',
      wave: 0,
      labels,
      phase: step === 'settle' ? to : from,
      epoch: 3,
      version: 7,
      targets: { production: 'orders', shadow: 'orders_shadow' },
    },
    transition: { kind, from, to, ...told },
    verdicts: step === 'settle' ? [] : [{ criterion: 'dataQuality', outcome: 'pass', message: '24 of 24 pairs match' }],
  } satisfies HookRequest);
}

async function answersEachKind(timed: Timed) {
  const said: string[] = [];
  for (const kind of KINDS[timed.hook.step]) {
    const answer = await timed.ask(aRequest(timed.hook, kind[1], kind));
    if ('wrong' in answer) return answer;
    said.push(`${kind[0]} -> ${kind[1]}: ${answer.answer}`);
  }
  return said.join(', ');
}

async function repeats(timed: Timed) {
  const request = aRequest(timed.hook, 'repeated');
  const said: string[] = [];
  for (let time = 0; time < 3; time++) {
    const answer = await timed.ask(request);
    if ('wrong' in answer) return answer;
    said.push(answer.answer);
  }
  const settled = said.find((answer) => answer !== 'not-yet');
  const changed = settled !== undefined && said.slice(said.indexOf(settled)).some((answer) => answer !== settled);
  const all = said.join(', then ');
  return changed ? { wrong: `${all}: only \`not-yet\` may become something else under one key` } : all;
}

async function standsTwoAtOnce(timed: Timed) {
  const request = aRequest(timed.hook, 'at-once');
  const answers = await Promise.all([timed.ask(request), timed.ask(request)]);
  const wrong = answers.find((answer) => 'wrong' in answer);
  if (wrong) return wrong;
  const said = answers.map((answer) => ('answer' in answer ? answer.answer : '')).sort();
  if (said.join() === 'fail,pass')
    return { wrong: 'one passed and one failed: what the first does, the second has to find' };
  return said.join(' and ');
}

const AWKWARD = {
  quotes: `o'brien "the" \\ ${'$'}{x} <b>`,
  text: 'Zürich 東京 🚀',
  long: 'x'.repeat(256),
};

async function takesAwkwardNames(timed: Timed) {
  const request = aRequest(timed.hook, 'awkward');
  const { job } = request;
  const labels = { ...AWKWARD, ...job.labels };
  const jobId = `${job.jobId}/'";$(x)<&>%2F`;
  const answer = await timed.ask({ ...request, idempotencyKey: `${jobId}/3`, job: { ...job, jobId, labels } });
  return 'wrong' in answer ? answer : `${answer.answer}: quotes, other scripts and long labels`;
}

async function refuses(timed: Timed, field: 'job' | 'idempotencyKey') {
  const { [field]: _, ...rest } = aRequest(timed.hook, `without-${field}`);
  return notPassed(await timed.raw(rest));
}

async function refusesOtherVersion(timed: Timed) {
  return notPassed(await timed.raw({ ...aRequest(timed.hook, 'other-version'), schemaVersion: 99 }));
}

/** An exception will do as well as an answer: both keep the job where it is. */
function notPassed(reply: { answered: unknown } | { failed: string }): string | { wrong: string } {
  if ('failed' in reply) return 'it threw';
  const said = (reply.answered as { answer?: unknown } | null)?.answer;
  if (said !== 'pass') return `it answered ${describeSeen(said)}`;
  return { wrong: 'it answered "pass" to what it cannot have understood: parse the request first, and throw' };
}

async function answersInTime({ hook, slowestMs }: Timed) {
  const seconds = slowestMs / 1_000;
  const took = `the slowest of these calls took ${seconds.toFixed(2)} s, ${hook.timeoutSeconds} s are allowed`;
  return seconds <= hook.timeoutSeconds ? took : { wrong: took };
}
