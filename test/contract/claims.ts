/** The contract of `ClaimStore`; see `describe-stores.ts`. */
import { describe, expect, it } from 'vitest';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { aClaim, aLanding, aPublishedClaim, NOW } from '../builders/records.ts';
import { type Open, readPages } from './opening.ts';

const FULL = aPublishedClaim({
  writer: 'new',
  epoch: 3,
  generation: 2,
  grant: 5,
  revision: 12,
  shadow: aLanding({
    startedAt: NOW,
    computeSeconds: 12.25,
    storageBytes: 1e12,
    metrics: { nulls: 0, 'p90 delay': -0.1 },
    inputVersion: 'v7',
    schemaFingerprint: 'ab12',
    release: 'r-2',
    runId: 'run 7',
  }),
  reassignedAt: NOW,
  quarantine: { openedAt: NOW, old: { rowCount: 1, checksum: 'a' }, new: { rowCount: 2, checksum: 'b' } },
  splitWriter: { system: 'old', landedAt: NOW, checksum: 'c' },
});

const partitionsOf = (claims: { partition: string }[]) => claims.map((claim) => claim.partition);

export function describeClaims(open: Open): void {
  describe('claims', () => {
    it('come back as they were written, the fullest and the barest', async () => {
      const { claims } = await open();
      const bare = aClaim({ partition: '!"$ {|}', rightOutstanding: false });
      expect(await claims.create(FULL)).toEqual(WRITTEN);
      expect(await claims.create(bare)).toEqual(WRITTEN);
      expect(await claims.get(FULL.jobId, FULL.partition)).toStrictEqual(FULL);
      expect(await claims.get(bare.jobId, bare.partition)).toStrictEqual(bare);
      expect(await claims.get(bare.jobId, 'unknown')).toBeUndefined();
    });

    it('are replaced as a whole: what the next revision does not have is gone', async () => {
      const { claims } = await open();
      await claims.create(FULL);
      const { shadow: _s, quarantine: _q, ...rest } = FULL;
      const next = { ...rest, revision: 14 };
      expect(await claims.replace(next, FULL)).toEqual(WRITTEN);
      expect(await claims.get(FULL.jobId, FULL.partition)).toStrictEqual(next);
    });

    it('refuse a revision that does not rise, whatever is stored', async () => {
      const { claims } = await open();
      await claims.create(FULL);
      await expect(claims.replace({ ...FULL, grant: 6 }, FULL)).rejects.toThrow('12 cannot follow 12');
      expect(await claims.get(FULL.jobId, FULL.partition)).toStrictEqual(FULL);
    });

    it('are listed open when a right is out or anything is owed, and only then, over all pages', async () => {
      const { claims } = await open({ pageSize: 1 });
      const quarantine = { openedAt: NOW, old: { rowCount: 1, checksum: 'a' }, new: { rowCount: 2, checksum: 'b' } };
      const { published: _, ...unpublished } = aPublishedClaim({ partition: '03' });
      const open03 = [
        aClaim({ partition: '01' }),
        aClaim({ partition: '02', rightOutstanding: false }),
        unpublished,
        aPublishedClaim({ partition: '04', rightOutstanding: true }),
        aPublishedClaim({ partition: '05', reassignedAt: NOW }),
        aPublishedClaim({ partition: '06', quarantine }),
      ];
      const settled = [
        aPublishedClaim({ partition: '00' }),
        aPublishedClaim({ partition: '035' }),
        aPublishedClaim({ partition: '07', quarantine: { ...quarantine, clearedAt: NOW } }),
      ];
      for (const claim of [...open03, ...settled]) await claims.create(claim);
      await claims.create(aClaim({ jobId: 'another' }));
      expect(await claims.listOpen('flights-atl')).toStrictEqual(open03);
      expect(await claims.listOpen('unknown')).toEqual([]);
    });

    it('leave the open ones with the write that settles them, and come back with one that opens them', async () => {
      const { claims } = await open();
      const opened = aClaim();
      await claims.create(opened);
      const settled = aPublishedClaim();
      await claims.replace(settled, opened);
      expect(await claims.listOpen('flights-atl')).toEqual([]);
      const reopened = { ...settled, rightOutstanding: true, revision: 4 };
      await claims.replace(reopened, settled);
      expect(await claims.listOpen('flights-atl')).toStrictEqual([reopened]);
    });

    it('are listed newest partition first, over many pages', async () => {
      const { claims } = await open({ pageSize: 2 });
      const partitions = ['2026-11-22T09', '2026-11-22T10', '2026-11-22T11', '2026-11-23', '2027'];
      for (const partition of partitions) await claims.create(aPublishedClaim({ partition }));
      await claims.create(aClaim({ jobId: 'another' }));
      const pages = await readPages((from) => claims.list('flights-atl', from));
      expect(partitionsOf(pages.flat())).toEqual(partitions.toReversed());
      expect(pages.length).toBeGreaterThanOrEqual(3);
    });

    it('let exactly one of many writers of the same revision win', async () => {
      const { claims } = await open();
      const first = aClaim();
      const created = await Promise.all(Array.from({ length: 8 }, () => claims.create(first)));
      expect(created.filter(({ written }) => written)).toHaveLength(1);

      // The same content from each: two runs that assign in the same millisecond. Both must not hold the grant.
      const next = { ...first, grant: 2, revision: 2 };
      const replaced = await Promise.all(Array.from({ length: 8 }, () => claims.replace(next, first)));
      expect(replaced.filter(({ written }) => written)).toHaveLength(1);
      expect(replaced.filter(({ written }) => !written)).toEqual(
        Array(7).fill({ written: false, lost: 'claim-revision-unchanged' }),
      );
    });
  });
}
