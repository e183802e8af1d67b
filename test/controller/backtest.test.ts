/** A replay under the policy that was in force goes the way the job went; under another it says what would have differed. */
import { describe, expect, it } from 'vitest';
import { backtest } from '../../lib/controller/backtest.ts';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { compareSteps } from '../../lib/domain/compare-steps.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, aPolicy, NOW } from '../builders/records.ts';
import { aStage, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const HOUR = 3_600;
const { criteria } = aPolicy();
const POLICY: Policy = {
  ...aPolicy(),
  automation: 'enforce',
  minPairs: 3,
  settleSeconds: 0,
  soak: { shadowSeconds: 4 * HOUR, reverseShadowSeconds: 1_000 * HOUR },
  cooldown: { firstSeconds: 6 * HOUR, maxSeconds: 6 * HOUR },
  criteria: { ...criteria, landingLatency: false, resourceUtilization: false },
};

const nameOf = (hour: number) => `hour-${String(hour).padStart(3, '0')}`;

/** An hour: both systems run, what has landed is gathered, a sweep decides and its promotion is committed. */
async function live(stage: Stage, hour: number, newReport: object = {}): Promise<void> {
  const partition = nameOf(hour);
  await runOf(stage, { partition, system: 'old' });
  stage.advance(60);
  await runOf(stage, { partition, system: 'new', report: newReport });
  await stage.gather();
  stage.advance(HOUR - 60);
  const expiresAt = addSeconds(stage.now(), 600);
  const request = {
    sweepId: `sweep-${hour}`,
    group: 0,
    shards: [shardOf(JOB)],
    grants: { 'reverse-shadow': 9, cleanup: 9 },
    expiresAt,
  };
  const { promotions } = await evaluateGroup(stage.ports, request, stage.now);
  for (const { to } of promotions) {
    await commitPromotion(stage.ports, { jobId: JOB, to, sweepId: request.sweepId, expiresAt }, stage.now);
  }
  await stage.gather();
}

/** A day and a half with one bad hour, in which the job is swapped, demoted, and swapped again. */
async function aStory(policy = POLICY, hours = 36): Promise<Stage> {
  const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy });
  for (let hour = 0; hour < hours; hour++) {
    await live(stage, hour, hour === 12 ? { checksum: 'wrong' } : {});
    // The quarantined partition is published again by the system that has production now.
    if (hour === 13) await runOf(stage, { partition: 'hour-012', system: 'old' });
  }
  return stage;
}

const under = (stage: Stage, policy: Policy) =>
  backtest(stage.ports, stage.job(), { policy, everySeconds: 900 }, stage.now());

describe('a back-test', () => {
  it('under the policy that was in force makes the steps that were made, give or take a sweep', async () => {
    const stage = await aStory();
    const { actual, replayed, landings, until } = await under(stage, POLICY);
    expect(actual.map(({ to }) => to)).toEqual(['reverse-shadow', 'shadow', 'reverse-shadow']);
    expect(replayed.map(({ to }) => to)).toEqual(actual.map(({ to }) => to));
    expect(compareSteps(actual, replayed, HOUR, until)).toEqual([]);
    // Of the partition that was taken over only its last writer's landing is kept.
    expect(landings).toBe(71);
  });

  it('under a stricter one says which promotion would not have been made, and which demotion with it', async () => {
    const stage = await aStory();
    const strict = { ...POLICY, soak: { ...POLICY.soak, shadowSeconds: 20 * HOUR } };
    const { actual, replayed, until } = await under(stage, strict);
    const differences = compareSteps(actual, replayed, HOUR, until);
    expect(differences.map(({ to, nth }) => [to, nth])).toEqual([
      ['reverse-shadow', 1],
      ['shadow', 1],
      ['reverse-shadow', 2],
    ]);
    // It would still have been in shadow when the mismatch came, and nobody has corrected that since.
    expect(replayed).toEqual([]);
    expect(differences[0]).toEqual({ from: 'shadow', to: 'reverse-shadow', nth: 1, actualAt: actual[0]?.at });
  });

  it('under one that excuses the mismatch says that the demotion would not have been made', async () => {
    const stage = await aStory();
    const known = { name: 'known', reason: 'r', owner: 'ann', expires: '2026-12-31', signature: 'content' };
    const dataQuality = { ...criteria.dataQuality, knownDifferences: [known] };
    const { replayed } = await under(stage, { ...POLICY, criteria: { ...POLICY.criteria, dataQuality } });
    expect(replayed.map(({ to }) => to)).toEqual(['reverse-shadow']);
  });

  it('excuses by the policy that is replayed, and not by the one that was in force', async () => {
    const known = { name: 'known', reason: 'r', owner: 'ann', expires: '2026-12-31', signature: 'content' };
    const dataQuality = { ...criteria.dataQuality, knownDifferences: [known] };
    const excusing = { ...POLICY, criteria: { ...POLICY.criteria, dataQuality } };
    const stage = await aStory(excusing);
    expect(stage.claim('hour-012').excused).toMatchObject({ rule: 'known' });
    expect((await under(stage, excusing)).replayed.map(({ to }) => to)).toEqual(['reverse-shadow']);
    expect((await under(stage, POLICY)).replayed.map(({ to }) => to)).toEqual([
      'reverse-shadow',
      'shadow',
      'reverse-shadow',
    ]);
  });

  it('begins where the job was when the oldest claim was made that has not expired', async () => {
    const stage = await aStory();
    for (let hour = 0; hour < 24; hour++) stage.state.claims.delete(`${JOB}\u0000${nameOf(hour)}`);
    const { actual, replayed, from } = await under(stage, POLICY);
    expect(actual.filter(({ at }) => at >= from!)).toEqual([]);
    expect(replayed).toEqual([]);
  });

  it('ends where the old system was stopped, and finds the step that stopped it', async () => {
    const quick: Policy = { ...POLICY, soak: { shadowSeconds: 0, reverseShadowSeconds: 6 * HOUR } };
    const stage = await aStory(quick, 12);
    expect(stage.job().phase).toBe('cleanup');
    const hourly = { policy: quick, everySeconds: HOUR };
    const { actual, replayed, until } = await backtest(stage.ports, stage.job(), hourly, stage.now());
    expect(compareSteps(actual, replayed, 0, until)).toEqual([]);
    expect(until).toBe(addSeconds(actual.at(-1)!.at, HOUR));
    expect(until < stage.now()).toBe(true);
  });

  it('ends where the job was retired', async () => {
    const stage = await aStory();
    const [first] = (await under(stage, POLICY)).actual;
    const retired = { actor: 'ann', reason: 'gone', at: addSeconds(first!.at, HOUR) };
    const job = { ...stage.job(), retired };
    const { replayed, until } = await backtest(stage.ports, job, { policy: POLICY, everySeconds: 900 }, stage.now());
    expect(until).toBe(addSeconds(retired.at, 900));
    expect(replayed.map(({ to }) => to)).toEqual(['reverse-shadow']);
  });

  it('takes no more time for more sweeps, nor for weeks in which nothing happened', async () => {
    const stage = await aStory();
    stage.advance(70 * 86_400);
    // Six million sweeps, of which a few hundred have anything to find.
    const everySecond = { policy: POLICY, everySeconds: 1 };
    const { actual, replayed, until } = await backtest(stage.ports, stage.job(), everySecond, stage.now());
    expect(compareSteps(actual, replayed, HOUR, until)).toEqual([]);
  });

  it('bears claims that nobody has landed, and landings of one instant', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy: POLICY });
    await runOf(stage, { partition: 'never', system: 'old', until: 'assigned' });
    expect(await under(stage, POLICY)).toMatchObject({ landings: 0, replayed: [] });
    for (const partition of ['a', 'b', 'c', 'd']) {
      for (const system of ['old', 'new'] as const) await runOf(stage, { partition, system });
    }
    stage.advance(5 * HOUR);
    expect((await under(stage, POLICY)).replayed.map(({ to, at }) => [to, at])).toEqual([
      ['reverse-shadow', addSeconds(NOW, 4 * HOUR)],
    ]);
  });

  it('asks nobody: approvals, gates and hooks are taken as given, and an observing policy as one that acts', async () => {
    const stage = await aStory();
    const rule = { quorum: 2, from: [], expiresSeconds: HOUR, allowClaimed: false, byOthers: true };
    const asking: Policy = { ...POLICY, automation: 'observe', approvals: { 'reverse-shadow': rule } };
    expect((await under(stage, asking)).replayed).toHaveLength(3);
  });

  it('writes nothing, and says so of a job without landings', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy: POLICY });
    expect(await under(stage, POLICY)).toMatchObject({ landings: 0, actual: [], replayed: [] });
    expect(stage.writes).toEqual([]);
  });

  it('remembers a quarantined mismatch that was corrected since', async () => {
    const stage = await aStory();
    const claim = stage.claim('hour-012');
    expect(claim.quarantine).toBeDefined();
    const later = addSeconds(stage.now(), -60);
    const corrected = { ...claim.production!, system: 'new' as const, acceptedAt: later, landedAt: later };
    const repaired = { ...claim, shadow: corrected };
    stage.state.claims.set(`${JOB}\u0000hour-012`, repaired);
    const { replayed } = await under(stage, POLICY);
    expect(replayed.map(({ to }) => to)).toEqual(['reverse-shadow', 'shadow', 'reverse-shadow']);
  });
});
