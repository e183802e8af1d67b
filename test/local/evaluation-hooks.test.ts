/** The steps of the state machine's file that ask a team's gates and hooks: their order, and what a failure of each leads to. */
import { describe, expect, it } from 'vitest';
import { ITEMS, REQUEST, run, throwing } from './evaluation-run.ts';

describe('the evaluation state machine, with the gates and hooks of a team', () => {
  const asking = (...items: object[]) => ({ evaluate: () => ({ ...REQUEST, promotions: items }) });
  const [item] = ITEMS as [(typeof ITEMS)[number]];
  const steps = (calls: Record<string, unknown>[]) => calls.map(({ step }) => step);

  it('asks the gate and prepares before the commit, and settles after it', async () => {
    const order: string[] = [];
    const { ended, of, accounted } = run({
      ...asking({ ...item, step: 'ask' }),
      hook: ({ step, outcome }: { step: string; outcome?: object }) => {
        order.push(step);
        return outcome ?? {};
      },
      commit: (input: object) => {
        order.push('commit');
        return { ...input, result: 'committed' };
      },
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(order).toEqual(['gate', 'prepare', 'commit', 'settle']);
    const execution = 'sweep-20261122T130000Z-003';
    expect(of('hook')[0]).toEqual({ step: 'gate', ...item, expiresAt: REQUEST.expiresAt, execution });
    expect(of('hook')[2]).toEqual({ step: 'settle', outcome: { ...item, result: 'committed' }, execution });
    expect(accounted()).toEqual([{ ...item, result: 'committed' }]);
  });

  it('goes straight to the commit for a job that has none', async () => {
    const { ended, of } = run({});
    await ended;
    expect([of('hook').length, of('commit').length]).toEqual([0, 3]);
  });

  it('takes an item without a step, as an older evaluation answers it, to its commit, which judges it', async () => {
    const { ended, of, accounted } = run(asking(item));
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    const { sweepId, group, expiresAt } = REQUEST;
    expect([of('hook'), of('commit')]).toEqual([[], [{ sweepId, group, expiresAt, ...item }]]);
    expect(accounted()).toEqual([{ ...item, result: 'committed' }]);
  });

  it('tells a hook of what an earlier sweep left, and commits nothing', async () => {
    const { ended, of, accounted } = run(asking({ jobId: 'a', to: 'shadow', weight: 0, step: 'settle' }));
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect([steps(of('hook')), of('commit')]).toEqual([['settle'], []]);
    expect(accounted()).toEqual([{ jobId: 'a', to: 'shadow', weight: 0, result: 'settled' }]);
  });

  it('asks again what did not pass, and commits nothing: there is no grant for it', async () => {
    const again = { jobId: 'a', to: 'shadow', weight: 0, step: 'again' };
    const { ended, of, accounted } = run(asking(again));
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect([steps(of('hook')), of('commit')]).toEqual([['again'], []]);
    expect(accounted()).toEqual([{ jobId: 'a', to: 'shadow', weight: 0, result: 'settled' }]);
  });

  it('lets the commit judge where asking failed: it refuses what is not prepared', async () => {
    const { ended, of, accounted } = run({
      ...asking({ ...item, step: 'ask' }),
      hook: ({ step, outcome }: { step: string; outcome?: object }) =>
        step === 'settle' ? outcome : throwing('Lambda.Unknown'),
      commit: (input: object) => ({ ...input, result: 'refused' }),
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(of('commit')).toHaveLength(1);
    expect(accounted()).toEqual([{ ...item, result: 'refused' }]);
  });

  it('counts a promotion whose telling failed as one that may have been committed', async () => {
    const { ended, accounted } = run({
      ...asking({ ...item, step: 'ask' }),
      hook: ({ step }: { step: string }) => (step === 'settle' ? throwing('RangeError') : {}),
      commit: (input: object) => ({ ...input, result: 'committed' }),
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(accounted()).toEqual([{ ...item, result: 'unknown', error: 'RangeError' }]);
  });
});
