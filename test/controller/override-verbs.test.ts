import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { complete, demote, hold, promote, release, restart, retire } from '../../lib/controller/override.ts';
import type { OverrideRequest, OverrideResult } from '../../lib/controller/override-request.ts';
import { pause } from '../../lib/controller/pause.ts';
import { register } from '../../lib/controller/register.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, Crash, regress, runBoth, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const SWEEP = { jobId: JOB, sweepId: 'sweep-1' };
const EXPIRES = addSeconds(NOW, 86_400);
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'because' };
const codeOf = (result: OverrideResult) => ('refused' in result ? result.code : 'ok');
const steps = (stage: Stage) =>
  [...stage.state.history.values()].map((record) => (isTransition(record) ? record.to : record.type));
const sweep = (stage: Stage) =>
  evaluateGroup(
    stage.ports,
    { sweepId: 'sweep-1', group: 0, shards: [shardOf(JOB)], grants: {}, expiresAt: EXPIRES },
    stage.now,
  );

type Call = (stage: Stage, given?: Partial<OverrideRequest>) => Promise<OverrideResult>;
const VERBS: Record<string, Call> = {
  promote: (stage, given) => promote(stage.ports, { ...by, ...given }, stage.now),
  demote: (stage, given) => demote(stage.ports, { ...by, ...given }, stage.now),
  complete: (stage, given) => complete(stage.ports, { ...by, confirm: JOB, ...given }, stage.now),
  hold: (stage, given) => hold(stage.ports, { ...by, ...given }, stage.now),
  release: (stage, given) => release(stage.ports, { ...by, ...given }, stage.now),
  restart: (stage, given) => restart(stage.ports, { ...by, ...given }, stage.now),
  retire: (stage, given) => retire(stage.ports, { ...by, confirm: JOB, ...given }, stage.now),
};

describe('each verb in each phase', () => {
  const N = 'NotAllowed';
  it.each<[string, Record<Phase, string>]>([
    ['promote', { pending: 'ok', shadow: 'ok', 'reverse-shadow': 'ok', cleanup: 'ConfirmRemoval', complete: N }],
    ['demote', { pending: N, shadow: 'ok', 'reverse-shadow': 'ok', cleanup: 'ok', complete: N }],
    ['complete', { pending: N, shadow: N, 'reverse-shadow': N, cleanup: 'ok', complete: N }],
    ['hold', { pending: 'ok', shadow: 'ok', 'reverse-shadow': 'ok', cleanup: 'ok', complete: N }],
    ['release', mapPhases(() => 'NotHeld')],
    ['restart', { pending: N, shadow: 'ok', 'reverse-shadow': 'ok', cleanup: 'ok', complete: N }],
    ['retire', mapPhases(() => 'ok')],
  ])('%s is allowed or refused, dry or not, and a refusal writes nothing', async (verb, expected) => {
    const call = VERBS[verb]!;
    for (const phase of PHASES) {
      const stage = await aReadyStage(phase);
      expect(codeOf(await call(stage, { dryRun: true })), `${phase}, dry`).toBe(expected[phase]);
      expect(stage.writes, `${phase}, dry`).toEqual([]);
      expect(codeOf(await call(stage)), phase).toBe(expected[phase]);
      expect(stage.writes.length > 0, phase).toBe(expected[phase] === 'ok');
    }
  });

  it.each(Object.keys(VERBS))('%s of a retired job is refused', async (verb) => {
    const stage = await aReadyStage('shadow');
    await VERBS.retire!(stage);
    expect(await VERBS[verb]!(stage)).toMatchObject({ code: 'Retired', message: expect.stringContaining('by ann') });
  });

  it.each(['promote', 'demote', 'hold', 'restart', 'retire'])(
    '%s with its request id again answers the same and writes nothing, whatever came in between',
    async (verb) => {
      const stage = await aReadyStage('shadow');
      const first = await VERBS[verb]!(stage, { requestId: 'r-1' });
      if (verb !== 'retire') await hold(stage.ports, { ...by, requestId: 'r-2' }, stage.now);
      stage.writes.length = 0;
      const again = await VERBS[verb]!(stage, { requestId: 'r-1' });
      expect(codeOf(again)).toBe('ok');
      expect('transition' in again && again.transition).toEqual('transition' in first && first.transition);
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
    await pause(stage.ports, { actor: 'eve', reason: 'incident' }, stage.now());
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

describe('a verb beside a sweep', () => {
  const commit = (stage: Stage, to: Phase) =>
    commitPromotion(stage.ports, { ...SWEEP, to, expiresAt: EXPIRES }, stage.now);

  it.each(['hold', 'restart', 'retire', 'demote'])(
    '%s that comes before the write of a decided promotion stops it',
    async (verb) => {
      const stage = await aReadyStage('shadow');
      stage.before('jobs.replace', () => VERBS[verb]!(stage));
      expect(await commit(stage, 'reverse-shadow')).toMatchObject({ committed: false });
      expect(stage.job().phase).toBe(verb === 'demote' ? 'pending' : 'shadow');
    },
  );

  it.each<[string, Phase]>([
    ['hold', 'reverse-shadow'],
    ['restart', 'reverse-shadow'],
    ['retire', 'reverse-shadow'],
    ['demote', 'shadow'],
  ])('%s that loses to the promotion is made of the job as it then is', async (verb, phase) => {
    const stage = await aReadyStage('shadow');
    stage.before('jobs.replace', () => commit(stage, 'reverse-shadow'));
    expect(codeOf(await VERBS[verb]!(stage))).toBe('ok');
    expect(stage.job().phase).toBe(phase);
    expect(steps(stage)[0]).toBe('reverse-shadow');
  });

  it.each(['hold', 'restart', 'promote'])(
    '%s with expectedVersion gives way to the sweep that came first',
    async (verb) => {
      const stage = await aReadyStage('shadow');
      stage.before('jobs.replace', () => commit(stage, 'reverse-shadow'));
      expect(codeOf(await VERBS[verb]!(stage, { expectedVersion: 1 }))).toBe('VersionConflict');
    },
  );

  it('a promotion by hand and the sweep’s are one step, in either order', async () => {
    const byHand = await aReadyStage('shadow');
    byHand.before('jobs.replace', () => commit(byHand, 'reverse-shadow'));
    await promote(byHand.ports, { ...by, to: 'reverse-shadow' }, byHand.now);
    expect(steps(byHand)).toEqual(['reverse-shadow']);
    const bySweep = await aReadyStage('shadow');
    bySweep.before('jobs.replace', () => promote(bySweep.ports, by, bySweep.now));
    expect(await commit(bySweep, 'reverse-shadow')).toMatchObject({ committed: false });
    expect(steps(bySweep)).toEqual(['reverse-shadow']);
  });

  it('a rollback goes on beside a hold for promotions, and waits for one of all', async () => {
    for (const scope of ['promotions', 'all'] as const) {
      const stage = await aReadyStage('reverse-shadow');
      stage.advance(60);
      await regress(stage);
      stage.before('jobs.replace', () => hold(stage.ports, { ...by, scope }, stage.now));
      expect(await commitDemotion(stage.ports, SWEEP, stage.now)).toMatchObject({ committed: scope === 'promotions' });
    }
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

function mapPhases(of: (phase: Phase) => string): Record<Phase, string> {
  return Object.fromEntries(PHASES.map((phase) => [phase, of(phase)])) as Record<Phase, string>;
}
