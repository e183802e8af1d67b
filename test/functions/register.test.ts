import { expect, it, vi } from 'vitest';
import { aPolicy } from '../builders/records.ts';
import { createMemoryPorts } from '../memory/ports.ts';

const ports = createMemoryPorts();
vi.mock('../../functions/stores.ts', () => ({ jobs: () => ports.jobs, fleet: () => ports.fleet }));
vi.mock('../../functions/deciding.ts', () => ({
  policies: () => ({ ...ports.policies, find: (name: string) => (name === 'default' ? aPolicy() : undefined) }),
}));

const { handler } = await import('../../functions/register.ts');

it('registers a job whose rhythm its policy hardly fits, and says so; it says nothing of the others', async () => {
  const jobs = [
    { jobId: 'weekly', team: 'orders', cadence: { every: '7d' } },
    { jobId: 'hourly', team: 'orders', cadence: { every: '1h' } },
    { jobId: 'nobody', team: 'orders', policy: 'none', cadence: { every: '7d' } },
  ];
  expect(await handler({ jobs })).toEqual({
    results: [
      {
        jobId: 'weekly',
        result: 'created',
        warnings: [expect.stringMatching(/^cadence: a partition every 7 d is older than the 2 d .*\(maxAgeSeconds\)/)],
      },
      { jobId: 'hourly', result: 'created' },
      { jobId: 'nobody', error: expect.objectContaining({ code: 'UnknownPolicy' }) },
    ],
  });
});
