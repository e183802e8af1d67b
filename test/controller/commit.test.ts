import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion, readFacts } from '../../lib/controller/commit.ts';
import { hold } from '../../lib/controller/override.ts';
import { pause } from '../../lib/controller/pause.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aClaim, aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, openBreakerFor, regress, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const SWEEP = 'sweep-1';
const EXPIRES = addSeconds(NOW, 900);

const commit = (stage: Stage, to: Phase, given = {}) =>
  commitPromotion(stage.ports, { jobId: JOB, to, sweepId: SWEEP, expiresAt: EXPIRES, ...given }, stage.now);
const rollBack = (stage: Stage) => commitDemotion(stage.ports, { jobId: JOB, sweepId: SWEEP }, stage.now);
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'month end' };
const history = (stage: Stage) => [...stage.state.history.values()];

describe('the commit of a promotion', () => {
  it.each<[Phase, Phase]>([
    ['pending', 'shadow'],
    ['shadow', 'reverse-shadow'],
    ['reverse-shadow', 'cleanup'],
  ])('%s -> %s leaves one record, settled, with its grounds', async (from, to) => {
    const stage = await aReadyStage(from);
    expect(await commit(stage, to)).toMatchObject({ committed: true, job: { phase: to, epoch: 2 } });
    expect(stage.job().lastTransition).toMatchObject({
      from,
      to,
      actor: { kind: 'automation', sweepId: SWEEP },
      policy: { name: 'default', hash: 'a-hash' },
      settled: true,
    });
    expect(history(stage)).toMatchObject([{ type: 'promotion', from, to, version: 2, epoch: 2 }]);
  });

  it('records the verdicts that it rests on', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    expect(stage.job().lastTransition?.verdicts).toMatchObject([
      { criterion: 'dataQuality', outcome: 'pass' },
      { criterion: 'landingLatency', outcome: 'pass' },
      { criterion: 'resourceUtilization', outcome: 'pass' },
    ]);
  });

  it('reads the controls before the job, and the open claims last', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    expect(stage.calls.slice(0, 5)).toEqual([
      'fleet.getControls',
      `jobs.get ${JOB}`,
      `evidence.get ${JOB}`,
      `claims.listOpen ${JOB}`,
      `jobs.replace ${JOB}`,
    ]);
  });
});

describe('a promotion is refused, and nothing is written', () => {
  async function refusal(stage: Stage, to: Phase, given = {}) {
    const outcome = await commit(stage, to, given);
    expect(outcome.committed).toBe(false);
    expect(stage.writes.filter((call) => call.startsWith('jobs'))).toEqual([]);
    return outcome.committed ? undefined : outcome;
  }

  it('when its grant has expired, at the very instant', async () => {
    const stage = await aReadyStage('shadow');
    const expiresAt = stage.now();
    expect(await refusal(stage, 'reverse-shadow', { expiresAt })).toMatchObject({ code: 'GrantExpired' });
    const later = addSeconds(stage.now(), 0.001);
    expect(await commit(stage, 'reverse-shadow', { expiresAt: later })).toMatchObject({ committed: true });
  });

  it('when the evidence has regressed since the sweep judged', async () => {
    const stage = await aReadyStage('shadow');
    await regress(stage);
    const refused = await refusal(stage, 'reverse-shadow');
    expect(refused).toMatchObject({ code: 'NoLongerReady' });
    expect(refused?.message).toContain('1 partitions mismatch (0 allowed)');
  });

  it('when the job would go elsewhere by now', async () => {
    const stage = await aReadyStage('shadow');
    expect(await refusal(stage, 'cleanup')).toMatchObject({ code: 'NoLongerReady' });
  });

  it('when a claim is open that the evidence does not know yet', async () => {
    const stage = await aReadyStage('reverse-shadow');
    stage.state.claims.set(`${JOB}\u0000p9`, aClaim({ partition: 'p9', writer: 'old' }));
    expect((await refusal(stage, 'cleanup'))?.message).toContain('old owes 1 partitions, e.g. p9');
  });

  it.each<[string, (stage: Stage) => Promise<unknown>, string]>([
    [
      'a pause of promotions',
      (stage) => pause(stage.ports, { actor: 'ann', verified: false, reason: 'r' }, stage.now),
      'paused by ann',
    ],
    [
      'a pause of all',
      (stage) => pause(stage.ports, { actor: 'ann', verified: false, reason: 'r', scope: 'all' }, stage.now),
      'paused',
    ],
    ['an open breaker', (stage) => openBreakerFor(stage, 60), 'demotions cluster'],
  ])('after %s was acknowledged', async (_, stop, message) => {
    const stage = await aReadyStage('shadow');
    await stop(stage);
    expect((await refusal(stage, 'reverse-shadow'))?.message).toContain(message);
  });

  it.each(['jobs.get', 'evidence.get', 'claims.listOpen', 'jobs.replace'])(
    'when a hold is acknowledged right before its call of %s',
    async (call) => {
      const stage = await aReadyStage('shadow');
      stage.before(call, () => hold(stage.ports, by, stage.now));
      const outcome = await commit(stage, 'reverse-shadow');
      expect(outcome).toMatchObject({ committed: false, code: 'NoLongerReady', message: 'held by ann: month end' });
      expect(stage.job()).toMatchObject({ phase: 'shadow', hold: { actor: 'ann' } });
    },
  );

  it('for a job that is not registered, or whose policy is not deployed', async () => {
    expect(await refusal(aStage(), 'shadow')).toMatchObject({ code: 'UnknownJob' });
    const stage = aStage({ jobs: [aJob({ policy: 'gone' })] });
    expect(await refusal(stage, 'shadow')).toMatchObject({ code: 'UnknownPolicy' });
  });

  it.each(['observe', 'recommend'] as const)('under a policy that would %s', async (automation) => {
    const stage = await aReadyStage('shadow', { policy: { automation } });
    expect(await refusal(stage, 'reverse-shadow')).toMatchObject({ code: 'NoLongerReady' });
  });
});

describe('a promotion that comes again', () => {
  it('finds its own transition: it is committed, and nothing more is written', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    stage.writes.length = 0;
    expect(await commit(stage, 'reverse-shadow')).toMatchObject({ committed: true });
    expect(stage.writes).toEqual([]);
  });

  it('finds it also after its grant has expired', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    stage.advance(3_600);
    expect(await commit(stage, 'reverse-shadow')).toMatchObject({ committed: true });
  });

  it('is no second promotion when the job was demoted in between', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    await regress(stage);
    await rollBack(stage);
    expect(await commit(stage, 'reverse-shadow')).toMatchObject({ committed: false });
    expect(stage.job().phase).toBe('shadow');
  });

  it('of another sweep is not its own', async () => {
    const stage = await aReadyStage('shadow');
    await commit(stage, 'reverse-shadow');
    const other = await commit(stage, 'reverse-shadow', { sweepId: 'sweep-2' });
    expect(other).toMatchObject({ committed: false, code: 'NoLongerReady' });
  });

  it('when two meet, one write wins and both are answered the same', async () => {
    const stage = await aReadyStage('shadow');
    stage.before('jobs.replace', () => commit(stage, 'reverse-shadow'));
    expect(await commit(stage, 'reverse-shadow')).toMatchObject({ committed: true });
    expect(history(stage).length).toBe(1);
    expect(stage.job().epoch).toBe(2);
  });
});

describe('the commit of a demotion', () => {
  it('is judged on strong reads, and takes back what new has not landed', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await runOf(stage, { partition: 'p9', system: 'new', until: 'assigned' });
    await regress(stage);
    expect(await rollBack(stage)).toMatchObject({ committed: true, job: { phase: 'shadow' } });
    expect(stage.claim('p9')).toMatchObject({ writer: 'old', takenOverAt: expect.any(String) });
    expect(stage.claim('p4')).toMatchObject({ writer: 'old', quarantine: { new: { checksum: 'regressed' } } });
    expect(stage.job().lastTransition).toMatchObject({ reason: 'data-quality-failed', settled: true });
  });

  it('is retried when the job changes under it, as often as that takes', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    for (let n = 0; n < 5; n++) stage.before('jobs.replace', async () => void touch(stage));
    expect(await rollBack(stage)).toMatchObject({ committed: true });
  });

  it('is stopped by no hold of promotions, pause of promotions or breaker', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    await hold(stage.ports, by, stage.now);
    await pause(stage.ports, { actor: 'ann', verified: false, reason: 'r' }, stage.now);
    await openBreakerFor(stage, 9_999);
    expect(await rollBack(stage)).toMatchObject({ committed: true });
  });

  it('is stopped by a hold of all, and by a pause of all', async () => {
    const held = await aReadyStage('reverse-shadow');
    await regress(held);
    await hold(held.ports, { ...by, scope: 'all' }, held.now);
    expect(await rollBack(held)).toMatchObject({ committed: false, code: 'NoLongerRegressing' });
    const paused = await aReadyStage('reverse-shadow');
    await regress(paused);
    await pause(paused.ports, { actor: 'ann', verified: false, reason: 'r', scope: 'all' }, paused.now);
    expect(await rollBack(paused)).toMatchObject({ committed: false, code: 'NoLongerRegressing' });
  });

  it('does not happen when the evidence holds by now', async () => {
    const stage = await aReadyStage('reverse-shadow');
    expect(await rollBack(stage)).toMatchObject({ committed: false, code: 'NoLongerRegressing' });
  });
});

it('the facts of a decision are read with the controls first', async () => {
  const stage = await aReadyStage('shadow');
  await readFacts(stage.ports, JOB, stage.now());
  expect(stage.calls).toEqual(['fleet.getControls', `jobs.get ${JOB}`, `evidence.get ${JOB}`]);
});

/** A change of the job that is none of the commit's business. */
function touch(stage: Stage): void {
  const job = stage.job();
  stage.state.jobs.set(JOB, { ...job, version: job.version + 1 });
}
