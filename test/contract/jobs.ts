/** The contract of `JobStore`; see `describe-stores.ts`. */
import { describe, expect, it } from 'vitest';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { ATTENTION_BUCKETS, TEAM_BUCKETS } from '../../lib/controller/ports.ts';
import { fnv1a32, shardOf } from '../../lib/domain/hash.ts';
import type { Attention } from '../../lib/domain/job.ts';
import { aJob, aTransition, NOW } from '../builders/records.ts';
import { eventually, namesWhere, type Open, readPages } from './opening.ts';

const FULL = aJob({
  phase: 'cleanup',
  epoch: 4,
  version: 9,
  wave: 2,
  labels: { tier: 'gold', owner: 'Zoë' },
  targets: { production: 'lake.flights', shadow: 'lake.flights_shadow' },
  cadence: { everySeconds: 3_600, timezone: 'Europe/Vienna' },
  dueAfterSeconds: 5_400,
  lastTransition: aTransition({ version: 8, from: 'reverse-shadow', to: 'cleanup', reason: 'criteria-pass' }),
  demotedAt: [NOW],
  hold: { scope: 'promotions', actor: 'ana', reason: 'month end', at: NOW },
  attention: { kind: 'stuck', cause: 'soak', since: NOW },
  proposal: { to: 'complete', kind: 'promotion', reason: 'tombstone over', at: NOW },
  baseline: { frozenAt: NOW, lagSeconds: 61.5, pairs: 24 },
  awaitingOld: true,
});

export function describeJobs(open: Open): void {
  describe('jobs', () => {
    it('come back as they were written, the fullest and the barest', async () => {
      const { jobs } = await open();
      const bare = aJob({ jobId: 'bare' });
      expect(await jobs.create(FULL)).toEqual(WRITTEN);
      expect(await jobs.create(bare)).toEqual(WRITTEN);
      expect(await jobs.get(FULL.jobId, 'strong')).toStrictEqual(FULL);
      expect(await jobs.get('bare', 'strong')).toStrictEqual(bare);
      await eventually(async () => expect(await jobs.get('bare', 'eventual')).toStrictEqual(bare));
      expect(await jobs.get('unknown', 'strong')).toBeUndefined();
    });

    it('are replaced as a whole: what the next version does not have is gone', async () => {
      const { jobs } = await open();
      await jobs.create(FULL);
      const { hold: _h, attention: _a, ...rest } = FULL;
      const next = { ...rest, version: 10 };
      expect(await jobs.replace(next, FULL)).toEqual(WRITTEN);
      expect(await jobs.get(FULL.jobId, 'strong')).toStrictEqual(next);
    });

    it('refuse a version that does not rise, whatever is stored', async () => {
      const { jobs } = await open();
      await jobs.create(FULL);
      await expect(jobs.replace({ ...FULL, wave: 9 }, FULL)).rejects.toThrow('9 cannot follow 9');
      expect(await jobs.get(FULL.jobId, 'strong')).toStrictEqual(FULL);
    });

    it('are listed by shard in the order of their ids, over many pages, without their history', async () => {
      const { jobs } = await open({ pageSize: 2 });
      const ids = namesWhere('job-', 5, (name) => shardOf(name) === 7);
      for (const jobId of ids.toReversed()) await jobs.create(aJob({ jobId }));
      await jobs.create(aJob({ jobId: namesWhere('other-', 1, (name) => shardOf(name) === 8)[0]! }));
      for (const jobId of ids) await jobs.putHistory(aTransition({ jobId }));
      await eventually(async () => {
        const pages = await readPages((from) => jobs.listShard(7, from));
        expect(pages.flat().map((job) => job.jobId)).toEqual(ids);
        expect(pages.length).toBeGreaterThanOrEqual(3);
      });
      expect(await readPages((from) => jobs.listShard(9, from))).toEqual([[]]);
    });

    it('that need attention are listed by kind, oldest first, so many at most, and leave when it ends', async () => {
      const { jobs } = await open({ pageSize: 2 });
      const inBucket = (name: string) => fnv1a32(name) % ATTENTION_BUCKETS === 3;
      const ids = namesWhere('job-', 5, inBucket);
      const hours = [5, 1, 3, 2, 4];
      const attention = (hour: number, kind: Attention['kind'] = 'owed') => ({
        kind,
        cause: 'old owes',
        since: `2026-11-22T0${hour}:00:00.000Z`,
      });
      const written = ids.map((jobId, i) => aJob({ jobId, attention: attention(hours[i]!) }));
      for (const job of written) await jobs.create(job);
      const [calm, stuck] = namesWhere('else-', 2, inBucket);
      await jobs.create(aJob({ jobId: calm! }));
      await jobs.create(aJob({ jobId: stuck!, attention: attention(1, 'stuck') }));

      const oldestFirst = written.toSorted((a, b) => (a.attention!.since < b.attention!.since ? -1 : 1));
      await eventually(async () => expect(await jobs.listAttention('owed', 3, 100)).toStrictEqual(oldestFirst));
      expect(await jobs.listAttention('owed', 3, 3)).toStrictEqual(oldestFirst.slice(0, 3));
      expect(await jobs.listAttention('owed', 4, 100)).toEqual([]);

      const { attention: _, ...settled } = oldestFirst[0]!;
      await jobs.replace({ ...settled, version: 2 }, settled);
      await eventually(async () =>
        expect(await jobs.listAttention('owed', 3, 100)).toStrictEqual(oldestFirst.slice(1)),
      );
    });

    it('are listed by team in the order of phase and id, over many pages', async () => {
      const { jobs } = await open({ pageSize: 2 });
      const ids = namesWhere('job-', 5, (name) => fnv1a32(name) % TEAM_BUCKETS === 0);
      for (const [i, jobId] of ids.entries()) await jobs.create(aJob({ jobId, phase: i % 2 ? 'cleanup' : 'shadow' }));
      const [foreign] = namesWhere('else-', 1, (name) => fnv1a32(name) % TEAM_BUCKETS === 0);
      await jobs.create(aJob({ jobId: foreign!, team: 'trains' }));
      const expected = [ids[1], ids[3], ids[0], ids[2], ids[4]];
      await eventually(async () => {
        const pages = await readPages((from) => jobs.listTeam('flights', 0, from));
        expect(pages.flat().map((job) => job.jobId)).toEqual(expected);
        expect(pages.length).toBeGreaterThanOrEqual(3);
      });
    });

    it('have a history that is listed newest first, also past the tenth version, so many at most', async () => {
      const { jobs } = await open({ pageSize: 2 });
      const records = [2, 9, 10, 11, 100].map((version) => aTransition({ version }));
      for (const record of records) expect(await jobs.putHistory(record)).toEqual(WRITTEN);
      await jobs.putHistory(aTransition({ jobId: 'another', version: 3 }));
      await jobs.create(aJob({ version: 100 }));
      await eventually(async () =>
        expect(await jobs.listHistory('flights-atl', 100)).toStrictEqual(records.toReversed()),
      );
      expect((await jobs.listHistory('flights-atl', 3)).map((record) => record.version)).toEqual([100, 11, 10]);
    });

    it('keep what an operator did that was no transition', async () => {
      const { jobs } = await open();
      const hold = { scope: 'all' as const, actor: 'ana', reason: 'audit', at: NOW };
      const actor = { kind: 'operator' as const, name: 'ana', verified: true };
      const record = { type: 'held' as const, jobId: 'j', version: 3, at: NOW, epoch: 1, actor, message: 'held', hold };
      await jobs.putHistory({ ...record, settled: false });
      await eventually(async () =>
        expect(await jobs.listHistory('j', 1)).toStrictEqual([{ ...record, settled: false }]),
      );
    });
  });
}
