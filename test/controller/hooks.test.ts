/**
 * Gates and hooks from sweep to sweep, with hooks that throw, hang, talk nonsense or change their mind, and with steps that die
 * between any two calls.
 */
import { describe, expect, it } from 'vitest';
import { askGate } from '../../lib/controller/hook-steps.ts';
import { promote, restart, retire } from '../../lib/controller/override.ts';
import type { Hooks } from '../../lib/controller/ports.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aReadyStage, Crash, regress, type Stage } from './stage.ts';
import { ALL, aTeam, by, GATED, hooksOf, JOB, PASS, type Reply, says, sweep } from './team.ts';

describe('a promotion with hooks', () => {
  it('asks the gate, has it prepared, commits, and tells of it: all in one sweep', async () => {
    const stage = await aReadyStage('shadow', ALL);
    const team = aTeam();
    await sweep(stage, team.hooks);
    expect(team.steps()).toEqual(['gate', 'prepare', 'settle']);
    expect(stage.job()).toMatchObject({ phase: 'reverse-shadow', epoch: 2 });
    expect(stage.job().hooks).toBeUndefined();
    const [gate, , told] = team.asked;
    expect(gate).toMatchObject({
      idempotencyKey: `${JOB}/1/reverse-shadow/gate`,
      dryRun: false,
      job: { jobId: JOB, phase: 'shadow', epoch: 1 },
      transition: { kind: 'promotion', from: 'shadow', to: 'reverse-shadow' },
      verdicts: expect.arrayContaining([expect.objectContaining({ criterion: 'dataQuality', outcome: 'pass' })]),
    });
    expect(told).toMatchObject({
      idempotencyKey: `${JOB}/2/reverse-shadow/settle`,
      transition: { version: stage.job().lastTransition!.version, reason: 'criteria-pass' },
    });
  });

  it('waits while the gate says not yet, three sweeps long, and goes on when it passes', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const notYet = says('not-yet', { message: 'month end' });
    const team = aTeam({ gate: [notYet, notYet, notYet, PASS] });
    for (let time = 0; time < 3; time++) {
      await sweep(stage, team.hooks);
      expect(stage.job()).toMatchObject({ phase: 'shadow' });
      expect(stage.job()).not.toHaveProperty('attention');
      expect(stage.job().hooks?.answers?.gate).toMatchObject({
        answer: 'not-yet',
        message: 'month end',
        asked: time + 1,
      });
      stage.advance(900);
    }
    await sweep(stage, team.hooks);
    expect(stage.job()).toMatchObject({ phase: 'shadow', hooks: { answers: { gate: { answer: 'pass', asked: 4 } } } });
    await sweep(stage, team.hooks);
    expect(stage.job().phase).toBe('reverse-shadow');
    expect(team.steps()).toEqual(['gate', 'gate', 'gate', 'gate']);
    expect(new Set(team.keys()).size, 'the same key each time').toBe(1);
  });

  it('takes no room from others while it waits: what is asked again has no grant and is not counted as ready', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam({ gate: [says('not-yet')] });
    await sweep(stage, team.hooks);
    stage.advance(900);
    const { promotions } = await sweep(stage, team.hooks, { grants: {} });
    expect(promotions).toMatchObject([{ jobId: JOB, weight: 0, step: 'again' }]);
    expect(team.asked).toHaveLength(2);
    expect((await stage.ports.fleet.listSummaries())[0]?.ready).toEqual({});
  });

  it('commits nothing without a grant although the gate passes when it is asked again', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam({ gate: [says('not-yet'), PASS] });
    await sweep(stage, team.hooks);
    for (let time = 0; time < 3; time++) await sweep(stage, team.hooks, { grants: {} });
    expect(stage.job().phase).toBe('shadow');
    await sweep(stage, team.hooks);
    expect(stage.job().phase).toBe('reverse-shadow');
  });

  it('costs a job without hooks no step, and needs a grant before anybody is asked', async () => {
    const plain = await aReadyStage('shadow', hooksOf({}));
    const team = aTeam();
    expect((await sweep(plain, team.hooks)).promotions).toMatchObject([{ step: 'commit' }]);
    const gated = await aReadyStage('shadow', GATED);
    expect((await sweep(gated, team.hooks, { grants: {} })).promotions).toEqual([]);
    expect(team.asked).toEqual([]);
  });

  it('does not ask a gate that has passed a second time in a sweep that dies before its commit', async () => {
    const stage = await aReadyStage('shadow', ALL);
    const team = aTeam();
    await sweep(stage, team.hooks, { until: 'commit' });
    expect(stage.job().phase).toBe('shadow');
    await sweep(stage, team.hooks);
    expect(stage.job().phase).toBe('reverse-shadow');
    expect(team.steps()).toEqual(['gate', 'prepare', 'settle']);
  });

  it('asks with the same key after a crash between the answer and its record', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam();
    const item = { jobId: JOB, to: 'reverse-shadow' as Phase, expiresAt: addSeconds(stage.now(), 600) };
    // The three reads of the facts, twice; the record would be the seventh call.
    stage.crashAfter(6);
    await expect(askGate(stage.ports, team.hooks, item, stage.now)).rejects.toThrow(Crash);
    expect(stage.job().hooks).toBeUndefined();
    await askGate(stage.ports, team.hooks, item, stage.now);
    expect(stage.job().hooks?.answers?.gate).toMatchObject({ answer: 'pass' });
    expect(new Set(team.keys()).size).toBe(1);
  });

  it('drops an answer that comes after the job began again: it was to another question', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const slow: Hooks = {
      async call() {
        await restart(stage.ports, by, stage.now);
        return PASS;
      },
    };
    await askGate(
      stage.ports,
      slow,
      { jobId: JOB, to: 'reverse-shadow', expiresAt: addSeconds(stage.now(), 600) },
      stage.now,
    );
    expect(stage.job()).toMatchObject({ epoch: 2 });
    expect(stage.job().hooks?.answers).toBeUndefined();
  });

  it('loses no answer to somebody who changes the job meanwhile', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam();
    stage.before('jobs.replace', async () => {
      stage.state.jobs.set(JOB, { ...stage.job(), version: stage.job().version + 1, wave: 7 });
    });
    await askGate(
      stage.ports,
      team.hooks,
      { jobId: JOB, to: 'reverse-shadow', expiresAt: addSeconds(stage.now(), 600) },
      stage.now,
    );
    expect(stage.job()).toMatchObject({ wave: 7, hooks: { answers: { gate: { answer: 'pass' } } } });
  });

  it.each<[string, (stage: Stage) => unknown]>([
    ['whose grant has ended', () => ({ expiresAt: '2020-01-01T00:00:00.000Z' })],
    ['that has regressed since', (stage) => regress(stage)],
    ['that is retired', (stage) => retire(stage.ports, { ...by, confirm: JOB }, stage.now)],
  ])('asks nobody about a job %s', async (_, change) => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam();
    const given = await change(stage);
    const expiresAt = addSeconds(stage.now(), 600);
    const stepped = await askGate(
      stage.ports,
      team.hooks,
      { jobId: JOB, to: 'reverse-shadow', expiresAt, ...(given as object) },
      stage.now,
    );
    expect(stepped).toMatchObject({ asked: false });
    expect(team.asked).toEqual([]);
  });
});

describe('a hook that does wrong', () => {
  const WRONG: [string, Reply | (() => Reply), string][] = [
    ['fails', says('fail', { message: 'an incident is open' }), 'failed: an incident is open'],
    ['throws', { failed: 'it threw: TypeError: x is undefined' }, 'gave no answer: it threw: TypeError'],
    ['hangs', { failed: 'no answer within 60 s' }, 'gave no answer: no answer within 60 s'],
    ['answers nonsense', { answered: { ok: true } }, 'gave no answer: its answer is not understood: schemaVersion'],
    ['answers for a later version', { answered: { schemaVersion: 2, answer: 'pass' } }, 'schemaVersion: 2'],
    [
      'breaks the call itself',
      () => {
        throw new RangeError('out of sockets');
      },
      'gave no answer: RangeError: out of sockets',
    ],
  ];

  it('that fails with other words each time is one reason to look, since the first of them', async () => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam({
      gate: [says('fail', { message: 'run 1' }), says('fail', { message: 'run 2' }), { failed: 'silence' }],
    });
    const since = stage.now();
    for (const message of ['failed: run 1', 'failed: run 2', 'gave no answer: silence']) {
      await sweep(stage, team.hooks);
      expect(stage.job().attention).toMatchObject({ kind: 'hook-failed', message, since });
      stage.advance(7_200);
    }
  });

  it.each(WRONG)('that %s keeps the job where it is, with attention and the reason', async (_, reply, message) => {
    const stage = await aReadyStage('shadow', GATED);
    const team = aTeam({ gate: [reply, PASS] });
    await sweep(stage, team.hooks);
    expect(stage.job()).toMatchObject({
      phase: 'shadow',
      attention: {
        kind: 'hook-failed',
        cause: 'gate before reverse-shadow',
        message: expect.stringContaining(message),
      },
    });
    // Not at every sweep: whoever is in trouble is asked more rarely.
    await sweep(stage, team.hooks);
    expect(team.asked).toHaveLength(1);
    stage.advance(900);
    await sweep(stage, team.hooks);
    expect(stage.job()).not.toHaveProperty('attention');
    await sweep(stage, team.hooks);
    expect(stage.job()).toMatchObject({ phase: 'reverse-shadow' });
  });

  it('leaves the promotion to a person, who may go on without it', async () => {
    const stage = await aReadyStage('shadow', GATED);
    await sweep(stage, aTeam({ gate: [says('fail')] }).hooks);
    expect(await promote(stage.ports, by, stage.now)).toMatchObject({
      code: 'NeedsNotMet',
      unmet: [{ need: 'prepared' }],
    });
    expect(await promote(stage.ports, { ...by, force: true }, stage.now)).toMatchObject({
      job: { phase: 'reverse-shadow' },
    });
    expect(stage.job().lastTransition?.waived?.needs).toEqual(['prepared']);
  });

  it('is asked anew when the job begins again', async () => {
    const stage = await aReadyStage('shadow', GATED);
    await sweep(stage, aTeam({ gate: [says('fail')] }).hooks);
    await restart(stage.ports, by, stage.now);
    expect(stage.job()).not.toHaveProperty('attention');
  });
});
