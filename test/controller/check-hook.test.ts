/** The conformance kit against hooks that are wrong in one way each: it names that, and nothing else. */
import { describe, expect, it } from 'vitest';
import { checkHook, type HookUnderTest } from '../../lib/controller/check-hook.ts';
import { type HookRequest, hookRequestSchema } from '../../lib/domain/hook.ts';
import { HOOK_STEPS, type HookStep } from '../../lib/domain/hook-policy.ts';

const say = (answer: string, more: object = {}) => ({ schemaVersion: 1, answer, ...more });
const passAs = (step: HookStep) => say('pass', step === 'remove' ? { removed: true } : {});

/** One that parses first, as a hook should; `answer` says the rest. */
function aHook(step: HookStep, answer: (request: HookRequest) => unknown = () => passAs(step), seconds = 1) {
  let nowMs = 0;
  const asked: unknown[] = [];
  const hook: HookUnderTest = {
    step,
    timeoutSeconds: 60,
    jobId: 'conformance.1',
    live: false,
    async call(request) {
      asked.push(request);
      nowMs += seconds * 1_000;
      return { answered: answer(hookRequestSchema.parse(request)) };
    },
    clock: () => nowMs,
  };
  return { hook, asked };
}

const failed = async (hook: HookUnderTest) => (await checkHook(hook)).filter(({ ok }) => !ok).map(({ check }) => check);

describe('the conformance kit', () => {
  it.each(HOOK_STEPS)('finds nothing wrong with a %s hook that does what is wanted', async (step) => {
    const { hook, asked } = aHook(step);
    expect(await failed(hook)).toEqual([]);
    expect(asked.length).toBeGreaterThan(6);
  });

  it('survives an answer of any depth, and one that claims to be an object of its own kind', async () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as unknown;
    const polluting = JSON.parse('{"schemaVersion":1,"answer":"pass","__proto__":{"removed":true}}') as unknown;
    for (const given of [
      deep,
      { schemaVersion: 1, answer: deep },
      { answer: deep },
      polluting,
      null,
      'x'.repeat(9_999),
    ]) {
      const { hook } = aHook('gate', () => given);
      const findings = await checkHook({ ...hook, call: async () => ({ answered: given }) });
      expect(findings[0]).toMatchObject({ ok: false, message: expect.stringMatching(/^.{1,300}$/) });
    }
  });

  it('sends dry runs only, unless it is told to be live', async () => {
    const { hook, asked } = aHook('gate');
    await checkHook(hook);
    expect(asked.every((request) => (request as HookRequest).dryRun)).toBe(true);
    asked.length = 0;
    await checkHook({ ...hook, live: true });
    expect(asked.some((request) => (request as HookRequest).dryRun)).toBe(false);
  });

  it('asks a settle hook about a demotion too', async () => {
    const { hook, asked } = aHook('settle');
    await checkHook(hook);
    expect(asked.map((request) => (request as Partial<HookRequest>).transition?.kind)).toContain('demotion');
  });

  it('lets a gate that says not yet pass later, under the same key', async () => {
    let times = 0;
    const { hook } = aHook('gate', () => (++times < 5 ? say('not-yet') : say('pass')));
    expect(await failed(hook)).toEqual([]);
  });

  const once = new Set<string>();
  let running = 0;
  it.each<[string, () => HookUnderTest, string[]]>([
    [
      'answers another word',
      () => aHook('gate', () => say('ok')).hook,
      [
        'answers a request of each kind that it is sent',
        'says the same when it is asked again with the same key',
        'stands being asked twice at once',
        'takes a job with awkward names',
      ],
    ],
    [
      'forgets what it has done',
      () =>
        aHook('prepare', ({ idempotencyKey }) => {
          if (once.has(idempotencyKey)) return say('fail', { message: 'there is one already' });
          once.add(idempotencyKey);
          return say('pass');
        }).hook,
      ['says the same when it is asked again with the same key', 'stands being asked twice at once'],
    ],
    [
      'cannot be asked twice at once',
      () => {
        const { hook } = aHook('gate');
        return {
          ...hook,
          async call(request: unknown) {
            if (running > 0) throw new Error('locked');
            running += 1;
            await Promise.resolve();
            running -= 1;
            return hook.call(request);
          },
        };
      },
      ['stands being asked twice at once'],
    ],
    [
      'chokes on names',
      () =>
        aHook('gate', ({ job }) => {
          if (!/^[\w.-]+$/.test(job.jobId)) throw new Error('bad name');
          return say('pass');
        }).hook,
      ['takes a job with awkward names'],
    ],
    [
      'knows promotions only',
      () =>
        aHook('settle', ({ transition }) => {
          if (transition.kind === 'demotion') throw new Error('cannot happen');
          return say('pass');
        }).hook,
      ['answers a request of each kind that it is sent'],
    ],
    [
      'passes what it does not understand',
      () => ({ ...aHook('gate').hook, call: async () => ({ answered: say('pass') }) }),
      [
        'does not pass a request that has no job',
        'does not pass a request without its key',
        'does not pass a schema version that it cannot know',
      ],
    ],
    ['is slow', () => ({ ...aHook('gate', undefined, 5).hook, timeoutSeconds: 4 }), ['answers within its time']],
  ])('finds out one that %s', async (_, hook, checks) => {
    expect(await failed(hook())).toEqual(checks);
  });
});
