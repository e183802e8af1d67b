/**
 * All that the in-memory stores hold, as plain data: one object of maps, whose records are frozen when they go in. So a
 * snapshot is `structuredClone(state)`, and what a test reads it cannot change by mistake.
 */
import type { ClauseName } from '../../lib/controller/clauses.ts';
import type { Account, Ledger, OwedPartition, ShardSummary } from '../../lib/controller/ports.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Controls, FleetRecord } from '../../lib/domain/controls.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { FinishedSweep } from '../../lib/domain/sweep.ts';
import type { HistoryRecord } from '../../lib/domain/transition.ts';

export interface MemoryState {
  jobs: Map<string, Job>;
  history: Map<string, HistoryRecord>;
  claims: Map<string, Claim>;
  evidence: Map<string, Evidence>;
  controls: Map<string, Controls>;
  fleetHistory: Map<string, FleetRecord>;
  ledgers: Map<string, Ledger>;
  summaries: Map<string, ShardSummary>;
  accounts: Map<string, Account>;
  sweeps: Map<string, FinishedSweep>;
  owed: Map<string, OwedPartition>;
}

/** Runs one call of a port, now or later; `call` names it. */
export type Step = <T>(call: string, run: () => T) => Promise<T>;

/** What the stores share. */
export interface MemoryContext {
  state: MemoryState;
  without?: ClauseName | undefined;
  step: Step;
}

export function emptyState(): MemoryState {
  return {
    jobs: new Map(),
    history: new Map(),
    claims: new Map(),
    evidence: new Map(),
    controls: new Map(),
    fleetHistory: new Map(),
    ledgers: new Map(),
    summaries: new Map(),
    accounts: new Map(),
    sweeps: new Map(),
    owed: new Map(),
  };
}

/** Freezes a record to its leaves. Parts that are shared with a record already stored are frozen, and end the walk. */
export function freeze<T extends object>(record: T): T {
  if (Object.isFrozen(record)) return record;
  Object.freeze(record);
  for (const value of Object.values(record)) if (typeof value === 'object' && value !== null) freeze(value);
  return record;
}
