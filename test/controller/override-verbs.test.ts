import { describe, expect, it } from 'vitest';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { demote, hold, promote, release, restart, retire } from '../../lib/controller/override.ts';
import { pause } from '../../lib/controller/pause.ts';
import { register } from '../../lib/controller/register.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { PHASES } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, Crash, regress, runBoth, type Stage } from './stage.ts';
import { ALL_VERBS, aStageFor, by, changeJob, codeOf, JOB, JOB_VERBS } from './verbs.ts';

const SWEEP = { jobId: JOB, sweepId: 'sweep-1' };
const EXPIRES = addSeconds(NOW, 86_400);
const steps = (stage: Stage) =>
  [...stage.state.history.values()].map((record) => (isTransition(record) ? record.to : record.type));
const sweep = (stage: Stage) =>
  evaluateGroup(
    stage.ports,
    { sweepId: 'sweep-1', group: 0, shards: [shardOf(JOB)], grants: {}, expiresAt: EXPIRES },
    stage.now,
  );

describe('each verb in each phase', () => {
  it.each(Object.entries(ALL_VERBS))(
    '%s is allowed or refused, dry or not, and a refusal writes nothing',
    async (_, row) => {
      for (const phase of PHASES) {
        const stage = await aStageFor(row, phase);
        const before = structuredClone(stage.state);
        expect(codeOf(await row.act(stage, { dryRun: true })), `${phase}, dry`).toBe(row.from[phase]);
        expect(stage.state, `${phase}, dry`).toEqual(before);
        expect(codeOf(await row.act(stage)), phase).toBe(row.from[phase]);
        expect(stage.writes.length > 0, phase).toBe(row.from[phase] === 'ok');
      }
    },
  );

  it.each(Object.entries(ALL_VERBS))('%s leaves one record with who and why', async (_, row) => {
    const stage = await aStageFor(row);
    await row.act(stage, { verified: true });
    const records = [...stage.state.history.values(), ...stage.state.fleetHistory.values()];
    const actor = { kind: 'operator', name: 'ann', verified: true };
    expect(records).toMatchObject([{ actor, message: 'because' }]);
  });

  it.each(Object.entries(JOB_VERBS))('%s of a retired job is refused', async (_, row) => {
    const stage = await aStageFor(row);
    changeJob(stage, { retired: { actor: 'bob', reason: 'r', at: NOW } });
    expect(await row.act(stage)).toMatchObject({ code: 'Retired', message: expect.stringContaining('by bob') });
    expect(stage.writes).toEqual([]);
  });

  it('release refuses what is neither held nor split, in every phase', async () => {
    for (const phase of PHASES) {
      const stage = await aReadyStage(phase);
      expect(codeOf(await release(stage.ports, by, stage.now)), phase).toBe('NotHeld');
      expect(codeOf(await release(stage.ports, { ...by, splitWriter: true }, stage.now)), phase).toBe('NoSplitWriter');
    }
  });

  it.each(Object.entries(ALL_VERBS))(
    '%s with its request id again answers the same and writes nothing, whatever came in between',
    async (name, row) => {
      const stage = await aStageFor(row);
      const first = await row.act(stage, { requestId: 'r-1' });
      expect(codeOf(first)).toBe('ok');
      stage.writes.length = 0;
      // What will happen next is told to who acts, and may be another thing by the time of the repeat.
      expect(await row.act(stage, { requestId: 'r-1' })).toMatchObject(withoutNext(first));
      expect(stage.writes).toEqual([]);

      if (name !== 'retire' && name !== 'complete') await hold(stage.ports, { ...by, requestId: 'r-2' }, stage.now);
      await pause(stage.ports, { ...by, requestId: 'r-3' }, stage.now);
      stage.writes.length = 0;
      const again = await row.act(stage, { requestId: 'r-1' });
      expect(codeOf(again)).toBe('ok');
      expect('transition' in again && again.transition).toEqual('transition' in first && first.transition);
      expect('record' in again && again.record).toEqual('record' in first && first.record);
      expect(stage.writes).toEqual([]);
    },
  );

  it('remembers the last five requests', async () => {
    const stage = await aReadyStage('shadow');
    for (let n = 1; n <= 7; n++) await hold(stage.ports, { ...by, requestId: `r-${n}` }, stage.now);
    expect(stage.job().requests?.map(({ id }) => id)).toEqual(['r-3', 'r-4', 'r-5', 'r-6', 'r-7']);
  });
});

describe('demote over several phases', () => {
  it('takes each step with its own record, settled before the next', async () => {
    const stage = await aReadyStage('cleanup');
    const result = await demote(stage.ports, { ...by, to: 'pending', requestId: 'r-1' }, stage.now);
    expect(result).toMatchObject({ job: { phase: 'pending' }, transitions: [{}, {}, { to: 'pending' }] });
    expect(steps(stage)).toEqual(['reverse-shadow', 'shadow', 'pending']);
    expect(await demote(stage.ports, { ...by, to: 'pending', requestId: 'r-1' }, stage.now)).toEqual(result);
  });

  it('with dryRun shows all of them', async () => {
    const stage = await aReadyStage('cleanup');
    const result = await demote(stage.ports, { ...by, to: 'shadow', dryRun: true }, stage.now);
    expect(result).toMatchObject({ transitions: [{ to: 'reverse-shadow' }, { from: 'reverse-shadow', to: 'shadow' }] });
    expect(stage.job().phase).toBe('cleanup');
  });

  it('that dies anywhere is finished by its repeat, once', async () => {
    const request = { ...by, to: 'shadow' as const, requestId: 'r-1', expectedVersion: 1 };
    for (let n = 1; n < 30; n++) {
      const stage = await aReadyStage('cleanup');
      stage.crashAfter(n);
      const died = await demote(stage.ports, request, stage.now).catch((error: unknown) => error);
      if (!(died instanceof Crash)) return expect(n).toBeGreaterThan(8);
      stage.crashAfter(0);
      expect(codeOf(await demote(stage.ports, request, stage.now)), `died after call ${n}`).toBe('ok');
      expect(stage.job().phase).toBe('shadow');
      expect(steps(stage), `died after call ${n}`).toEqual(['reverse-shadow', 'shadow']);
    }
    expect.unreachable('it always died');
  });

  it('does not go where no demotion leads', async () => {
    const stage = await aReadyStage('shadow');
    expect(await demote(stage.ports, { ...by, to: 'cleanup' }, stage.now)).toMatchObject({ code: 'NotAllowed' });
  });
});

describe('what stands against a promotion', () => {
  it('is all listed by a dry run: unmet needs, another person’s hold, a pause', async () => {
    const stage = aStage({
      jobs: [aJob({ phase: 'shadow' })],
      policy: { soak: { shadowSeconds: 60, reverseShadowSeconds: 0 } },
    });
    await hold(stage.ports, { ...by, actor: 'bob', reason: 'month end' }, stage.now);
    await pause(stage.ports, { actor: 'eve', verified: false, reason: 'incident' }, stage.now);
    const dry = await promote(stage.ports, { ...by, dryRun: true }, stage.now);
    const needs = 'unmet' in dry ? dry.unmet?.map(({ need }) => need) : [];
    expect(needs).toEqual(['criteria-pass', 'both-fresh', 'soak', 'not-held', 'not-paused']);
    const refused = await promote(stage.ports, by, stage.now);
    expect(refused).toMatchObject({ code: 'NeedsNotMet', message: expect.stringContaining('by bob: month end') });
    expect(await promote(stage.ports, { ...by, force: true }, stage.now)).toMatchObject({
      transition: { forced: true, waived: { needs } },
    });
  });

  it('is not the hold of the person who promotes', async () => {
    const stage = await aReadyStage('shadow');
    await hold(stage.ports, by, stage.now);
    expect(codeOf(await promote(stage.ports, by, stage.now))).toBe('ok');
  });
});

describe('a forced promotion', () => {
  const toReverseShadow = { ...by, force: true, to: 'reverse-shadow' as const };

  it('stands against the mismatches of which the person was told, also when they are sealed only later', async () => {
    const stage = await aReadyStage('shadow', { policy: { settleSeconds: 600 } });
    await runBoth(stage, ['p4'], { old: { final: false }, next: { final: false, checksum: 'differs' } });
    expect(codeOf(await promote(stage.ports, toReverseShadow, stage.now))).toBe('ok');
    stage.advance(601);
    expect((await sweep(stage)).demotions).toEqual([]);
    expect(stage.job().phase).toBe('reverse-shadow');
  });

  it('is undone by a mismatch that lands after it', async () => {
    const stage = await aReadyStage('shadow');
    await promote(stage.ports, toReverseShadow, stage.now);
    stage.advance(60);
    await regress(stage);
    expect((await sweep(stage)).demotions).toMatchObject([{ jobId: JOB, reason: 'data-quality-failed' }]);
  });
});

describe('restart', () => {
  it('begins a new epoch in the same phase, and the soak again', async () => {
    const stage = await aReadyStage('shadow');
    stage.advance(60);
    await restart(stage.ports, by, stage.now);
    expect(stage.job()).toMatchObject({ phase: 'shadow', epoch: 2, phaseSince: stage.now() });
    expect(steps(stage)).toEqual(['restarted']);
  });

  it('lets nothing that was gathered before promote the job, and new pairs do', async () => {
    const stage = await aReadyStage('shadow');
    stage.advance(60);
    await restart(stage.ports, by, stage.now);
    const commit = () =>
      commitPromotion(stage.ports, { ...SWEEP, to: 'reverse-shadow', expiresAt: EXPIRES }, stage.now);
    expect(await commit()).toMatchObject({ committed: false, message: expect.stringContaining('0 of 3') });
    await runBoth(stage, ['p5', 'p6', 'p7']);
    expect(await commit()).toMatchObject({ committed: true });
  });
});

describe('retire', () => {
  it('wants the job’s id again', async () => {
    const stage = await aReadyStage('shadow');
    expect(await retire(stage.ports, { ...by, confirm: 'yes' }, stage.now)).toMatchObject({ code: 'NotConfirmed' });
  });

  it('takes the job out of the sweeps, also when it died before its record was copied', async () => {
    const stage = await aReadyStage('shadow');
    stage.before('jobs.putHistory', async () => {
      throw new Crash('died');
    });
    await expect(retire(stage.ports, { ...by, confirm: JOB }, stage.now)).rejects.toThrow('died');
    await sweep(stage);
    expect(steps(stage)).toEqual(['retired']);
    expect(stage.job()).toMatchObject({ retired: { actor: 'ann' }, lastOverride: { settled: true } });
    expect((await sweep(stage)).jobs).toBe(0);
  });

  it('is final: the id cannot be registered again', async () => {
    const stage = await aReadyStage('shadow');
    await retire(stage.ports, { ...by, confirm: JOB }, stage.now);
    const { team, policy, wave, weight, labels, shape, integration } = stage.job();
    const attributes = { team, policy, wave, weight, labels, shape, integration };
    const registered = await register(stage.ports, { jobId: JOB, attributes, initialPhase: 'pending' }, stage.now());
    expect(registered).toMatchObject({ code: 'Retired', field: 'jobId' });
  });
});

describe('release', () => {
  it('says what will happen next', async () => {
    const stage = await aReadyStage('shadow');
    await hold(stage.ports, by, stage.now);
    const ready = await release(stage.ports, by, stage.now);
    expect(ready).toMatchObject({ next: expect.stringContaining('promotes it to reverse-shadow') });
    const waiting = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    await hold(waiting.ports, by, waiting.now);
    const answer = await release(waiting.ports, by, waiting.now);
    expect(answer).toMatchObject({ next: expect.stringContaining('it stays in shadow: dataQuality is missing') });
  });
});

function withoutNext(result: object): object {
  const { next: _, ...rest } = result as { next?: string };
  return rest;
}
