import { describe, expect, it } from 'vitest';
import { listAttention } from '../../lib/controller/attention.ts';
import { ATTENTION_BUCKETS, type JobStore } from '../../lib/controller/ports.ts';
import { ATTENTION_KINDS, type AttentionKind } from '../../lib/domain/attention.ts';
import type { Job } from '../../lib/domain/job.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aStage } from './stage.ts';

const wanting = (jobId: string, kind: AttentionKind, since = NOW, more: Partial<Job> = {}) =>
  aJob({ jobId, attention: { kind, cause: 'a cause', since }, ...more });

describe('the jobs that need a person', () => {
  it('come most urgent kind first, longest first within a kind', async () => {
    const { ports } = aStage({
      jobs: [
        wanting('stuck-long', 'stuck', addSeconds(NOW, -99)),
        wanting('regressing', 'regressing'),
        wanting('regressing-long', 'regressing', addSeconds(NOW, -9)),
        wanting('split', 'split-writer'),
        aJob({ jobId: 'well' }),
      ],
    });
    const { entries, more } = await listAttention(ports, NOW);
    expect(entries.map(({ jobId }) => jobId)).toEqual(['split', 'regressing-long', 'regressing', 'stuck-long']);
    expect(more).toBe(false);
  });

  it('say who holds them now', async () => {
    const hold = { scope: 'promotions' as const, actor: 'ana', reason: 'a look', at: NOW };
    const { ports } = aStage({
      jobs: [
        wanting('expired', 'stuck', NOW, { hold: { ...hold, until: NOW } }),
        wanting('held', 'stuck', NOW, { hold }),
      ],
    });
    const { entries } = await listAttention(ports, NOW);
    expect(entries.map(({ jobId, held }) => [jobId, held])).toEqual([
      ['expired', false],
      ['held', true],
    ]);
  });

  it('are read a bounded part of each bucket, and it says that there may be more', async () => {
    const asked: [AttentionKind, number, number][] = [];
    const jobs = {
      async listAttention(kind, bucket, limit) {
        asked.push([kind, bucket, limit]);
        const full = kind === 'regressing' && bucket === 3;
        return Array.from({ length: full ? limit : 0 }, (_, i) => wanting(`job-${i}`, kind));
      },
    } satisfies Partial<JobStore>;
    const { entries, more } = await listAttention({ jobs: jobs as unknown as JobStore }, NOW);
    expect(asked.length).toBe(ATTENTION_KINDS.length * ATTENTION_BUCKETS);
    expect(entries.length).toBe(asked[0]?.[2]);
    expect(more).toBe(true);
  });
});
