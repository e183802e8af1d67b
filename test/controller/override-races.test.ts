/** Every verb beside a sweep, in both orders: whoever writes first is seen by the other, and nobody's word is lost. */
import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { hold, promote } from '../../lib/controller/override.ts';
import { pause } from '../../lib/controller/pause.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { NOW } from '../builders/records.ts';
import { aReadyStage, openBreakerFor, regress, type Stage } from './stage.ts';
import { ALL_VERBS, aStageFor, by, changeJob, codeOf, JOB, splitPartition, type VerbRow } from './verbs.ts';

const SWEEP = { jobId: JOB, sweepId: 'sweep-1' };
const EXPIRES = addSeconds(NOW, 86_400);
const steps = (stage: Stage) =>
  [...stage.state.history.values()].map((record) => (isTransition(record) ? record.to : record.type));
const sweep = (stage: Stage) => {
  const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
  const request = { sweepId: 'sweep-1', group: 0, shards: [shardOf(JOB)], grants, expiresAt: EXPIRES };
  return evaluateGroup(stage.ports, request, stage.now);
};
const commit = (stage: Stage, to: Phase = 'reverse-shadow') =>
  commitPromotion(stage.ports, { ...SWEEP, to, expiresAt: EXPIRES }, stage.now);
const rollBack = (stage: Stage) => commitDemotion(stage.ports, SWEEP, stage.now);
const verb = (name: string): VerbRow => ALL_VERBS[name]!;

describe('a verb and the sweep’s promotion from shadow to reverse shadow', () => {
  const approved = (stage: Stage) =>
    changeJob(stage, { approvals: [{ to: 'reverse-shadow', actor: 'bob', verified: false, epoch: 1, at: NOW }] });
  /** Verb; whether the sweep's commit still takes place after it, and the phase then; its answer after the commit, and the phase then. */
  it.each<[string, boolean, Phase, string, Phase]>([
    ['promote', false, 'reverse-shadow', 'NotAllowed', 'reverse-shadow'],
    ['demote', false, 'pending', 'ok', 'shadow'],
    ['hold', false, 'shadow', 'ok', 'reverse-shadow'],
    ['release --split-writer', true, 'reverse-shadow', 'ok', 'reverse-shadow'],
    ['restart', false, 'shadow', 'ok', 'reverse-shadow'],
    ['retire', false, 'shadow', 'ok', 'reverse-shadow'],
    ['approve', true, 'reverse-shadow', 'ok', 'reverse-shadow'],
    ['pause', true, 'reverse-shadow', 'ok', 'reverse-shadow'],
  ])('%s first: the commit takes place: %s, then in %s; second: %s, then in %s', async (name, ...expected) => {
    const [committed, phaseAfterCommit, code, phaseAfterVerb] = expected;
    const first = await aStageFor(verb(name));
    approved(first);
    first.before('jobs.replace', () => verb(name).act(first));
    expect(await commit(first)).toMatchObject({ committed });
    expect(first.job().phase).toBe(phaseAfterCommit);

    const second = await aStageFor(verb(name));
    approved(second);
    second.before(name === 'pause' ? 'fleet.replaceControls' : 'jobs.replace', () => commit(second));
    expect(codeOf(await verb(name).act(second))).toBe(code);
    expect(second.job().phase).toBe(phaseAfterVerb);
    expect(steps(second).filter((step) => step === 'reverse-shadow')).toHaveLength(1);
  });

  it.each(['hold', 'restart', 'promote', 'demote', 'retire', 'approve', 'release --split-writer'])(
    '%s with expectedVersion gives way to the sweep that came first',
    async (name) => {
      const stage = await aStageFor(verb(name));
      approved(stage);
      stage.before('jobs.replace', () => commit(stage));
      expect(codeOf(await verb(name).act(stage, { expectedVersion: 1 }))).toBe('VersionConflict');
      expect(stage.job().phase).toBe('reverse-shadow');
    },
  );

  it('promote --force goes no step further than was meant when the sweep has taken that step', async () => {
    const stage = await aReadyStage('shadow');
    stage.before('jobs.replace', () => commit(stage));
    expect(codeOf(await promote(stage.ports, { ...by, force: true }, stage.now))).toBe('NotAllowed');
    expect(steps(stage)).toEqual(['reverse-shadow']);
  });

  it('a released job is promoted by a commit that reads it afterwards, and by none that had read it before', async () => {
    for (const [call, committed] of [
      ['jobs.get', true],
      ['evidence.get', false],
    ] as const) {
      const stage = await aStageFor(verb('release'));
      stage.before(call, () => verb('release').act(stage));
      expect(await commit(stage), call).toMatchObject({ committed });
      expect(stage.job()).not.toHaveProperty('hold');
    }
  });

  it('a job that is approved is promoted by a commit that reads it afterwards, and by none that had read it before', async () => {
    for (const [call, committed] of [
      ['jobs.get', true],
      ['evidence.get', false],
    ] as const) {
      const stage = await aStageFor(verb('approve'));
      stage.before(call, () => verb('approve').act(stage));
      expect(await commit(stage), call).toMatchObject({ committed });
    }
  });
});

describe('a verb and the sweep’s demotion from reverse shadow to shadow', () => {
  const aRegressingStage = async (row: VerbRow) => {
    const stage = await aReadyStage('reverse-shadow', row.policy ? { policy: row.policy } : {});
    stage.advance(60);
    await regress(stage);
    row.prepare?.(stage);
    return stage;
  };
  it.each<[string, boolean, Phase, string, Phase]>([
    ['promote', false, 'cleanup', 'NotAllowed', 'shadow'],
    ['demote', false, 'shadow', 'NotAllowed', 'shadow'],
    ['hold', true, 'shadow', 'ok', 'shadow'],
    ['release', true, 'shadow', 'ok', 'shadow'],
    ['release --split-writer', true, 'shadow', 'ok', 'shadow'],
    // What was gathered before counts no more, the mismatch neither.
    ['restart', false, 'reverse-shadow', 'ok', 'shadow'],
    ['retire', false, 'reverse-shadow', 'ok', 'shadow'],
    ['approve', true, 'shadow', 'ok', 'shadow'],
    ['pause', true, 'shadow', 'ok', 'shadow'],
    ['resume', true, 'shadow', 'ok', 'shadow'],
    ['resume --breaker', true, 'shadow', 'ok', 'shadow'],
  ])('%s first: the demotion takes place: %s, then in %s; second: %s, then in %s', async (name, ...expected) => {
    const [committed, phaseAfterCommit, code, phaseAfterVerb] = expected;
    const force = name === 'promote' ? { force: true } : {};
    const first = await aRegressingStage(verb(name));
    first.before('jobs.replace', () => verb(name).act(first, force));
    expect(await rollBack(first)).toMatchObject({ committed });
    expect(first.job().phase).toBe(phaseAfterCommit);

    const second = await aRegressingStage(verb(name));
    const write = /pause|resume/.test(name) ? 'fleet.replaceControls' : 'jobs.replace';
    second.before(write, () => rollBack(second));
    expect(codeOf(await verb(name).act(second, force))).toBe(code);
    expect(second.job().phase).toBe(phaseAfterVerb);
    expect(steps(second)[0]).toBe('shadow');
  });

  it('waits for a hold of all that comes first, and for nothing that comes after it', async () => {
    const held = await aRegressingStage(verb('hold'));
    held.before('jobs.replace', () => hold(held.ports, { ...by, scope: 'all' }, held.now));
    expect(await rollBack(held)).toMatchObject({ committed: false });
    const late = await aRegressingStage(verb('hold'));
    late.before('jobs.replace', () => rollBack(late));
    await hold(late.ports, { ...by, scope: 'all' }, late.now);
    expect(late.job()).toMatchObject({ phase: 'shadow', hold: { scope: 'all' } });
  });
});

describe('a verb and a sweep that notes why a person should look', () => {
  const stuckAfter = { pendingSeconds: 0, shadowSeconds: 0, reverseShadowSeconds: 0, cleanupSeconds: 0 };
  const policy = { stuckAfter, automation: 'recommend' as const };

  it.each(Object.keys(ALL_VERBS))('%s loses nothing to it, in either order', async (name) => {
    const row = verb(name);
    const alone = await aStageFor(row, row.allowedIn, policy);
    expect(codeOf(await row.act(alone))).toBe('ok');
    const wanted = [alone.job().phase, alone.job().epoch, steps(alone), whatPeopleDid(alone)];
    for (const verbFirst of [true, false]) {
      const stage = await aStageFor(row, row.allowedIn, policy);
      const write = /pause|resume/.test(name) ? 'fleet.replaceControls' : 'jobs.replace';
      const order = verbFirst ? 'the verb first' : 'the sweep first';
      if (verbFirst) {
        stage.before('jobs.replace', () => row.act(stage));
        await sweep(stage);
      } else {
        stage.before(write, () => sweep(stage));
        expect(codeOf(await row.act(stage)), order).toBe('ok');
      }
      expect([stage.job().phase, stage.job().epoch, steps(stage), whatPeopleDid(stage)], order).toEqual(wanted);
    }
  });

  const whatPeopleDid = (stage: Stage) => {
    const { hold: held, approvals, retired, seenSplits } = stage.job();
    const { pause: paused, breakerOpenUntil } = stage.state.controls.get('fleet') ?? {};
    return { held, approvals, retired, seenSplits, paused, breakerOpenUntil };
  };
});

describe('a sweep that had already decided', () => {
  /** The sweep has chosen the promotion and hands it to the commit step, which may wait for minutes. */
  const decided = async (name: string) => {
    const stage = await aStageFor(verb(name), 'shadow', name === 'approve' ? { approvals: {} } : {});
    const { promotions } = await sweep(stage);
    expect(promotions).toMatchObject([{ jobId: JOB, to: 'reverse-shadow' }]);
    return stage;
  };

  it.each<[string, { scope?: 'promotions' | 'all' }, string]>([
    ['hold', { scope: 'promotions' }, 'held by ann'],
    ['hold', { scope: 'all' }, 'held by ann'],
    ['pause', {}, 'paused by ann'],
    ['pause', { scope: 'all' }, 'paused by ann'],
    ['restart', {}, '0 of 3'],
    ['retire', {}, 'retired by ann'],
    ['demote', {}, ''],
  ])('promotes nothing after %s %j was acknowledged', async (name, given, message) => {
    const stage = await decided(name);
    expect(codeOf(await verb(name).act(stage, given))).toBe('ok');
    const answer = await commit(stage);
    expect(answer).toMatchObject({ committed: false, message: expect.stringContaining(message) });
    expect(stage.job().phase).not.toBe('reverse-shadow');
  });

  it.each(['release --split-writer', 'approve'])('goes on after %s, which stops nothing', async (name) => {
    const stage = await decided(name);
    await verb(name).act(stage);
    expect(await commit(stage)).toMatchObject({ committed: true });
  });

  it('promotes nothing after the breaker opened, and goes on when a person has closed it', async () => {
    const stage = await decided('pause');
    await openBreakerFor(stage, 600);
    expect(await commit(stage)).toMatchObject({ committed: false, message: expect.stringContaining('cluster') });
    await verb('resume --breaker').act(stage);
    expect(await commit(stage)).toMatchObject({ committed: true });
  });

  it('rolls back in spite of a hold or a pause of promotions, and not against one of all', async () => {
    for (const scope of ['promotions', 'all'] as const) {
      for (const act of [hold, pause]) {
        const stage = await aReadyStage('reverse-shadow');
        stage.advance(60);
        await regress(stage);
        // The shard is read and judged; the next reading of the controls begins the commit of the demotion.
        const acts = () => act(stage.ports, { ...by, scope }, stage.now);
        stage.before('evidence.listShard', async () => stage.before('fleet.getControls', acts));
        await sweep(stage);
        expect(stage.job().phase, `${act.name} ${scope}`).toBe(scope === 'all' ? 'reverse-shadow' : 'shadow');
      }
    }
  });
});

describe('an acknowledged split writer', () => {
  it('asks for nothing any more, and again when its partition or another one is written', async () => {
    const stage = await aReadyStage('reverse-shadow');
    splitPartition(stage, 1_000);
    await sweep(stage);
    expect(stage.job().attention).toMatchObject({ kind: 'split-writer' });
    const result = await verb('release --split-writer').act(stage, { reason: 'one cron was left behind' });
    expect(result).toMatchObject({ job: { seenSplits: [{ partition: 'p1', changedAt: 1_000 }] } });
    expect(stage.job()).not.toHaveProperty('attention');
    expect([...stage.state.history.values()]).toMatchObject([
      { type: 'acknowledged', message: 'one cron was left behind', splits: [{ partition: 'p1', changedAt: 1_000 }] },
    ]);
    await sweep(stage);
    expect(stage.job()).not.toHaveProperty('attention');

    for (const [changedAt, partition] of [
      [2_000, 'p1'],
      [3_000, 'p2'],
    ] as const) {
      splitPartition(stage, changedAt, partition);
      await sweep(stage);
      expect(stage.job().attention, partition).toMatchObject({ kind: 'split-writer' });
      await verb('release --split-writer').act(stage);
      await sweep(stage);
      expect(stage.job(), partition).not.toHaveProperty('attention');
    }
  });

  it('is only what the person was shown: what is gathered in between asks', async () => {
    const stage = await aStageFor(verb('release --split-writer'), 'reverse-shadow');
    stage.before('jobs.replace', async () => splitPartition(stage, 9_000, 'p2'));
    await verb('release --split-writer').act(stage);
    await sweep(stage);
    expect(stage.job().attention).toMatchObject({ kind: 'split-writer' });
  });

  it('is refused where there is none, and leaves a hold and other attention as they are', async () => {
    const stage = await aReadyStage('shadow');
    expect(await verb('release --split-writer').act(stage)).toMatchObject({ code: 'NoSplitWriter' });
    splitPartition(stage);
    const attention = { kind: 'stuck' as const, cause: 'soak', since: NOW };
    changeJob(stage, { attention, hold: { scope: 'all', actor: 'bob', reason: 'r', at: NOW } });
    await verb('release --split-writer').act(stage);
    expect(stage.job()).toMatchObject({ attention, hold: { actor: 'bob' } });
  });

  it('is remembered for the last twenty', async () => {
    const stage = await aReadyStage('shadow');
    for (let n = 1; n <= 22; n++) {
      splitPartition(stage, n);
      await verb('release --split-writer').act(stage);
    }
    const kept = stage.job().seenSplits?.map(({ changedAt }) => changedAt);
    expect([kept?.length, kept?.[0], kept?.at(-1)]).toEqual([20, 3, 22]);
  });
});
