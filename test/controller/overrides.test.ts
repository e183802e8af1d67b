import { describe, expect, it } from 'vitest';
import { complete, demote, hold, promote, release } from '../../lib/controller/override.ts';
import type { OverrideResult } from '../../lib/controller/override-request.ts';
import { activeHold } from '../../lib/domain/job.ts';
import { demotionsTo, findTransition, PHASES, type Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aClaim, aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, regress, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'because' };
const records = (stage: Stage) => [...stage.state.history.values()];
const codeOf = (result: OverrideResult) => ('refused' in result ? result.code : 'ok');

const CELLS = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));

describe('every cell of the table, by hand', () => {
  it.each(CELLS)('%s -> %s by the verb promote', async (from, to) => {
    const stage = await aReadyStage(from);
    const result = await promote(stage.ports, { ...by, to }, stage.now);
    const rule = findTransition(from, to);
    if (rule?.kind !== 'promotion' || to === 'complete') {
      expect(codeOf(result)).toBe(rule?.kind === 'promotion' ? 'ConfirmRemoval' : 'NotAllowed');
      expect(stage.writes).toEqual([]);
      expect(stage.job().phase).toBe(from);
    } else {
      expect(result).toMatchObject({ job: { phase: to }, transition: { from, to, reason: 'by-operator' } });
      expect(records(stage)).toMatchObject([{ from, to, actor: { kind: 'operator', name: 'ann', verified: false } }]);
    }
  });

  it.each(CELLS)('%s -> %s by the verb demote', async (from, to) => {
    const stage = await aReadyStage(from);
    const result = await demote(stage.ports, { ...by, to }, stage.now);
    const steps = demotionsTo(from, to);
    if (steps) {
      expect(result).toMatchObject({ job: { phase: to }, transition: { type: 'demotion', to } });
      expect(records(stage).map((record) => isTransition(record) && record.to)).toEqual(steps);
    } else {
      expect(codeOf(result)).toBe('NotAllowed');
      expect(stage.writes).toEqual([]);
    }
  });

  it.each(PHASES)('%s -> complete by the verb complete', async (from) => {
    const stage = await aReadyStage(from);
    const result = await complete(stage.ports, { ...by, confirm: JOB }, stage.now);
    expect(codeOf(result)).toBe(from === 'cleanup' ? 'ok' : 'NotAllowed');
    expect(stage.job().phase).toBe(from === 'cleanup' ? 'complete' : from);
  });
});

describe('promote', () => {
  it('names what is not met and wants force, which is recorded', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    const refused = await promote(stage.ports, by, stage.now);
    expect(refused).toMatchObject({ code: 'NeedsNotMet', job: { phase: 'shadow' } });
    expect('message' in refused && refused.message).toContain('0 of 3 matching pairs');
    expect(stage.writes).toEqual([]);
    const forced = await promote(stage.ports, { ...by, force: true }, stage.now);
    expect(forced).toMatchObject({ job: { phase: 'reverse-shadow' }, transition: { forced: true } });
  });

  it('goes on in spite of a hold and a policy that only observes: a person decides', async () => {
    const stage = await aReadyStage('shadow', { policy: { automation: 'observe' } });
    await hold(stage.ports, by, stage.now);
    expect(await promote(stage.ports, by, stage.now)).toMatchObject({ job: { phase: 'reverse-shadow' } });
  });

  it('does not force a job into complete', async () => {
    const stage = await aReadyStage('cleanup');
    expect(codeOf(await promote(stage.ports, { ...by, force: true }, stage.now))).toBe('ConfirmRemoval');
  });
});

describe('complete', () => {
  const end = (stage: Stage, confirm = JOB) => complete(stage.ports, { ...by, confirm }, stage.now);

  it('wants the job’s id again', async () => {
    const stage = await aReadyStage('cleanup');
    expect(await end(stage, 'yes')).toMatchObject({ code: 'NotConfirmed', field: 'confirm' });
    expect(stage.writes).toEqual([]);
  });

  it.each<[string, (stage: Stage) => void, string]>([
    ['while old owes a partition', (stage) => put(stage, aClaim({ partition: 'p9', writer: 'old' })), 'old owes 1'],
    [
      'while a partition is quarantined',
      (stage) => put(stage, { ...stage.claim('p1'), quarantine: { openedAt: NOW, old: ROWS, new: ROWS } }),
      'in quarantine',
    ],
    [
      'while the baseline does not hold',
      (stage) => {
        const evidence = stage.state.evidence.get(JOB)!;
        stage.state.evidence.set(JOB, { ...evidence, recent: evidence.recent.slice(1) });
      },
      '2 of 3 measured pairs',
    ],
  ])('refuses %s, and cannot be forced', async (_, spoil, message) => {
    const stage = await aReadyStage('cleanup');
    spoil(stage);
    const result = await complete(stage.ports, { ...by, confirm: JOB, force: true } as never, stage.now);
    expect(codeOf(result)).toBe('NeedsNotMet');
    expect('message' in result && result.message).toContain(message);
  });

  it('refuses before the tombstone window is over', async () => {
    const stage = await aReadyStage('cleanup', { policy: { tombstoneSeconds: 9_999 } });
    expect('message' in (await end(stage))).toBe(true);
    stage.advance(9_999);
    expect(await end(stage)).toMatchObject({ job: { phase: 'complete' } });
  });
});

describe('an override that comes again', () => {
  const once = { ...by, requestId: 'r-1' };

  it('with its request id answers the same and does nothing', async () => {
    const stage = await aReadyStage('shadow');
    const first = await promote(stage.ports, once, stage.now);
    stage.writes.length = 0;
    expect(await promote(stage.ports, once, stage.now)).toEqual(first);
    expect(stage.writes).toEqual([]);
  });

  it('answers the same also when the job has moved on since: it is not another step', async () => {
    const stage = await aReadyStage('pending');
    await promote(stage.ports, { ...once, force: true }, stage.now);
    await promote(stage.ports, { ...by, force: true }, stage.now);
    await promote(stage.ports, { ...once, force: true }, stage.now);
    expect(stage.job().phase).toBe('reverse-shadow');
  });

  it('with the request id of a rollback that died half-way is refused as another verb', async () => {
    const stage = await aReadyStage('cleanup');
    stage.crashAfter(6);
    await demote(stage.ports, { ...once, to: 'shadow' }, stage.now).catch(() => undefined);
    expect(stage.job().phase).toBe('reverse-shadow');
    expect(codeOf(await promote(stage.ports, { ...once, force: true }, stage.now))).toBe('RequestIdReused');
  });

  it('with the request id of another verb is refused: nobody is told that a rollback happened', async () => {
    const stage = await aReadyStage('shadow');
    await promote(stage.ports, once, stage.now);
    expect(codeOf(await demote(stage.ports, once, stage.now))).not.toBe('ok');
  });

  it('a hold is not put on again by its own late repeat', async () => {
    const stage = await aReadyStage('shadow');
    await hold(stage.ports, once, stage.now);
    await release(stage.ports, by, stage.now);
    await hold(stage.ports, once, stage.now);
    expect(stage.job().hold).toBeUndefined();
  });

  it('and loses the race to itself is one transition', async () => {
    const stage = await aReadyStage('shadow');
    stage.before('jobs.replace', () => promote(stage.ports, once, stage.now));
    expect(await promote(stage.ports, once, stage.now)).toMatchObject({ transition: { to: 'reverse-shadow' } });
    expect(records(stage).length).toBe(1);
  });
});

describe('any override', () => {
  it('is refused when the job is not as it was when the operator looked', async () => {
    const stage = await aReadyStage('shadow');
    for (const verb of [promote, demote, hold, release]) {
      const result = await verb(stage.ports, { ...by, expectedVersion: 7 }, stage.now);
      expect(result).toMatchObject({ code: 'VersionConflict', field: 'expectedVersion', job: { version: 1 } });
      expect('message' in result && result.message).toMatch(/expectedVersion: 7, but flights-atl is at 1 \(shadow\)/);
    }
    expect(stage.writes).toEqual([]);
  });

  it('can be tried without doing it', async () => {
    const stage = await aReadyStage('shadow');
    const dry = { ...by, dryRun: true };
    expect(await promote(stage.ports, dry, stage.now)).toMatchObject({ transition: { to: 'reverse-shadow' } });
    expect(await demote(stage.ports, dry, stage.now)).toMatchObject({ transition: { to: 'pending' } });
    expect(await hold(stage.ports, dry, stage.now)).toMatchObject({ job: { hold: { actor: 'ann' } } });
    expect(stage.writes).toEqual([]);
  });

  it('of a job that nobody registered is refused', async () => {
    const stage = aStage();
    for (const verb of [promote, demote, hold, release])
      expect(await verb(stage.ports, by, stage.now)).toMatchObject({ code: 'UnknownJob', field: 'jobId' });
  });

  it('from every phase but the last, some override leads to shadow or onward', async () => {
    for (const phase of ['pending', 'shadow', 'reverse-shadow', 'cleanup'] as const) {
      const stage = aStage({ jobs: [aJob({ phase })] });
      const onward = await promote(stage.ports, { ...by, force: true }, stage.now);
      const result = 'refused' in onward ? await demote(stage.ports, by, stage.now) : onward;
      expect(codeOf(result), phase).toBe('ok');
      expect(['shadow', 'reverse-shadow', 'cleanup']).toContain(stage.job().phase);
    }
  });

  it('an emergency rollback and a hold work although the policy is not deployed any more', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'reverse-shadow', policy: 'gone' })] });
    expect(codeOf(await hold(stage.ports, by, stage.now))).toBe('ok');
  });
});

describe('hold and release', () => {
  it('leave a record each, settled, in the order in which they came', async () => {
    const stage = await aReadyStage('shadow');
    await hold(stage.ports, { ...by, scope: 'all', until: addSeconds(NOW, 9_999) }, stage.now);
    expect(activeHold(stage.job(), NOW)).toMatchObject({ scope: 'all', actor: 'ann', reason: 'because' });
    await release(stage.ports, { ...by, actor: 'bob' }, stage.now);
    expect(stage.job().hold).toBeUndefined();
    expect(records(stage).map((record) => [record.type, record.version])).toEqual([
      ['held', 2],
      ['released', 4],
    ]);
    expect(stage.job().lastOverride?.settled).toBe(true);
  });

  it('a hold replaces the one before, and its default scope is promotions', async () => {
    const stage = await aReadyStage('shadow');
    await hold(stage.ports, { ...by, scope: 'all' }, stage.now);
    await hold(stage.ports, { ...by, actor: 'bob' }, stage.now);
    expect(stage.job().hold).toMatchObject({ scope: 'promotions', actor: 'bob' });
    expect(stage.job().hold).not.toHaveProperty('until');
  });

  it('a job that is not held, or not any more, has nothing to release', async () => {
    const stage = await aReadyStage('shadow');
    expect(await release(stage.ports, by, stage.now)).toMatchObject({ code: 'NotHeld' });
    await hold(stage.ports, { ...by, until: addSeconds(stage.now(), 60) }, stage.now);
    stage.advance(60);
    expect(await release(stage.ports, by, stage.now)).toMatchObject({ code: 'NotHeld' });
  });

  it('a hold until a moment that has passed is refused: it would be acknowledged and hold nothing', async () => {
    const stage = await aReadyStage('shadow');
    expect(codeOf(await hold(stage.ports, { ...by, until: addSeconds(NOW, -60) }, stage.now))).not.toBe('ok');
  });

  it('survives a rollback that comes in between', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    stage.before('jobs.replace', () => demote(stage.ports, by, stage.now));
    await hold(stage.ports, by, stage.now);
    expect(stage.job()).toMatchObject({ phase: 'shadow', hold: { actor: 'ann' } });
    expect(records(stage).map((record) => record.type)).toEqual(['demotion', 'held']);
  });
});

const ROWS = { rowCount: 1, checksum: 'x' };

function put(stage: Stage, claim: ReturnType<typeof aClaim>): void {
  stage.state.claims.set(`${JOB}\u0000${claim.partition}`, claim);
}

it.each<Phase>(['pending', 'complete'])('nothing demotes a job that is %s', async (phase) => {
  const stage = await aReadyStage(phase);
  const result = await demote(stage.ports, by, stage.now);
  expect('message' in result && result.message).toBe(`${JOB} is in ${phase}: no demotion leads from there`);
});
