import { describe, expect, it } from 'vitest';
import { evaluateGroup, type GroupRequest } from '../../lib/controller/evaluate-group.ts';
import { hold } from '../../lib/controller/override.ts';
import { pause } from '../../lib/controller/pause.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, aTransition, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, Crash, regress, runBoth, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const SHARD = shardOf(JOB);
const EXPIRES = addSeconds(NOW, 900);

function evaluate(stage: Stage, given: Partial<GroupRequest> = {}) {
  const shards = [...new Set([...stage.state.jobs.keys()].map(shardOf))];
  const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
  const request = { sweepId: 'sweep-1', group: 4, shards, grants, expiresAt: EXPIRES, ...given };
  return evaluateGroup(stage.ports, request, stage.now);
}

const summaryOf = (stage: Stage, shard = SHARD) => stage.state.summaries.get(String(shard));
const jobWrites = (stage: Stage) => stage.writes.filter((call) => !call.startsWith('fleet.putSummary'));
const by = { actor: 'ann', verified: false, reason: 'r' };

describe('the evaluation of a group', () => {
  it('answers the promotions that its grants allow, and commits none of them', async () => {
    const stage = await aReadyStage('shadow');
    expect(await evaluate(stage)).toEqual({
      sweepId: 'sweep-1',
      group: 4,
      expiresAt: EXPIRES,
      promotions: [{ jobId: JOB, to: 'reverse-shadow', weight: 1, step: 'commit' }],
      demotions: [],
      jobs: 1,
      failed: [],
      counts: { shadow: 1 },
      attention: {},
      noted: [],
    });
    expect(jobWrites(stage)).toEqual([]);
    expect((await evaluate(stage, { grants: {} })).promotions).toEqual([]);
  });

  it('commits the demotions itself, without any grant', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    const result = await evaluate(stage, { grants: {} });
    expect(result.demotions).toMatchObject([{ jobId: JOB, reason: 'data-quality-failed' }]);
    expect(stage.job()).toMatchObject({ phase: 'shadow', attention: { kind: 'regressing' } });
    expect(stage.job().lastTransition).toMatchObject({ settled: true, actor: { sweepId: 'sweep-1' } });
  });

  it('a regression is demoted by the first sweep that completes after it, whatever else is in the way', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await hold(stage.ports, { ...by, jobId: JOB }, stage.now);
    await pause(stage.ports, { actor: 'ann', verified: false, reason: 'r' }, stage.now);
    await regress(stage);
    await evaluate(stage, { grants: {}, expiresAt: NOW });
    expect(stage.job().phase).toBe('shadow');
  });

  it('leaves a summary of each shard: counts, weights, who is ready, what wants attention', async () => {
    const stage = await aReadyStage('shadow', { jobs: [aJob({ jobId: 'b', weight: 5, phase: 'complete' })] });
    await evaluate(stage, { grants: {} });
    expect(summaryOf(stage)).toMatchObject({
      sweepId: 'sweep-1',
      readAt: stage.now(),
      jobs: 1,
      counts: { shadow: 1 },
      weights: { shadow: 1 },
      ready: { 'reverse-shadow': 1 },
      demoted: 0,
    });
    expect(summaryOf(stage, shardOf('b'))).toMatchObject({ counts: { complete: 1 }, weights: { complete: 5 } });
  });

  it('counts a demoted job where it is now', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    await evaluate(stage);
    expect(summaryOf(stage)).toMatchObject({ counts: { shadow: 1 }, demoted: 1, attention: { regressing: 1 } });
  });
});

describe('an evaluation that runs twice', () => {
  it('changes nothing the second time: no job is written', async () => {
    const stage = await aReadyStage('reverse-shadow', { policy: { automation: 'observe' } });
    await regress(stage);
    await evaluate(stage);
    const before = structuredClone(stage.state.jobs);
    stage.writes.length = 0;
    stage.advance(1);
    await evaluate(stage);
    expect(jobWrites(stage)).toEqual([]);
    expect(stage.state.jobs).toEqual(before);
  });

  it('after a demotion leaves the job and its history as the first left them', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    await evaluate(stage);
    stage.writes.length = 0;
    stage.advance(1);
    expect((await evaluate(stage)).demotions).toEqual([]);
    expect(jobWrites(stage)).toEqual([]);
    expect(stage.state.history.size).toBe(1);
  });

  it('says the same of the demotions of its sweep, or the breaker would never hear of them', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    await evaluate(stage);
    stage.advance(1);
    await evaluate(stage);
    expect(summaryOf(stage)).toMatchObject({ sweepId: 'sweep-1', demoted: 1 });
  });

  it('at the same time commits a demotion once', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    stage.before('jobs.replace', () => evaluate(stage));
    await evaluate(stage);
    expect(stage.state.history.size).toBe(1);
    expect(stage.job()).toMatchObject({ phase: 'shadow', epoch: 2 });
  });

  it('and was killed after any of its calls leaves what one run would have left', async () => {
    const whole = await aReadyStage('reverse-shadow');
    await regress(whole);
    await evaluate(whole);
    const calls = whole.calls.length;
    for (let call = 1; call <= calls; call++) {
      const stage = await aReadyStage('reverse-shadow');
      await regress(stage);
      stage.crashAfter(call);
      // What happens to one job stays with it: the crash may come back as that job's failure.
      await evaluate(stage).catch((error) =>
        expect([error, ...(error.errors ?? [])]).toContainEqual(expect.any(Crash)),
      );
      stage.crashAfter(Number.POSITIVE_INFINITY);
      stage.advance(1);
      await evaluate(stage);
      expect(stage.job(), `died after ${whole.calls[call - 1]}`).toMatchObject({ phase: 'shadow', epoch: 2 });
      expect(stage.job().lastTransition?.settled).toBe(true);
      expect(stage.state.history.size).toBe(1);
    }
  });
});

describe('one job’s trouble', () => {
  it('does not keep the others from being demoted, and is named', async () => {
    const stage = await aReadyStage('reverse-shadow', { jobs: [aJob({ jobId: 'a', policy: 'gone' })] });
    await regress(stage);
    const result = await evaluate(stage);
    expect(result.demotions.map((one) => one.jobId)).toEqual([JOB]);
    expect(result.failed).toMatchObject([
      { jobId: 'a', message: expect.stringContaining('policy gone is not deployed') },
    ]);
    expect(result.jobs).toBe(2);
  });

  it('counts in the summary as what it was read as', async () => {
    const stage = aStage({ jobs: [aJob({ jobId: 'a', policy: 'gone', phase: 'cleanup', weight: 3 })] });
    await evaluate(stage);
    expect(summaryOf(stage, shardOf('a'))).toMatchObject({ jobs: 1, weights: { cleanup: 3 } });
  });

  it('one shard that cannot be read does not keep the jobs of the others from being demoted', async () => {
    const stage = await aReadyStage('reverse-shadow', { jobs: [aJob({ jobId: 'a' })] });
    await regress(stage);
    const listShard: typeof stage.ports.jobs.listShard = async (shard, from) => {
      if (shard === shardOf('a')) throw new Error('an item of this shard cannot be read');
      return stage.ports.jobs.listShard(shard, from);
    };
    const ports = { ...stage.ports, jobs: { ...stage.ports.jobs, listShard } };
    const request = { sweepId: 's', group: 0, shards: [shardOf('a'), SHARD], grants: {}, expiresAt: EXPIRES };
    await evaluateGroup(ports, request, stage.now).catch(() => undefined);
    expect(stage.job().phase).toBe('shadow');
  });
});

describe('a sweep repairs', () => {
  it('a transition that was not settled: its history and its pass', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow', lastTransition: aTransition() })] });
    await evaluate(stage);
    expect(stage.job().lastTransition?.settled).toBe(true);
    expect(stage.state.history.size).toBe(1);
  });
});

describe('a retired job', () => {
  it('is judged by no sweep, and promoted by none', async () => {
    const stage = await aReadyStage('shadow');
    stage.state.jobs.set(JOB, { ...stage.job(), retired: { actor: 'ann', reason: 'gone', at: NOW } });
    expect((await evaluate(stage)).promotions).toEqual([]);
    expect(jobWrites(stage)).toEqual([]);
  });

  it('gives its slot back: it takes no capacity of the phase in which it was left', async () => {
    const stage = await aReadyStage('shadow');
    stage.state.jobs.set(JOB, { ...stage.job(), retired: { actor: 'ann', reason: 'gone', at: NOW } });
    await evaluate(stage);
    expect(summaryOf(stage)?.weights).toEqual({});
  });
});

describe('what a sweep notes on a job', () => {
  it('attention, when it comes and when it goes, and nothing while it stays', async () => {
    const stage = await aReadyStage('shadow', { policy: { stuckAfter: STUCK } });
    stage.advance(61);
    await evaluate(stage);
    expect(stage.job().attention).toMatchObject({ kind: 'stuck', cause: 'capacity' });
    stage.writes.length = 0;
    stage.advance(60);
    await evaluate(stage);
    expect(jobWrites(stage)).toEqual([]);
    stage.state.jobs.set(JOB, { ...stage.job(), phaseSince: stage.now() });
    await evaluate(stage);
    expect(stage.job()).not.toHaveProperty('attention');
  });

  it.each(['observe', 'recommend'] as const)('what it would do under a policy that would %s', async (automation) => {
    const stage = await aReadyStage('shadow', { policy: { automation } });
    const result = await evaluate(stage);
    expect(result.promotions).toEqual([]);
    expect(stage.job().proposal).toMatchObject({ to: 'reverse-shadow', kind: 'promotion', at: stage.now() });
    stage.writes.length = 0;
    stage.advance(60);
    await evaluate(stage);
    expect(jobWrites(stage)).toEqual([]);
  });

  it('the demotion it would do under a policy that observes', async () => {
    const stage = await aReadyStage('reverse-shadow', { policy: { automation: 'observe' } });
    await regress(stage);
    await evaluate(stage);
    expect(stage.job()).toMatchObject({
      phase: 'reverse-shadow',
      proposal: { to: 'shadow', kind: 'demotion' },
      attention: { kind: 'regressing' },
    });
  });

  it('that the old system is back', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'reverse-shadow', awaitingOld: true, phaseSince: NOW })] });
    await evaluate(stage);
    expect(stage.job().awaitingOld).toBe(true);
    stage.advance(60);
    await runBoth(stage, ['p1']);
    await evaluate(stage);
    expect(stage.job()).not.toHaveProperty('awaitingOld');
  });

  it('nothing when the job changes under it: the next sweep will', async () => {
    const stage = await aReadyStage('shadow', { policy: { automation: 'recommend' } });
    stage.before('jobs.replace', () => hold(stage.ports, { ...by, jobId: JOB }, stage.now));
    await evaluate(stage);
    expect(stage.job()).toMatchObject({ hold: { actor: 'ann' } });
    expect(stage.job()).not.toHaveProperty('proposal');
  });
});

const STUCK = { pendingSeconds: 240, shadowSeconds: 240, reverseShadowSeconds: 240, cleanupSeconds: 240 };
