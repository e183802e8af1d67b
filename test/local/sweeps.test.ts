import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sweeps, type SweepsOptions } from '../../lib/local/sweeps.ts';

const NOW = Date.parse('2026-11-22T13:00:07.250Z');

describe('sweeps', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOW }));
  afterEach(() => vi.useRealTimers());

  /** Sweeps that take so many milliseconds, and when each was scheduled. */
  function aSweeps(takesMs: number, options: Partial<SweepsOptions> = {}) {
    const scheduled: string[] = [];
    const sweeps = new Sweeps({
      everySeconds: 5,
      now: Date.now,
      log: () => {},
      async sweep(at) {
        scheduled.push(at.slice(14, 19));
        await new Promise((resolve) => setTimeout(resolve, takesMs));
        return { groups: 1 };
      },
      ...options,
    });
    return { sweeps, scheduled };
  }

  it('begin every so many seconds, with a time rounded to the interval', async () => {
    const { sweeps, scheduled } = aSweeps(10);
    sweeps.start();
    await vi.advanceTimersByTimeAsync(15_020);
    expect(scheduled).toEqual(['00:10', '00:15', '00:20']);
    expect(sweeps.status).toMatchObject({ done: 3, skipped: 0, last: { result: { groups: 1 } } });
  });

  it('do not pile up: a tick is skipped while one runs', async () => {
    const { sweeps, scheduled } = aSweeps(12_000);
    sweeps.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(scheduled).toEqual(['00:10', '00:25']);
    expect(sweeps.status).toMatchObject({ done: 1, skipped: 4 });
  });

  it('have names of their own when they are asked for, also when the clock stands still', async () => {
    const { sweeps, scheduled } = aSweeps(1, { now: () => NOW });
    const all = Promise.all([sweeps.sweepNow(), sweeps.sweepNow(), sweeps.sweepNow()]);
    await vi.runAllTimersAsync();
    expect((await all).map(({ scheduledAt }) => scheduledAt.slice(14, 19))).toEqual(['00:05', '00:06', '00:07']);
    expect(scheduled).toHaveLength(3);
  });

  it('that fail say so, and the next one begins', async () => {
    const { sweeps } = aSweeps(1, { sweep: () => Promise.reject(new Error('no ledger')) });
    expect(await sweeps.sweepNow()).toMatchObject({ error: 'no ledger' });
    expect(await sweeps.sweepNow()).toMatchObject({ error: 'no ledger' });
    expect(sweeps.status).toMatchObject({ done: 0, failed: 2 });
  });

  it('end with the one that runs, when they are stopped', async () => {
    const { sweeps, scheduled } = aSweeps(3_000);
    sweeps.start();
    const [first, second] = [sweeps.sweepNow(), sweeps.sweepNow()];
    await vi.advanceTimersByTimeAsync(1_000);
    let stopped = false;
    const stopping = sweeps.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    await stopping;
    expect([await first, await second]).toMatchObject([{ result: {} }, { error: 'the local runtime is stopping' }]);
    expect(scheduled).toHaveLength(1);
    await expect(sweeps.sweepNow()).rejects.toThrow('is stopping');
  });
});
