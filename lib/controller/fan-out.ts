/**
 * The start of a sweep: adds up what the last evaluations saw, writes this sweep's ledger once, and starts one execution
 * for each group of shards from it. Delivery is at least once and may be late: a second delivery starts from the stored
 * ledger (the same names, so the same executions), and a sweep older than the newest promotes nothing.
 */

import { breakerIsOpen } from '../domain/controls.ts';
import type { Phase } from '../domain/phases.ts';
import type { FleetLimits } from '../domain/policy.ts';
import { addSeconds, type Instant } from '../domain/time.ts';
import { openBreaker } from './pause.ts';
import type { Account, Executions, Grants, Ledger, LedgerGroup, Ports, ShardSummary } from './ports.ts';

export interface FanOutSettings {
  intervalSeconds: number;
  /** Jobs that one execution evaluates, about. */
  groupSize: number;
}

/** Ledgers that may still have grants outstanding: more than fit into any grant's life. */
const LEDGERS_READ = 12;
/** The share of the interval after which grants are void, so that an execution has ended before the next begins. */
const GRANT_SHARE = 0.9;
const LIMITED: readonly Phase[] = ['shadow', 'reverse-shadow', 'cleanup'];

export interface FannedOut {
  sweepId: string;
  groups: number;
  repeated: boolean;
  grants: Grants;
}

export async function fanOut(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  executions: Executions,
  settings: FanOutSettings,
  scheduledAt: Instant,
  now: Instant,
): Promise<FannedOut> {
  const sweepId = nameSweep(scheduledAt);
  const known = await ports.fleet.getLedger(sweepId);
  const ledger = known ?? (await openLedger(ports, settings, sweepId, scheduledAt, now));
  for (const group of ledger.groups) {
    const { group: index, shards, grants } = group;
    const input = { sweepId, group: index, shards, grants, expiresAt: ledger.expiresAt };
    await executions.start(`${sweepId}-${String(index).padStart(3, '0')}`, input);
  }
  return {
    sweepId,
    groups: ledger.groups.length,
    repeated: known !== undefined,
    grants: sumGrants(ledger.groups.map((g) => g.grants)),
  };
}

/** `2026-11-22T13:00:00.000Z` -> `sweep-20261122T130000Z`. */
export function nameSweep(scheduledAt: Instant): string {
  return `sweep-${scheduledAt.replace(/\.\d+/, '').replace(/[-:]/g, '')}`;
}

async function openLedger(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  settings: FanOutSettings,
  sweepId: string,
  scheduledAt: Instant,
  now: Instant,
): Promise<Ledger> {
  const summaries = await ports.fleet.listSummaries();
  const ledgers = await ports.fleet.listLedgers(LEDGERS_READ);
  const newest = ledgers[0];
  await watchBreaker(ports, summaries, newest, now);

  const groups = groupShards(summaries, settings.groupSize);
  const superseded = newest !== undefined && newest.scheduledAt > scheduledAt;
  const outstanding = superseded ? [] : await readOutstanding(ports, ledgers, summaries);
  const granted = superseded
    ? groups.map(() => ({}))
    : allotGrants(groups, summaries, outstanding, ports.policies.fleet);
  const ledger: Ledger = {
    sweepId,
    scheduledAt,
    createdAt: now,
    expiresAt: addSeconds(scheduledAt, Math.floor(settings.intervalSeconds * GRANT_SHARE)),
    groups: groups.map((shards, group) => ({ group, shards, grants: granted[group] ?? {} })),
  };
  const created = await ports.fleet.createLedger(ledger);
  if (created.written) return ledger;
  const first = await ports.fleet.getLedger(sweepId);
  if (!first) throw new Error(`the ledger of ${sweepId} was there a moment ago and is not any more: was it deleted?`);
  return first;
}

/** Whole shards, in order, in as many groups as `groupSize` asks for, each with about the same number of jobs. */
export function groupShards(summaries: readonly ShardSummary[], groupSize: number): number[][] {
  const jobs = summaries.reduce((sum, summary) => sum + summary.jobs, 0);
  const wanted = Math.max(1, Math.ceil(jobs / groupSize));
  const groups: number[][] = Array.from({ length: wanted }, () => []);
  let before = 0;
  for (const summary of [...summaries].sort((a, b) => a.shard - b.shard)) {
    const middle = before + summary.jobs / 2;
    const index = jobs === 0 ? 0 : Math.min(wanted - 1, Math.floor((middle * wanted) / jobs));
    groups[index]?.push(summary.shard);
    before += summary.jobs;
  }
  return groups.filter((shards) => shards.length > 0);
}

/**
 * Grants that may have been used without showing in the summaries yet. A group's count as used until each of its shards
 * was read after the group had accounted for them or, without an account, after they had expired.
 */
async function readOutstanding(
  { fleet }: Pick<Ports, 'fleet'>,
  ledgers: readonly Ledger[],
  summaries: readonly ShardSummary[],
): Promise<Grants[]> {
  const readAt = new Map(summaries.map((summary) => [summary.shard, summary.readAt]));
  const isSeen = (group: LedgerGroup, since: Instant) =>
    group.shards.every((shard) => (readAt.get(shard) ?? '') >= since);
  const outstanding: Grants[] = [];
  for (const ledger of ledgers) {
    if (ledger.groups.every((group) => isSeen(group, ledger.expiresAt))) continue;
    const accounts = new Map(
      (await fleet.listAccounts(ledger.sweepId)).map((account: Account) => [account.group, account]),
    );
    for (const group of ledger.groups) {
      const account = accounts.get(group.group);
      if (!isSeen(group, account?.at ?? ledger.expiresAt)) outstanding.push(account?.used ?? group.grants);
    }
  }
  return outstanding;
}

/** Room left in each phase, first to the groups that have candidates, what remains evenly. */
export function allotGrants(
  groups: readonly number[][],
  summaries: readonly ShardSummary[],
  outstanding: readonly Grants[],
  limits: FleetLimits,
): Grants[] {
  const used = sumGrants([...outstanding, ...summaries.map((summary) => summary.weights)]);
  const ready = new Map(summaries.map((summary) => [summary.shard, summary.ready]));
  const granted: Grants[] = groups.map(() => ({}));
  let budget = limits.promotionsPerSweep;
  for (const phase of LIMITED) {
    const capacity = limits.capacity[phase as keyof FleetLimits['capacity']];
    let room = Math.max(0, Math.min(budget, capacity - (used[phase] ?? 0)));
    const wanted = groups.map((shards) => sumGrants(shards.map((shard) => ready.get(shard) ?? {}))[phase] ?? 0);
    for (const [index, want] of wanted.entries()) {
      const grant = Math.min(want, room);
      addGrant(granted, index, phase, grant);
      room -= grant;
      budget -= grant;
    }
    const share = Math.floor(room / Math.max(1, groups.length * LIMITED.length));
    for (const index of groups.keys()) {
      addGrant(granted, index, phase, share);
      budget -= share;
    }
  }
  return granted;
}

function addGrant(granted: Grants[], index: number, phase: Phase, weight: number): void {
  const grants = granted[index];
  if (grants && weight > 0) grants[phase] = (grants[phase] ?? 0) + weight;
}

export function sumGrants(all: readonly Grants[]): Grants {
  const sum: Grants = {};
  for (const grants of all) {
    for (const [phase, weight] of Object.entries(grants) as [Phase, number][]) sum[phase] = (sum[phase] ?? 0) + weight;
  }
  return sum;
}

/** Opens the breaker when the last sweep demoted too large a share: then something common is wrong. */
async function watchBreaker(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  summaries: readonly ShardSummary[],
  newest: Ledger | undefined,
  now: Instant,
): Promise<void> {
  const { demotedShare, atLeast, forSeconds } = ports.policies.fleet.breaker;
  const seen = summaries.filter((summary) => summary.sweepId === newest?.sweepId);
  const demoted = seen.reduce((sum, summary) => sum + summary.demoted, 0);
  const exposed = demoted + seen.reduce((sum, summary) => sum + (summary.counts['reverse-shadow'] ?? 0), 0);
  if (demoted < atLeast || demoted <= exposed * demotedShare) return;
  if (breakerIsOpen(await ports.fleet.getControls(), now)) return;
  await openBreaker(ports, addSeconds(now, forSeconds));
}
