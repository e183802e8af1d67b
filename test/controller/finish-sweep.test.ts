/** The end of a sweep is noted once, by whoever finds that nothing of it is left to come. */
import { describe, expect, it } from 'vitest';
import { accountForGrants } from '../../lib/controller/account.ts';
import { fanOut } from '../../lib/controller/fan-out.ts';
import { finishSweep } from '../../lib/controller/finish-sweep.ts';
import type { Executions } from '../../lib/controller/ports.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLedger, aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { emptyState } from '../memory/state.ts';

const SWEEP = aLedger().sweepId;
const groups = [
  { group: 0, shards: [0], grants: { shadow: 5 } },
  { group: 1, shards: [1], grants: { shadow: 5 } },
];

async function aSweep(options: { without?: 'sweep-is-unfinished' } = {}) {
  const state = emptyState();
  const ports = createMemoryPorts({ state, ...options });
  await ports.fleet.createLedger(aLedger({ groups }));
  for (const shard of [0, 1]) {
    const counts = { shadow: 2, 'reverse-shadow': shard };
    await ports.fleet.putSummary(aSummary({ shard, counts, attention: { stuck: 1 }, demoted: shard }));
  }
  const end = async (group: number, now = NOW) => {
    const results = [{ jobId: 'a', to: 'shadow' as const, weight: 3, result: 'committed' as const }];
    await accountForGrants(ports, { sweepId: SWEEP, group, results }, now);
    await finishSweep(ports, { sweepId: SWEEP, groups: 2 }, now);
  };
  return { ports, end, ended: () => [...state.sweeps.values()] };
}

const noExecutions: Executions = { start: async () => undefined };
const settings = { intervalSeconds: 900, groupSize: 500 };

describe('a sweep', () => {
  it('has not ended while a group is still to account', async () => {
    const { end, ended } = await aSweep();
    await end(0);
    await end(0);
    expect(ended()).toEqual([]);
  });

  it('ends with its last group, with what all of them did', async () => {
    const { end, ended } = await aSweep();
    await end(1);
    await end(0, addSeconds(NOW, 7));
    expect(ended()).toStrictEqual([
      {
        sweepId: SWEEP,
        scheduledAt: NOW,
        startedAt: NOW,
        finishedAt: addSeconds(NOW, 7),
        groups: 2,
        accounted: 2,
        promotedWeight: { shadow: 6 },
        demotions: 1,
        jobs: { shadow: 4, 'reverse-shadow': 1 },
        attention: { stuck: 2 },
      },
    ]);
  });

  it('ends once, also when its last groups end together or one of them ends twice', async () => {
    const { end, ended } = await aSweep();
    await Promise.all([end(0, addSeconds(NOW, 1)), end(1, addSeconds(NOW, 2))]);
    const [first] = ended();
    await end(0, addSeconds(NOW, 60));
    expect(ended()).toEqual([first]);
    expect(first?.accounted).toBe(2);
  });

  it('would be overwritten by a group that ends twice, were it not for the condition', async () => {
    const { end, ended } = await aSweep({ without: 'sweep-is-unfinished' });
    await end(0);
    await end(1);
    await end(0, addSeconds(NOW, 60));
    expect(ended()[0]?.finishedAt).toBe(addSeconds(NOW, 60));
  });

  it('that lost a group is ended by the next sweep, which says so', async () => {
    const { ports, end, ended } = await aSweep();
    await end(0);
    const later = addSeconds(NOW, 900);
    await fanOut(ports, noExecutions, settings, later, later);
    expect(ended()).toMatchObject([{ sweepId: SWEEP, groups: 2, accounted: 1, finishedAt: later }]);
    await end(1, addSeconds(later, 1));
    expect(ended()).toHaveLength(1);
  });

  it('that has ended is left as it is by the next', async () => {
    const { ports, end, ended } = await aSweep();
    await end(0);
    await end(1);
    const later = addSeconds(NOW, 900);
    await fanOut(ports, noExecutions, settings, later, later);
    expect(ended()).toMatchObject([{ finishedAt: NOW, accounted: 2 }]);
  });

  it('tells its executions of how many groups each is one', async () => {
    const { ports } = await aSweep();
    const inputs: object[] = [];
    const executions: Executions = { start: async (_name, input) => void inputs.push(input) };
    await fanOut(ports, executions, { ...settings, groupSize: 2 }, addSeconds(NOW, 900), NOW);
    expect(inputs.length).toBeGreaterThan(1);
    for (const input of inputs) expect(input).toMatchObject({ groups: inputs.length });
  });
});
