/** The state machine's file, executed: with each of its tasks failing, timing out, throttled and answering twice. */
import { readFileSync } from 'node:fs';
// @ts-expect-error it has no types
import aslValidator from 'asl-validator';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ITEMS, PROMOTIONS, REQUEST, run, throwing } from './evaluation-run.ts';

const FILE = new URL('../../lib/constructs/evaluation.asl.json', import.meta.url);
describe('the evaluation state machine', () => {
  it('is valid, and every task has a timeout, retries with backoff and jitter, and a catch', () => {
    const text = readFileSync(FILE, 'utf8');
    const definition = JSON.parse(text.replace(/\$\{\w+\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:any'));
    const { isValid, errorsText } = aslValidator(definition, { checkArn: true, checkPaths: true });
    expect(isValid, errorsText('\n')).toBe(true);
    expect([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name).sort()).toEqual([
      'AccountFunctionArn',
      'AccountFunctionArn',
      'CommitFunctionArn',
      'CommitFunctionArn',
      'EvaluateFunctionArn',
      'HookFunctionArn',
      'HookFunctionArn',
      'HookFunctionArn',
      'HookFunctionArn',
    ]);
    const states = [definition.States, definition.States.Promote.ItemProcessor.States].flatMap(Object.values);
    const tasks = states.filter((state) => state.Type === 'Task');
    expect(tasks).toHaveLength(9);
    for (const task of tasks) {
      expect(task.TimeoutSeconds).toBeLessThan(definition.TimeoutSeconds);
      expect(task.Catch).not.toHaveLength(0);
      for (const retry of task.Retry)
        expect(retry).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL', MaxDelaySeconds: 20 });
    }
  });

  it('hands each promotion to commit with its sweep and the end of its grant, and the outcomes to account', async () => {
    const { ended, of } = run({});
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(of('evaluate')).toEqual([REQUEST]);
    const { sweepId, expiresAt, group } = REQUEST;
    expect(of('commit')).toEqual(ITEMS.map((item) => ({ sweepId, group, expiresAt, ...item })));
    const results = ITEMS.map((item) => ({ ...item, result: 'committed' }));
    expect(of('account')).toEqual([{ sweepId, group, input: REQUEST, results }]);
  });

  it('accounts for an evaluation that promotes nothing', async () => {
    const { ended, of, accounted } = run({ evaluate: () => ({ ...REQUEST, promotions: [] }) });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect([of('commit').length, accounted()]).toEqual([0, []]);
  });

  it('commits two hundred promotions, at most twenty at once', async () => {
    let [running, most] = [0, 0];
    const many = Array.from({ length: 200 }, (_, i) => ({ jobId: `job-${i}`, to: 'shadow', weight: 1 }));
    const { ended, accounted } = run({
      evaluate: () => ({ ...REQUEST, promotions: many.map((item) => ({ ...item, step: 'commit' })) }),
      commit: async (input: object) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        return { ...input, result: 'refused', code: 'NoLongerReady', message: 'm' };
      },
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(most).toBe(20);
    expect(accounted()).toEqual(many.map((promotion) => ({ ...promotion, result: 'refused' })));
  });

  it('records one failing commit as unknown, and commits the others', async () => {
    const { ended, of, accounted } = run({
      commit: (input: { jobId: string }) =>
        input.jobId === 'b' ? throwing('TypeError') : { ...input, result: 'committed' },
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(of('commit').filter(({ jobId }) => jobId === 'b')).toHaveLength(3);
    expect(accounted()).toEqual([
      { jobId: 'a', to: 'shadow', weight: 1, result: 'committed' },
      { jobId: 'b', to: 'shadow', weight: 1, result: 'unknown', error: 'TypeError' },
      { jobId: 'c', to: 'shadow', weight: 1, result: 'committed' },
    ]);
  });

  it.each(['evaluate', 'commit', 'account'])('repeats a %s that was throttled until it goes through', async (name) => {
    const { ended, of } = run({});
    await ended;
    const answers = {
      evaluate: { ...REQUEST, promotions: PROMOTIONS },
      commit: { ...ITEMS[0], result: 'committed' },
      account: {},
    };
    const throttled = run({
      [name]: (_input: never, attempt: number) =>
        attempt <= 5 ? throwing('Lambda.TooManyRequestsException') : answers[name as keyof typeof answers],
    });
    expect(await throttled.ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(throttled.of(name)).toHaveLength(of(name).length * 6);
  });

  it.each(['evaluate', 'commit', 'account'])(
    'repeats a %s whose answer was lost after its work was done',
    async (name) => {
      const done: unknown[] = [];
      const { ended, of } = run({
        [name]: (input: { jobId?: string }, attempt: number) => {
          done.push(input);
          if (attempt === 1) throwing('Lambda.Unknown');
          return name === 'commit'
            ? { ...ITEMS[0], ...input, result: 'committed' }
            : { ...REQUEST, promotions: PROMOTIONS };
        },
      });
      expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
      expect(done).toHaveLength(name === 'commit' ? 6 : 2);
      expect(of('account').at(-1)?.results).toHaveLength(3);
    },
  );

  it('frees the grants of an evaluation that failed for good, and says so by failing', async () => {
    const { ended, of, accounted } = run({ evaluate: () => throwing('RangeError', 'no such shard') });
    expect(await ended).toMatchObject({ status: 'FAILED', error: 'EvaluationFailed', cause: 'no such shard' });
    expect([of('evaluate').length, of('commit').length, accounted()]).toEqual([3, 0, []]);
  });

  it('fails when the account failed for good: the grants then count as used until they expire', async () => {
    const { ended, of } = run({ account: () => throwing('Error', 'table is gone') });
    expect(await ended).toMatchObject({ status: 'FAILED', error: 'AccountFailed', cause: 'table is gone' });
    expect(of('account')).toHaveLength(3);
  });

  it('accounts for nothing when the promotions were no list: what was committed is not known', async () => {
    const { ended, of } = run({ evaluate: () => ({ ...REQUEST, promotions: 'many' }) });
    expect(await ended).toMatchObject({ status: 'FAILED' });
    expect(of('account')).toEqual([]);
  });

  describe('in time', () => {
    afterEach(() => vi.useRealTimers());

    it.each([
      ['evaluate', 180],
      ['commit', 60],
      ['account', 60],
    ])('repeats a %s that does not answer within %i s', async (name, seconds) => {
      vi.useFakeTimers();
      const answers = {
        evaluate: { ...REQUEST, promotions: PROMOTIONS.slice(0, 1) },
        commit: { ...ITEMS[0], result: 'committed' },
        account: {},
      };
      const { ended, of, accounted } = run({
        evaluate: () => answers.evaluate,
        [name]: (_input: never, attempt: number) =>
          attempt === 1 ? new Promise(() => {}) : answers[name as keyof typeof answers],
      });
      await vi.advanceTimersByTimeAsync(seconds * 1_000 - 1);
      expect(of(name)).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(of(name)).toHaveLength(2);
      expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
      expect(accounted()).toEqual([{ ...ITEMS[0], result: 'committed' }]);
    });

    it('ends within 840 s, whatever hangs: before the next sweep begins', async () => {
      vi.useFakeTimers();
      const many = Array.from({ length: 200 }, (_, i) => ({
        jobId: `job-${i}`,
        to: 'shadow',
        weight: 1,
        step: 'commit',
      }));
      const { ended } = run({
        evaluate: () => ({ ...REQUEST, promotions: many }),
        commit: () => new Promise(() => {}),
      });
      await vi.advanceTimersByTimeAsync(840_000);
      expect(await ended).toMatchObject({ status: 'TIMED_OUT' });
    });
  });
});
