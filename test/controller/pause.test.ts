import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion } from '../../lib/controller/commit.ts';
import { fanOut } from '../../lib/controller/fan-out.ts';
import { type FleetResult, type PauseRequest, pause, type ResumeRequest, resume } from '../../lib/controller/pause.ts';
import { activePause, breakerIsOpen, type Controls, type FleetRecord } from '../../lib/domain/controls.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';
import { aReadyStage, aStage, Crash, openBreakerFor, regress, type Stage } from './stage.ts';

const by = { actor: 'ann', verified: false, reason: 'month end' };
const pauses = (stage: Stage, given: Partial<PauseRequest> = {}) => pause(stage.ports, { ...by, ...given }, stage.now);
const resumes = (stage: Stage, given: Partial<ResumeRequest> = {}) =>
  resume(stage.ports, { ...by, ...given }, stage.now);
const controlsOf = (stage: Stage): Controls => stage.state.controls.get('fleet') ?? { version: 0 };
const historyOf = (stage: Stage): Promise<FleetRecord[]> => stage.ports.fleet.listHistory(100);
const codeOf = (result: FleetResult) => ('refused' in result ? result.code : 'ok');
const types = async (stage: Stage) => (await historyOf(stage)).map(({ type }) => type).reverse();

describe('pause and resume', () => {
  it('stop promotions until somebody resumes them, and leave who, why, until and whether AWS vouched for it', async () => {
    const stage = aStage();
    const until = addSeconds(NOW, 9_999);
    await pauses(stage, { until, verified: true, requestId: 'r-1' });
    expect(activePause(controlsOf(stage), NOW)).toMatchObject({ scope: 'promotions', actor: 'ann', until });
    stage.advance(60);
    await resumes(stage, { actor: 'bob', reason: 'all is well' });
    expect(controlsOf(stage)).toMatchObject({ version: 2 });
    expect(controlsOf(stage).pause).toBeUndefined();
    const ended = { scope: 'promotions', actor: 'ann', reason: 'month end', at: NOW, until };
    expect(await historyOf(stage)).toEqual([
      {
        type: 'resumed',
        version: 2,
        at: addSeconds(NOW, 60),
        actor: { kind: 'operator', name: 'bob', verified: false },
        message: 'all is well',
        pause: ended,
      },
      {
        type: 'paused',
        version: 1,
        at: NOW,
        actor: { kind: 'operator', name: 'ann', verified: true, requestId: 'r-1' },
        message: 'month end',
        pause: ended,
      },
    ]);
  });

  it.each([
    [undefined, 4 * 3_600],
    [addSeconds(NOW, 60), 60],
    [addSeconds(NOW, 9e6), 4 * 3_600],
  ])('of everything, asked for until %s, ends by itself after %d s', async (until, seconds) => {
    const stage = aStage();
    await pauses(stage, { scope: 'all', until });
    const controls = controlsOf(stage);
    expect(controls.pause?.until).toBe(addSeconds(NOW, seconds));
    expect(activePause(controls, addSeconds(NOW, seconds - 1))).toBeDefined();
    expect(activePause(controls, addSeconds(NOW, seconds))).toBeUndefined();
  });

  it.each<[string, (stage: Stage) => Promise<FleetResult>, object]>([
    [
      'a pause until a moment that has passed: it would be acknowledged and stop nothing',
      (stage) => pauses(stage, { until: addSeconds(NOW, -60) }),
      { code: 'Invalid', field: 'until' },
    ],
    ['to resume what is not paused', (stage) => resumes(stage), { code: 'NotPaused' }],
    ['to close a breaker that is not open', (stage) => resumes(stage, { breaker: true }), { code: 'NotOpen' }],
    [
      'who looked at other controls',
      (stage) => pauses(stage, { expectedVersion: 7 }),
      { code: 'VersionConflict', field: 'expectedVersion', controls: { version: 0 } },
    ],
  ])('refuses %s', async (_, act, refusal) => {
    const stage = aStage();
    expect(await act(stage)).toMatchObject(refusal);
    expect(stage.writes).toEqual([]);
  });

  it('refuses to end a pause that has ended by itself', async () => {
    const stage = aStage();
    await pauses(stage, { until: addSeconds(NOW, 60) });
    stage.advance(60);
    expect(await resumes(stage)).toMatchObject({ code: 'NotPaused' });
  });

  it('can be tried without doing it', async () => {
    const stage = aStage();
    expect(await pauses(stage, { dryRun: true })).toMatchObject({
      controls: { version: 1, pause: { actor: 'ann' } },
      record: { type: 'paused', version: 1 },
    });
    expect(stage.writes).toEqual([]);
    await pauses(stage);
    stage.writes.length = 0;
    expect(await resumes(stage, { dryRun: true })).toMatchObject({ record: { type: 'resumed' } });
    expect(stage.writes).toEqual([]);
  });

  it('keep the breaker as it is, and the breaker keeps the pause', async () => {
    const stage = aStage();
    await pauses(stage);
    await openBreakerFor(stage, 60);
    expect(activePause(controlsOf(stage), NOW)).toBeDefined();
    await resumes(stage);
    expect(breakerIsOpen(controlsOf(stage), NOW)).toBe(true);
    expect(breakerIsOpen(controlsOf(stage), addSeconds(NOW, 60))).toBe(false);
    expect(await resumes(stage)).toMatchObject({ message: expect.stringContaining('resume --breaker closes') });
  });

  it('lose no change that is made in between', async () => {
    const stage = aStage();
    stage.before('fleet.replaceControls', () => openBreakerFor(stage, 60));
    expect(await pauses(stage)).toMatchObject({ controls: { version: 2, breakerOpenUntil: addSeconds(NOW, 60) } });
    expect(await types(stage)).toEqual(['breaker-opened', 'paused']);
  });
});

describe('a pause or a resumption that comes again', () => {
  type Act = (stage: Stage) => Promise<unknown>;
  const nothing: Act = async () => undefined;
  it.each<[string, Act, (stage: Stage) => Promise<FleetResult>, Act]>([
    ['pause', nothing, (stage) => pauses(stage, { requestId: 'r-1', expectedVersion: 0 }), resumes],
    ['resume', pauses, (stage) => resumes(stage, { requestId: 'r-1' }), pauses],
    [
      'resume --breaker',
      (stage) => openBreakerFor(stage, 600),
      (stage) => resumes(stage, { requestId: 'r-1', breaker: true }),
      pauses,
    ],
  ])('%s answers the same record and writes nothing, whatever came in between', async (_, prepare, act, between) => {
    const stage = aStage();
    await prepare(stage);
    const first = await act(stage);
    expect(codeOf(first)).toBe('ok');
    stage.writes.length = 0;
    expect(await act(stage)).toEqual(first);
    expect(stage.writes).toEqual([]);
    await between(stage);
    stage.writes.length = 0;
    const later = await act(stage);
    expect('record' in later && later.record).toEqual('record' in first && first.record);
    expect(later).toMatchObject({ controls: { version: controlsOf(stage).version } });
    expect(stage.writes).toEqual([]);
  });

  it('is refused when its id was another verb: nobody is told that the fleet was resumed', async () => {
    const stage = aStage();
    await pauses(stage, { requestId: 'r-1' });
    expect(await resumes(stage, { requestId: 'r-1' })).toMatchObject({ code: 'RequestIdReused', field: 'requestId' });
    await resumes(stage, { requestId: 'r-2' });
    expect(codeOf(await resumes(stage, { requestId: 'r-2', breaker: true }))).toBe('RequestIdReused');
  });

  it('remembers the last five requests', async () => {
    const stage = aStage();
    for (let n = 1; n <= 7; n++) await pauses(stage, { requestId: `r-${n}` });
    expect(controlsOf(stage).requests?.map(({ id }) => id)).toEqual(['r-3', 'r-4', 'r-5', 'r-6', 'r-7']);
  });

  it('and loses the race to itself is one change', async () => {
    const stage = aStage();
    stage.before('fleet.replaceControls', () => pauses(stage, { requestId: 'r-1' }));
    expect(await pauses(stage, { requestId: 'r-1' })).toMatchObject({ controls: { version: 1 } });
    expect(await types(stage)).toEqual(['paused']);
  });

  it('died anywhere: its repeat leaves one change and its one record', async () => {
    for (let n = 1; n < 10; n++) {
      const stage = aStage();
      await pauses(stage, { actor: 'bob' });
      stage.crashAfter(n);
      const died = await resumes(stage, { requestId: 'r-1' }).catch((error: unknown) => error);
      if (!(died instanceof Crash)) return expect(n).toBeGreaterThan(3);
      stage.crashAfter(0);
      expect(codeOf(await resumes(stage, { requestId: 'r-1' })), `died after call ${n}`).toBe('ok');
      expect(await types(stage), `died after call ${n}`).toEqual(['paused', 'resumed']);
    }
    expect.unreachable('it always died');
  });
});

describe('the history of the fleet', () => {
  it('is in order although the clocks of two writers differ', async () => {
    const stage = aStage();
    await pauses(stage);
    await pause(stage.ports, { ...by, actor: 'bob' }, () => addSeconds(NOW, -300));
    expect((await historyOf(stage)).map(({ version, at }) => [version, at])).toEqual([
      [2, NOW],
      [1, NOW],
    ]);
  });

  it('gets a record that its verb died before copying with the next sweep, or with the next change', async () => {
    for (const repair of [(stage: Stage) => sweeps(stage), (stage: Stage) => pauses(stage, { actor: 'bob' })]) {
      const stage = aStage();
      stage.before('fleet.putHistory', async () => {
        throw new Crash('died');
      });
      await expect(pauses(stage)).rejects.toThrow('died');
      expect(await types(stage)).toEqual([]);
      await repair(stage);
      expect((await historyOf(stage)).at(-1)).toEqual(expect.objectContaining({ version: 1, type: 'paused' }));
    }
  });

  it('is not written by a sweep that finds it complete', async () => {
    const stage = aStage();
    await pauses(stage);
    stage.writes.length = 0;
    await sweeps(stage);
    expect(stage.writes.filter((write) => write.startsWith('fleet.putHistory'))).toEqual([]);
  });
});

describe('beside a commit', () => {
  const SWEEP = { jobId: 'flights-atl', sweepId: 'sweep-1' };
  const promotion = { ...SWEEP, to: 'reverse-shadow' as const, expiresAt: addSeconds(NOW, 86_400) };
  const commit = (stage: Stage) => commitPromotion(stage.ports, promotion, stage.now);

  it('a pause that is acknowledged before the commit step reads the controls stops it, one after that does not', async () => {
    for (const [call, committed] of [
      ['fleet.getControls', false],
      ['jobs.get', true],
    ] as const) {
      const stage = await aReadyStage('shadow');
      stage.before(call, () => pauses(stage));
      expect(await commit(stage), call).toMatchObject({ committed });
    }
  });

  it('a resumption that is acknowledged before it lets it go on, one after that waits for the next sweep', async () => {
    for (const [call, committed] of [
      ['fleet.getControls', true],
      ['jobs.get', false],
    ] as const) {
      const stage = await aReadyStage('shadow');
      await pauses(stage);
      stage.before(call, () => resumes(stage));
      expect(await commit(stage), call).toMatchObject({ committed });
    }
  });

  it.each(['promotions', 'all'] as const)('a pause of %s against a rollback that is decided', async (scope) => {
    const stage = await aReadyStage('reverse-shadow');
    stage.advance(60);
    await regress(stage);
    stage.before('fleet.getControls', () => pauses(stage, { scope }));
    expect(await commitDemotion(stage.ports, SWEEP, stage.now)).toMatchObject({ committed: scope === 'promotions' });
  });
});

function sweeps(stage: Stage) {
  const executions = { start: async () => undefined };
  const settings = { intervalSeconds: 900, groupSize: 500 };
  return fanOut(stage.ports, executions, settings, stage.now(), stage.now());
}
