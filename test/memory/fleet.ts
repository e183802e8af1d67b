/** The fleet's records in memory; see `ports.ts`. */
import type { FleetStore } from '../../lib/controller/ports.ts';
import { NO_CONTROLS } from '../../lib/domain/controls.ts';
import { putOn } from './clauses.ts';
import { keyOf, requireNewer, sortBy } from './listing.ts';
import { freeze, type MemoryContext } from './state.ts';

export function createMemoryFleet({ state, without, step }: MemoryContext): FleetStore {
  const { controls, fleetHistory, ledgers, summaries, accounts, sweeps, owed } = state;
  return {
    getControls: () => step('fleet.getControls', () => controls.get('fleet') ?? NO_CONTROLS),
    replaceControls: (next, expectedVersion) =>
      step('fleet.replaceControls', () => {
        requireNewer(next.version, expectedVersion);
        const expected = { version: expectedVersion };
        return putOn(controls, 'fleet', next, ['controls-version-unchanged'], expected, without);
      }),
    putHistory: (record) =>
      step(`fleet.putHistory ${record.version}`, () => {
        fleetHistory.set(keyOf(record.at, String(record.version).padStart(10, '0')), freeze(record));
      }),
    listHistory: (limit) =>
      step('fleet.listHistory', () => {
        const newest = [...fleetHistory].sort(([a], [b]) => (a > b ? -1 : 1)).slice(0, limit);
        return newest.map(([, record]) => record);
      }),
    createLedger: (ledger) =>
      step(`fleet.createLedger ${ledger.sweepId}`, () =>
        putOn(ledgers, String(ledger.sequence), ledger, ['ledger-is-absent'], {}, without),
      ),
    listLedgers: (limit) =>
      step('fleet.listLedgers', () => [...ledgers.values()].sort((a, b) => b.sequence - a.sequence).slice(0, limit)),
    ensureShard: (shard) =>
      step(`fleet.ensureShard ${shard}`, () => {
        const empty = { jobs: 0, weights: {}, counts: {}, attention: {}, ready: {}, demoted: 0 };
        const key = keyOf(shard);
        if (summaries.has(key)) return;
        summaries.set(key, freeze({ shard, sweepId: '', readAt: '1970-01-01T00:00:00.000Z', ...empty }));
      }),
    putSummary: (summary) =>
      step(`fleet.putSummary ${summary.shard}`, () =>
        putOn(summaries, keyOf(summary.shard), summary, ['summary-is-newer'], summary, without),
      ),
    listSummaries: () => step('fleet.listSummaries', () => [...summaries.values()].sort((a, b) => a.shard - b.shard)),
    putAccount: (account) =>
      step(`fleet.putAccount ${account.sweepId} ${account.group}`, () => {
        accounts.set(keyOf(account.sweepId, account.group), freeze(account));
      }),
    listAccounts: (sweepId) =>
      step(`fleet.listAccounts ${sweepId}`, () =>
        [...accounts.values()].filter((one) => one.sweepId === sweepId).sort((a, b) => a.group - b.group),
      ),
    finishSweep: (sweep) =>
      step(`fleet.finishSweep ${sweep.sweepId}`, () =>
        putOn(sweeps, sweep.sweepId, sweep, ['sweep-is-unfinished'], {}, without),
      ),
    putOwed: (entry) =>
      step(`fleet.putOwed ${entry.system} ${entry.jobId} ${entry.partition}`, () => {
        owed.set(keyOf(entry.system, entry.jobId, entry.partition), freeze(entry));
      }),
    deleteOwed: (system, jobId, partition) =>
      step(`fleet.deleteOwed ${system} ${jobId} ${partition}`, () => {
        owed.delete(keyOf(system, jobId, partition));
      }),
    listOwed: (system, limit) =>
      step(`fleet.listOwed ${system}`, () => {
        const found = [...owed.values()].filter((entry) => entry.system === system);
        return sortBy(found, (entry) => keyOf(entry.jobId, entry.partition)).slice(0, limit);
      }),
  };
}
