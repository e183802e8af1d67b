/**
 * The start of a sweep: adds up what the last evaluations saw, writes this sweep's ledger once, and starts one execution
 * for each group of shards from it. Delivery is at least once and may be late: a second delivery starts from the stored
 * ledger (the same names, so the same executions), and a sweep older than the newest promotes nothing.
 */

import { findWaveGate, sumComparisons, type WaveGate } from '../domain/comparison.ts';
import type { Controls } from '../domain/controls.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Phase } from '../domain/phases.ts';
import { addSeconds, type Instant, laterOf } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import { finishPrevious } from './finish-sweep.ts';
import { copyNewestChange, openBreaker } from './pause.ts';
import type { Account, Executions, Grants, Ledger, Outstanding, Ports, ShardSummary } from './ports.ts';

export interface FanOutSettings {
  intervalSeconds: number;
  /** Jobs that one execution evaluates, about. */
  groupSize: number;
}

/** Ledgers in which a repeated delivery is looked for; one that is later still promotes nothing. */
const LEDGERS_READ = 12;
/** The share of the interval after which grants are void, so that an execution has ended before the next begins. */
const GRANT_SHARE = 0.9;
/** A commit that looked at its grant in time may write this much later: the time that its function has. */
const COMMIT_SECONDS = 60;
/** Shards are read through an index, which shows a commit a moment later. */
const INDEX_SECONDS = 10;
const LIMITED: readonly Phase[] = ['shadow', 'reverse-shadow', 'cleanup'];

export interface FannedOut {
  sweepId: string;
  groups: number;
  repeated: boolean;
  grants: Grants;
}

/** @param tell is told the controls once a sweep, by the delivery that writes its ledger. */
export async function fanOut(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  executions: Executions,
  settings: FanOutSettings,
  scheduledAt: Instant,
  now: Instant,
  tell?: (controls: Controls) => void,
): Promise<FannedOut> {
  const { ledger, controls } = await openLedger(ports, settings, scheduledAt, now);
  // Before anything is started: a delivery that fails there is repeated, and its repeat tells nothing.
  if (controls) tell?.(controls);
  const { sweepId, expiresAt, waveGate } = ledger;
  for (const { group, shards, grants } of ledger.groups) {
    const work = { sweepId, group, groups: ledger.groups.length, shards, grants, expiresAt };
    const input = { ...work, ...(waveGate && { lastWave: waveGate.wave }) };
    await executions.start(nameExecution(sweepId, group), input);
  }
  const grants = sumGrants(ledger.groups.map((group) => group.grants));
  return { sweepId, groups: ledger.groups.length, repeated: controls === undefined, grants };
}

/** `2026-11-22T13:00:00.000Z` -> `sweep-20261122T130000Z`. */
export function nameSweep(scheduledAt: Instant): string {
  return `sweep-${scheduledAt.replace(/\.\d+/, '').replace(/[-:]/g, '')}`;
}

/** The instant in a sweep's name; `undefined` where a name has none. */
export function scheduleOf(sweepId: string): Instant | undefined {
  const [, ...parts] = /^sweep-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(sweepId) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  return second === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

/** `sweep-20261122T130000Z-017`: what the execution is called, and what its log lines are found by. */
export function nameExecution(sweepId: string, group: number): string {
  return `${sweepId}-${String(group).padStart(3, '0')}`;
}

/**
 * This sweep's ledger: the one that is there, or a new one on top of the newest, and then the controls as they were. A
 * lost race means to look again.
 */
async function openLedger(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  settings: FanOutSettings,
  scheduledAt: Instant,
  now: Instant,
): Promise<{ ledger: Ledger; controls?: Controls }> {
  const sweepId = nameSweep(scheduledAt);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ledgers = await ports.fleet.listLedgers(LEDGERS_READ);
    const known = ledgers.find((ledger) => ledger.sweepId === sweepId);
    if (known) return { ledger: known };

    const newest = ledgers[0];
    const summaries = await ports.fleet.listSummaries();
    const controls = await watchBreaker(ports, sweepId, summaries, newest, now);
    await copyNewestChange(ports, controls);
    const groups = groupShards(summaries, settings.groupSize);
    const outstanding = newest ? await readOutstanding(ports, newest, summaries, now) : [];
    const superseded = ledgers.some((ledger) => ledger.scheduledAt > scheduledAt);
    const granted = superseded ? [] : allotGrants(groups, summaries, outstanding, ports.policies.fleet);
    const waveGate = gateWaves(summaries, ports.policies.fleet);
    const ledger: Ledger = {
      sequence: (newest?.sequence ?? 0) + 1,
      sweepId,
      scheduledAt,
      createdAt: now,
      expiresAt: addSeconds(scheduledAt, Math.floor(settings.intervalSeconds * GRANT_SHARE)),
      groups: groups.map((shards, group) => ({ group, shards, grants: granted[group] ?? {} })),
      outstanding,
      ...(waveGate && { waveGate }),
    };
    // Before this sweep's ledger is there: whoever finds that, starts from it and looks no further back.
    if (newest) await finishPrevious(ports, newest, summaries, now);
    const created = await ports.fleet.createLedger(ledger);
    if (created.written) return { ledger, controls };
  }
  throw contended('fan-out', sweepId);
}

function gateWaves(summaries: readonly ShardSummary[], { equalOrBetter }: FleetLimits): WaveGate | undefined {
  if (!equalOrBetter.gate) return undefined;
  return findWaveGate(sumComparisons(summaries.map(({ compared = {} }) => compared)), equalOrBetter);
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
 * What the newest ledger gave, and what it had counted as outstanding itself, less what every shard has been read after.
 * A group's grants stand until it accounts for them; without an account, until they have ended and were read after.
 */
async function readOutstanding(
  { fleet }: Pick<Ports, 'fleet'>,
  newest: Ledger,
  summaries: readonly ShardSummary[],
  now: Instant,
): Promise<Outstanding[]> {
  const readAt = new Map(summaries.map((summary) => [summary.shard, summary.readAt]));
  const ended = addSeconds(newest.expiresAt, COMMIT_SECONDS + INDEX_SECONDS);
  const given = newest.groups.map(
    ({ group, shards, grants }): Outstanding => ({
      shards,
      grants,
      since: ended,
      account: { sweepId: newest.sweepId, group },
    }),
  );
  const candidates = [...newest.outstanding, ...given].filter(({ grants }) => Object.keys(grants).length > 0);
  const accounts = await readAccounts(fleet, candidates);
  const standing = candidates
    .map(({ account, ...entry }): Outstanding => {
      const said = account && accounts.get(`${account.sweepId} ${account.group}`);
      if (said) return { shards: entry.shards, grants: said.used, since: addSeconds(said.at, INDEX_SECONDS) };
      return { ...entry, ...(account && now <= entry.since && { account }) };
    })
    .filter(({ shards, since }) => shards.some((shard) => (readAt.get(shard) ?? '') <= since));
  return mergeEnded(standing);
}

async function readAccounts(fleet: Ports['fleet'], entries: readonly Outstanding[]): Promise<Map<string, Account>> {
  const sweeps = new Set(entries.flatMap(({ account }) => (account ? [account.sweepId] : [])));
  const accounts = new Map<string, Account>();
  for (const sweepId of sweeps) {
    for (const account of await fleet.listAccounts(sweepId)) accounts.set(`${sweepId} ${account.group}`, account);
  }
  return accounts;
}

/** What nobody will account for any more is added up by shards, so that dead sweeps do not make ledgers grow. */
function mergeEnded(entries: readonly Outstanding[]): Outstanding[] {
  const merged = new Map<string, Outstanding>();
  for (const [index, entry] of entries.entries()) {
    const key = entry.account ? `#${index}` : entry.shards.join(',');
    const known = merged.get(key);
    const { shards, grants, since } = entry;
    merged.set(
      key,
      known ? { shards, grants: sumGrants([known.grants, grants]), since: laterOf(known.since, since) } : entry,
    );
  }
  return [...merged.values()];
}

/** Room left in each phase, first to the groups that have candidates, what remains evenly. */
export function allotGrants(
  groups: readonly number[][],
  summaries: readonly ShardSummary[],
  outstanding: readonly Outstanding[],
  limits: FleetLimits,
): Grants[] {
  const used = sumGrants([...outstanding.map((entry) => entry.grants), ...summaries.map((summary) => summary.weights)]);
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

/** Opens the breaker when the last sweep demoted too large a share: then something common is wrong. Answers the controls. */
async function watchBreaker(
  ports: Pick<Ports, 'fleet' | 'policies'>,
  sweepId: string,
  summaries: readonly ShardSummary[],
  newest: Ledger | undefined,
  now: Instant,
): Promise<Controls> {
  const { demotedShare, atLeast, forSeconds } = ports.policies.fleet.breaker;
  const seen = summaries.filter((summary) => summary.sweepId === newest?.sweepId);
  const demoted = seen.reduce((sum, summary) => sum + summary.demoted, 0);
  const exposed = demoted + seen.reduce((sum, summary) => sum + (summary.counts['reverse-shadow'] ?? 0), 0);
  if (!newest || demoted < atLeast || demoted <= exposed * demotedShare) return ports.fleet.getControls();
  const message = `${newest.sweepId} demoted ${demoted} of ${exposed} jobs in reverse shadow, and ${Number((demotedShare * 100).toPrecision(3))} % is allowed`;
  const opening = { sweepId, after: newest.sweepId, until: addSeconds(now, forSeconds), message };
  return openBreaker(ports, opening, now);
}
