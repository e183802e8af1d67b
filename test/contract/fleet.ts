/** The contract of `FleetStore`; see `describe-stores.ts`. */
import { describe, expect, it } from 'vitest';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { NO_CONTROLS } from '../../lib/domain/controls.ts';
import { aFleetRecord, aLedger, anAccount, anOwedPartition, aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';
import type { Open } from './opening.ts';

export function describeFleet(open: Open): void {
  describe('the fleet', () => {
    it('has controls, and before anybody set them none', async () => {
      const { fleet } = await open();
      expect(await fleet.getControls()).toEqual(NO_CONTROLS);
      const pause = { scope: 'promotions' as const, actor: 'ana', reason: 'incident', at: NOW };
      expect(await fleet.replaceControls({ version: 1, pause }, 0)).toEqual(WRITTEN);
      expect(await fleet.getControls()).toStrictEqual({ version: 1, pause });
      expect(await fleet.replaceControls({ version: 2, breakerOpenUntil: NOW }, 1)).toEqual(WRITTEN);
      expect(await fleet.getControls()).toStrictEqual({ version: 2, breakerOpenUntil: NOW });
      await expect(fleet.replaceControls({ version: 2 }, 2)).rejects.toThrow('2 cannot follow 2');
    });

    it('has controls with all that an operator and a sweep leave on them', async () => {
      const { fleet } = await open();
      const lastChange = aFleetRecord({ version: 1 });
      const requests = [{ id: 'r-1', verb: 'pause', version: 1 }];
      const controls = { version: 1, breakerOpenUntil: NOW, breakerOpenedAfter: 'sweep-1', lastChange, requests };
      await fleet.replaceControls(controls, 0);
      expect(await fleet.getControls()).toStrictEqual(controls);
    });

    it('keeps a record of each change of the controls, once, and lists them newest first, so many at most', async () => {
      const { fleet } = await open({ pageSize: 2 });
      const minute = (n: number) => `2026-11-22T13:${String(n).padStart(2, '0')}:00.000Z`;
      const records = [
        aFleetRecord({ version: 1 }),
        aFleetRecord({ version: 2, type: 'resumed', at: minute(1) }),
        aFleetRecord({ version: 9, type: 'breaker-opened', at: minute(2), breakerOpenUntil: minute(9) }),
        aFleetRecord({ version: 10, at: minute(2) }),
      ];
      expect(await fleet.listHistory(10)).toEqual([]);
      for (const record of [...records, ...records]) await fleet.putHistory(record);
      expect(await fleet.listHistory(100)).toStrictEqual(records.toReversed());
      expect(await fleet.listHistory(3)).toStrictEqual(records.toReversed().slice(0, 3));
    });

    it('keeps a record also when the controls were restored and begin again at its version', async () => {
      const { fleet } = await open();
      await fleet.putHistory(aFleetRecord({ version: 1 }));
      await fleet.putHistory(aFleetRecord({ version: 1, at: '2026-11-22T13:15:00.000Z', message: 'again' }));
      expect(await fleet.listHistory(100)).toHaveLength(2);
    });

    it('keeps each sweep’s ledger, and lists them newest first, so many at most', async () => {
      const { fleet } = await open({ pageSize: 2 });
      const ledgers = ['20261122T121500Z', '20261122T123000Z', '20261122T124500Z', '20261122T130000Z'].map(
        (sweepId, i) => aLedger({ sweepId, sequence: i + 1 }),
      );
      for (const ledger of ledgers) expect(await fleet.createLedger(ledger)).toEqual(WRITTEN);
      expect(await fleet.listLedgers(100)).toStrictEqual(ledgers.toReversed());
      expect(await fleet.listLedgers(3)).toStrictEqual(ledgers.toReversed().slice(0, 3));
    });

    it('lists the newest summary of every shard in order', async () => {
      const { fleet } = await open({ pageSize: 2 });
      const shards = [255, 0, 10, 9, 100];
      for (const shard of shards) expect(await fleet.putSummary(aSummary({ shard }))).toEqual(WRITTEN);
      const newer = aSummary({ shard: 9, readAt: '2026-11-22T13:15:00.000Z', jobs: 4 });
      expect(await fleet.putSummary(newer)).toEqual(WRITTEN);
      const listed = await fleet.listSummaries();
      expect(listed.map((summary) => summary.shard)).toEqual([0, 9, 10, 100, 255]);
      expect(listed[1]).toStrictEqual(newer);
    });

    it('has a summary of a shard from its first job on, which never takes the place of a real one', async () => {
      const { fleet } = await open();
      await fleet.ensureShard(4);
      await fleet.ensureShard(4);
      expect(await fleet.listSummaries()).toMatchObject([{ shard: 4, jobs: 0, counts: {}, ready: {} }]);
      expect(await fleet.putSummary(aSummary({ shard: 4 }))).toEqual(WRITTEN);
      await fleet.ensureShard(4);
      expect(await fleet.listSummaries()).toStrictEqual([aSummary({ shard: 4 })]);
    });

    it('lists the accounts of one sweep in the order of their groups, the last word of each', async () => {
      const { fleet } = await open({ pageSize: 2 });
      for (const group of [10, 2, 0]) await fleet.putAccount(anAccount({ group }));
      await fleet.putAccount(anAccount({ group: 2, used: { cleanup: 1 } }));
      await fleet.putAccount(anAccount({ sweepId: '20261122T131500Z' }));
      const listed = await fleet.listAccounts('20261122T130000Z');
      expect(listed.map((account) => account.group)).toEqual([0, 2, 10]);
      expect(listed[1]).toStrictEqual(anAccount({ group: 2, used: { cleanup: 1 } }));
    });

    it('has a worklist for each system, in the order of jobs and partitions, so many at most', async () => {
      const { fleet } = await open({ pageSize: 2 });
      const entries = ['a', 'a-b', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((jobId) =>
        ['01', '02'].map((partition) => anOwedPartition({ jobId, partition })),
      );
      for (const entry of entries.toReversed()) await fleet.putOwed(entry);
      await fleet.putOwed(anOwedPartition({ jobId: 'a', partition: '01', system: 'new' }));
      expect(await fleet.listOwed('old', 100)).toStrictEqual(entries);
      expect(await fleet.listOwed('old', 5)).toStrictEqual(entries.slice(0, 5));

      const changed = anOwedPartition({ jobId: 'a', partition: '01', reason: 'quarantined' });
      await fleet.putOwed(changed);
      await fleet.deleteOwed('old', 'a', '02');
      await fleet.deleteOwed('old', 'never', 'there');
      expect(await fleet.listOwed('old', 3)).toStrictEqual([changed, ...entries.slice(2, 4)]);
      expect(await fleet.listOwed('new', 100)).toHaveLength(1);
    });
  });
}
