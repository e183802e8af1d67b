import { describe, expect, it } from 'vitest';
import { accountForGrants } from '../../lib/controller/account.ts';
import { allotGrants, fanOut, groupShards, nameSweep, sumGrants } from '../../lib/controller/fan-out.ts';
import type { ShardSummary } from '../../lib/controller/ports.ts';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { addSeconds, type Instant } from '../../lib/domain/time.ts';
import { aLedger, aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';
import { aStage, type Stage } from './stage.ts';

const INTERVAL = 900;
const at = (seconds: number): Instant => addSeconds(NOW, seconds);

interface Started {
  name: string;
  input: { sweepId: string; group: number; shards: number[]; grants: Record<string, number>; expiresAt: Instant };
}

/** A fleet of these shards, and what fan-outs start. */
function aFleet(summaries: Partial<ShardSummary>[], fleet: object = {}) {
  const stage = aStage({ fleet });
  for (const given of summaries) see(stage, given);
  const started: Started[] = [];
  const executions = { start: async (name: string, input: object) => void started.push({ name, input } as Started) };
  const sweep = (scheduledAt: Instant, now = scheduledAt, groupSize = 10) =>
    fanOut(stage.ports, executions, { intervalSeconds: INTERVAL, groupSize }, scheduledAt, now);
  return { stage, started, sweep, executions };
}

function see(stage: Stage, given: Partial<ShardSummary>): void {
  const summary = aSummary({ jobs: 10, weights: {}, ready: {}, ...given });
  stage.state.summaries.set(String(summary.shard), summary);
}

const capacity = (shadow: number) => ({ capacity: { shadow } });
const wanting = (shard: number, shadow: number, given = {}) => ({ shard, ready: { shadow }, ...given });

describe('a sweep', () => {
  it('is named by the time it was scheduled for', () => {
    expect(nameSweep('2026-11-22T13:00:00.000Z')).toBe('sweep-20261122T130000Z');
  });

  it('starts one execution a group, with a name and an input that a second delivery would use too', async () => {
    const { started, sweep } = aFleet([wanting(0, 3), wanting(1, 2)]);
    expect(await sweep(NOW)).toMatchObject({ sweepId: 'sweep-20261122T130000Z', groups: 2, repeated: false });
    expect(started.map((one) => one.name)).toEqual(['sweep-20261122T130000Z-000', 'sweep-20261122T130000Z-001']);
    expect(started[1]?.input).toMatchObject({ group: 1, shards: [1], expiresAt: at(810) });
  });

  it('delivered twice starts from the stored ledger: the same names, the same inputs, one ledger', async () => {
    const { stage, started, sweep } = aFleet([wanting(0, 3)]);
    await sweep(NOW);
    see(stage, wanting(5, 50));
    expect(await sweep(NOW, at(300))).toMatchObject({ repeated: true, groups: 1 });
    expect(started[1]).toEqual(started[0]);
    expect(stage.state.ledgers.size).toBe(1);
  });

  it('delivered twice at once uses the ledger that was first', async () => {
    const { stage, started, sweep } = aFleet([wanting(0, 3)]);
    stage.before('fleet.createLedger', () => sweep(NOW));
    await sweep(NOW);
    expect(started[1]).toEqual(started[0]);
    expect(stage.state.ledgers.size).toBe(1);
  });

  it('that dies while it starts executions goes on from the ledger', async () => {
    const { started, sweep, executions } = aFleet([wanting(0, 1), wanting(1, 1), wanting(2, 1)]);
    const start = executions.start;
    executions.start = async (name, input) => {
      if (started.length === 1) throw new Error('throttled');
      await start(name, input);
    };
    await expect(sweep(NOW)).rejects.toThrow('throttled');
    executions.start = start;
    await sweep(NOW, at(60));
    expect([...new Set(started.map((one) => one.name))].length).toBe(3);
  });

  it('of an empty fleet starts nothing', async () => {
    const { started, sweep } = aFleet([]);
    expect(await sweep(NOW)).toMatchObject({ groups: 0, grants: {} });
    expect(started).toEqual([]);
  });

  it('older than the newest promotes nothing, and is evaluated all the same', async () => {
    const { started, sweep } = aFleet([wanting(0, 3)]);
    await sweep(at(INTERVAL));
    expect(await sweep(NOW, at(INTERVAL + 60))).toMatchObject({ groups: 1, grants: {} });
    expect(started[1]?.input.grants).toEqual({});
  });
});

describe('grants', () => {
  const grant = (summaries: Partial<ShardSummary>[], limits: object, grants = {}) => {
    const all = summaries.map((one) => aSummary({ jobs: 10, weights: {}, ready: {}, ...one }));
    return allotGrants(
      groupShards(all, 10),
      all,
      [{ shards: [0], grants, since: NOW }],
      fleetLimitsSchema.parse(limits),
    );
  };

  it('fill the room that is left, those with candidates first', () => {
    expect(grant([wanting(0, 0), wanting(1, 5), wanting(2, 9)], { ...capacity(8), promotionsPerSweep: 8 })).toEqual([
      {},
      { shadow: 5 },
      { shadow: 3 },
    ]);
  });

  it.each<[string, Partial<ShardSummary>[], object, number]>([
    ['what is in the phase already', [wanting(0, 9, { weights: { shadow: 7 } })], {}, 1],
    ['what may be used of earlier grants', [wanting(0, 9)], { shadow: 5 }, 3],
    ['both', [wanting(0, 9, { weights: { shadow: 4 } })], { shadow: 4 }, 0],
    ['more than the limit, where demotions have filled it over', [wanting(0, 9, { weights: { shadow: 20 } })], {}, 0],
  ])('leave out %s', (_, summaries, outstanding, left) => {
    const sum = sumGrants(grant(summaries, { ...capacity(8), promotionsPerSweep: 8 }, outstanding));
    expect(sum.shadow ?? 0).toBe(left);
  });

  it('never exceed the promotions of one sweep, over all phases', () => {
    const ready = { shadow: 50, 'reverse-shadow': 50, cleanup: 50 };
    const sum = sumGrants(grant([{ shard: 0, ready }], { promotionsPerSweep: 60 }));
    expect(Object.values(sum).reduce((a, b) => a + b, 0)).toBe(60);
  });

  it('leave something for groups that had no candidates when they were last seen', () => {
    const grants = grant([wanting(0, 1), wanting(1, 0)], { promotionsPerSweep: 600 });
    expect(grants[1]).toMatchObject({ shadow: expect.any(Number), cleanup: expect.any(Number) });
  });
});

describe('grants that may still be used', () => {
  const limits = { ...capacity(8), promotionsPerSweep: 8 };
  const seenAt = (seconds: number, weights = {}) => wanting(0, 8, { readAt: at(seconds), weights });
  const granted = async (fleet: ReturnType<typeof aFleet>, scheduled: number) =>
    (await fleet.sweep(at(scheduled))).grants.shadow ?? 0;

  it('limit the next sweep until their group has accounted for them', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    expect(await granted(fleet, 0)).toBe(8);
    expect(await granted(fleet, 300)).toBe(0);
  });

  it('that were accounted for as not used are free again when the shard was read after that', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    const account = { sweepId: 'sweep-20261122T130000Z', group: 0, results: [] };
    await accountForGrants(fleet.stage.ports, account, at(100));
    expect(await granted(fleet, 300)).toBe(8);
  });

  it('that were used count as used until a reading of the shard shows them, and once', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    const used = { jobId: 'a', to: 'shadow' as const, weight: 3, result: 'committed' as const };
    const account = { sweepId: 'sweep-20261122T130000Z', group: 0, results: [used] };
    await accountForGrants(fleet.stage.ports, account, at(100));
    expect(await granted(fleet, 300)).toBe(5);
    // Read after the account: the commit shows in the weights, so it must not count twice.
    const unused = { sweepId: 'sweep-20261122T130500Z', group: 0, results: [] };
    await accountForGrants(fleet.stage.ports, unused, at(400));
    see(fleet.stage, seenAt(500, { shadow: 3 }));
    expect(await granted(fleet, 600)).toBe(5);
  });

  it('that nobody accounted for are free when the shard was read after they had expired', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    // A commit that looked at its grant in time may write up to a minute later, and an index shows it some seconds after that.
    see(fleet.stage, seenAt(880));
    expect(await granted(fleet, 900)).toBe(0);
    see(fleet.stage, seenAt(881));
    expect(await granted(fleet, 1_800)).toBe(8);
  });

  it('a promotion that ended in an error counts as used: it may have been committed', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    const results = (['unknown', 'refused', 'committed'] as const).map((result) => ({
      jobId: result,
      to: 'shadow' as const,
      weight: 2,
      result,
    }));
    const account = await accountForGrants(fleet.stage.ports, { sweepId: 's', group: 0, results }, at(1));
    expect(account.used).toEqual({ shadow: 4 });
  });

  it('count for as long as a shard stays unread, through any number of dead sweeps', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    for (let n = 1; n <= 20; n++) expect(await granted(fleet, n * INTERVAL), `sweep ${n}`).toBe(0);
  });

  it('of two sweeps that fan out at once are not given twice', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    let inner = 0;
    fleet.stage.before('fleet.createLedger', async () => {
      inner = await granted(fleet, 1);
    });
    const outer = await granted(fleet, 0);
    expect(inner + outer).toBeLessThanOrEqual(8);
  });

  it('a reading that began in the very millisecond of the account may have missed the commit', async () => {
    const fleet = aFleet([seenAt(-60)], limits);
    await granted(fleet, 0);
    const used = { jobId: 'a', to: 'shadow' as const, weight: 8, result: 'committed' as const };
    const account = { sweepId: 'sweep-20261122T130000Z', group: 0, results: [used] };
    await accountForGrants(fleet.stage.ports, account, at(100));
    see(fleet.stage, seenAt(100));
    expect(await granted(fleet, 300)).toBe(0);
  });
});

describe('groups', () => {
  const shards = (...jobs: number[]) => jobs.map((count, shard) => aSummary({ shard, jobs: count }));

  it('are whole shards in order, of about the size that was asked for', () => {
    expect(groupShards(shards(4, 4, 4, 4), 10)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(groupShards(shards(25, 1, 1), 10)).toEqual([[0], [1, 2]]);
    expect(groupShards(shards(0, 0, 0), 10)).toEqual([[0, 1, 2]]);
    expect(groupShards([], 10)).toEqual([]);
  });

  it('hold every shard once, whatever the order of the summaries', () => {
    const all = Array.from({ length: 256 }, (_, shard) => aSummary({ shard: (shard * 37) % 256, jobs: shard % 11 }));
    const groups = groupShards(all, 25);
    expect(groups.flat()).toEqual(Array.from({ length: 256 }, (_, shard) => shard));
  });
});

describe('the breaker', () => {
  const limits = { breaker: { demotedShare: 0.1, atLeast: 5, forSeconds: 3_600 } };
  const afterSweep = (demoted: number, left: number, sweepId = 'sweep-1') =>
    aFleet([{ shard: 0, sweepId, demoted, counts: { 'reverse-shadow': left } }], limits);
  async function opens(fleet: ReturnType<typeof aFleet>): Promise<Instant | undefined> {
    fleet.stage.state.ledgers.set('sweep-1', aLedger({ sweepId: 'sweep-1', scheduledAt: at(-900) }));
    await fleet.sweep(NOW);
    return (await fleet.stage.ports.fleet.getControls()).breakerOpenUntil;
  }

  it.each([
    [4, 0, false],
    [5, 0, true],
    [5, 45, false],
    [6, 45, true],
    [100, 10_000, false],
    [2_000, 10_000, true],
  ])('%d demoted and %d left in reverse shadow open it: %s', async (demoted, left, open) => {
    expect(await opens(afterSweep(demoted, left))).toBe(open ? at(3_600) : undefined);
  });

  it('is not opened by what an earlier sweep saw', async () => {
    expect(await opens(afterSweep(50, 0, 'sweep-0'))).toBeUndefined();
  });

  it('that is open is not held open by the same sweep', async () => {
    const fleet = afterSweep(50, 0);
    await opens(fleet);
    await fleet.sweep(at(60));
    expect((await fleet.stage.ports.fleet.getControls()).version).toBe(1);
  });
});
