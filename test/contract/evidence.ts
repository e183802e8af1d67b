/** The contract of `EvidenceStore`; see `describe-stores.ts`. */
import { describe, expect, it } from 'vitest';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { anEvidence, aPair, aStanding } from '../builders/records.ts';
import { eventually, namesWhere, type Open, readPages } from './opening.ts';

export function describeEvidence(open: Open): void {
  describe('evidence', () => {
    it('comes back as it was written, full and empty', async () => {
      const { evidence } = await open();
      const full = anEvidence({
        recent: [aPair(), aPair({ partition: '2026-11-22T11', outcome: 'mismatch', oldStorageBytes: 0 })],
        standing: [aStanding(), aStanding({ owed: { by: 'old', reason: 'reassigned', since: 7 }, quarantined: true })],
        overflow: true,
      });
      const empty = anEvidence({ jobId: 'empty' });
      expect(await evidence.replace(full, 0)).toEqual(WRITTEN);
      expect(await evidence.replace(empty, 0)).toEqual(WRITTEN);
      expect(await evidence.get(full.jobId, 'strong')).toStrictEqual(full);
      expect(await evidence.get('empty', 'strong')).toStrictEqual(empty);
      expect(await evidence.get('unknown', 'strong')).toBeUndefined();
    });

    it('is replaced as a whole', async () => {
      const { evidence } = await open();
      await evidence.replace(anEvidence({ standing: [aStanding()], overflow: true }), 0);
      const next = anEvidence({ version: 2, recent: [aPair()] });
      expect(await evidence.replace(next, 1)).toEqual(WRITTEN);
      expect(await evidence.get(next.jobId, 'strong')).toStrictEqual(next);
    });

    it('refuses a version that does not rise, whatever is stored', async () => {
      const { evidence } = await open();
      await expect(evidence.replace(anEvidence({ version: 3 }), 3)).rejects.toThrow('3 cannot follow 3');
    });

    it('is listed by shard in the order of job ids, over many pages', async () => {
      const { evidence } = await open({ pageSize: 2 });
      const ids = namesWhere('job-', 5, (name) => shardOf(name) === 7);
      for (const jobId of ids.toReversed()) await evidence.replace(anEvidence({ jobId, recent: [aPair()] }), 0);
      const other = namesWhere('other-', 1, (name) => shardOf(name) === 8)[0]!;
      await evidence.replace(anEvidence({ jobId: other }), 0);
      await eventually(async () => {
        const pages = await readPages((from) => evidence.listShard(7, from));
        expect(pages.flat().map((one) => one.jobId)).toEqual(ids);
        expect(pages.length).toBeGreaterThanOrEqual(3);
      });
    });
  });
}
