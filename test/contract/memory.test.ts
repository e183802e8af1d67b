import { expect, it } from 'vitest';
import { aJob } from '../builders/records.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { emptyState } from '../memory/state.ts';
import { describeStores } from './describe-stores.ts';

describeStores('the stores in memory', async (options) => createMemoryPorts(options));

it('hands out records that nobody can change', async () => {
  const { jobs } = createMemoryPorts();
  await jobs.create(aJob({ labels: { tier: 'gold' } }));
  const job = await jobs.get('flights-atl', 'strong');
  expect(() => {
    job!.labels.tier = 'lead';
  }).toThrow(TypeError);
});

it('keeps all it holds in one plain object, and asks before each call', async () => {
  const state = emptyState();
  const calls: string[] = [];
  const { jobs } = createMemoryPorts({
    state,
    step: async (call, run) => {
      calls.push(call);
      return run();
    },
  });
  await jobs.create(aJob());
  const snapshot = structuredClone(state);
  await jobs.replace(aJob({ version: 2 }), aJob());
  expect(calls).toEqual(['jobs.create flights-atl', 'jobs.replace flights-atl']);
  expect(snapshot.jobs.get('flights-atl')).toEqual(aJob());
  expect(state.jobs.get('flights-atl')).toEqual(aJob({ version: 2 }));
});
