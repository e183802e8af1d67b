/** Records of the fleet for tests: a change, a ledger, a summary, an account, an entry of a worklist. See `records.ts`. */
import type { Account, Ledger, OwedPartition, ShardSummary } from '../../lib/controller/ports.ts';
import type { FleetRecord } from '../../lib/domain/controls.ts';
import type { FinishedSweep } from '../../lib/domain/sweep.ts';
import { NOW } from './records.ts';

const SWEEP_ID = '20261122T130000Z';

/** One group of two shards. */
export function aLedger(given: Partial<Ledger> = {}): Ledger {
  return {
    sequence: 1,
    sweepId: SWEEP_ID,
    scheduledAt: NOW,
    createdAt: NOW,
    expiresAt: '2026-11-22T13:15:00.000Z',
    groups: [{ group: 0, shards: [0, 1], grants: { shadow: 10 } }],
    outstanding: [],
    ...given,
  };
}

/** A pause of promotions. */
export function aFleetRecord(given: Partial<FleetRecord> = {}): FleetRecord {
  return {
    type: 'paused',
    version: 1,
    at: NOW,
    actor: { kind: 'operator', name: 'ana', verified: false },
    message: 'incident',
    pause: { scope: 'promotions', actor: 'ana', reason: 'incident', at: NOW },
    ...given,
  };
}

export function aSummary(given: Partial<ShardSummary> = {}): ShardSummary {
  return {
    shard: 7,
    sweepId: SWEEP_ID,
    readAt: NOW,
    jobs: 3,
    weights: { shadow: 3 },
    counts: { shadow: 3 },
    attention: {},
    ready: { 'reverse-shadow': 1 },
    demoted: 0,
    ...given,
  };
}

export function anAccount(given: Partial<Account> = {}): Account {
  return { sweepId: SWEEP_ID, group: 0, used: { shadow: 2 }, at: NOW, ...given };
}

/** One group, without an incident. */
export function aFinishedSweep(given: Partial<FinishedSweep> = {}): FinishedSweep {
  return {
    sweepId: SWEEP_ID,
    scheduledAt: NOW,
    startedAt: NOW,
    finishedAt: '2026-11-22T13:00:04.000Z',
    groups: 1,
    accounted: 1,
    promotedWeight: { shadow: 2 },
    demotions: 0,
    jobs: { shadow: 3 },
    attention: {},
    ...given,
  };
}

export function anOwedPartition(given: Partial<OwedPartition> = {}): OwedPartition {
  return {
    jobId: 'flights-atl',
    partition: '2026-11-22T12',
    system: 'old',
    reason: 'reassigned',
    since: NOW,
    ...given,
  };
}
