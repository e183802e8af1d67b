/**
 * A Lambda may die between any two of its calls, and its work is then done again. Each use case here is killed after each
 * of its calls in turn, once and twice in a row, and repeated until it answers: in the end exactly what one undisturbed run
 * would have left is there.
 */
import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion } from '../../lib/controller/commit.ts';
import { demote, hold, promote } from '../../lib/controller/override.ts';
import { settle } from '../../lib/controller/take-over.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { NOW } from '../builders/records.ts';
import { aReadyStage, Crash, regress, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'r', requestId: 'request-1' };

interface Drama {
  name: string;
  set: () => Promise<Stage>;
  act: (stage: Stage) => Promise<unknown>;
  /** How it is done again, where that is not the same. */
  again?: (stage: Stage) => Promise<unknown>;
}

const promotion = (to: 'shadow' | 'reverse-shadow' | 'cleanup') => (stage: Stage) =>
  commitPromotion(stage.ports, { jobId: JOB, to, sweepId: 's', expiresAt: addSeconds(NOW, 9_999) }, stage.now);

/** Open claims of every kind, so that the pass has work to do. */
async function busy(): Promise<Stage> {
  const stage = await aReadyStage('reverse-shadow');
  await runOf(stage, { partition: 'p7', system: 'new', until: 'assigned' });
  await runOf(stage, { partition: 'p8', system: 'old' });
  await runOf(stage, { partition: 'p8', system: 'new', until: 'assigned' });
  await runOf(stage, { partition: 'p9', system: 'new', until: 'landed' });
  await regress(stage);
  return stage;
}

const DRAMAS: Drama[] = [
  { name: 'a promotion to shadow', set: () => aReadyStage('pending'), act: promotion('shadow') },
  { name: 'a promotion to reverse shadow', set: () => aReadyStage('shadow'), act: promotion('reverse-shadow') },
  { name: 'a promotion to cleanup', set: () => aReadyStage('reverse-shadow'), act: promotion('cleanup') },
  {
    name: 'a demotion',
    set: busy,
    act: (stage) => commitDemotion(stage.ports, { jobId: JOB, sweepId: 's' }, stage.now),
    // As an evaluation does: first it finishes what the last one left, then it judges.
    again: async (stage) => {
      await nextSweep(stage);
      await commitDemotion(stage.ports, { jobId: JOB, sweepId: 's' }, stage.now);
    },
  },
  { name: 'a demotion by hand', set: busy, act: (stage) => demote(stage.ports, by, stage.now) },
  {
    name: 'a promotion by hand',
    set: () => aReadyStage('shadow'),
    act: (stage) => promote(stage.ports, by, stage.now),
  },
];

/** Everything that a later reader could see, but for the clock's and the versions' ways there. */
function remains({ state }: Stage): object {
  const claims = [...state.claims.values()].map(({ changedAt: _c, reassignedAt, ...claim }) => ({
    ...claim,
    reassigned: reassignedAt !== undefined,
  }));
  return { claims, history: [...state.history.values()], phase: state.jobs.get(JOB)?.phase };
}

/** What every sweep does with a job whose last record is not settled. */
async function nextSweep(stage: Stage): Promise<void> {
  await settle(stage.ports, stage.job(), stage.now());
}

async function undisturbed({ set, act }: Drama): Promise<{ calls: number; left: object }> {
  const stage = await set();
  await act(stage);
  return { calls: stage.calls.length, left: remains(stage) };
}

async function killedAfter(drama: Drama, call: number, again?: number): Promise<Stage> {
  const stage = await drama.set();
  stage.crashAfter(call);
  await expect(drama.act(stage)).rejects.toBeInstanceOf(Crash);
  if (again !== undefined) {
    stage.crashAfter(again);
    await repeat(drama, stage).catch((error) => expect(error).toBeInstanceOf(Crash));
    stage.crashAfter(Number.POSITIVE_INFINITY);
  }
  return stage;
}

const repeat = (drama: Drama, stage: Stage) => (drama.again ?? drama.act)(stage);

describe.each(DRAMAS)('$name that dies after any of its calls', (drama) => {
  it('and is done again leaves what one run would have left: one record, settled', async () => {
    const { calls, left } = await undisturbed(drama);
    expect(calls).toBeGreaterThan(5);
    for (let call = 1; call <= calls; call++) {
      const stage = await killedAfter(drama, call);
      await repeat(drama, stage);
      expect(remains(stage), `died after call ${call}: ${stage.calls[call - 1]}`).toEqual(left);
      expect(stage.job().lastTransition?.settled).toBe(true);
    }
  });

  it('twice in a row, likewise', async () => {
    const { calls, left } = await undisturbed(drama);
    for (let call = 1; call <= calls; call++) {
      for (let again = 1; again <= calls; again += 3) {
        const stage = await killedAfter(drama, call, again);
        await repeat(drama, stage);
        expect(remains(stage), `died after calls ${call} and ${again}`).toEqual(left);
      }
    }
  });

  it('and is never done again is finished by the next sweep, or never happened', async () => {
    const { calls, left } = await undisturbed(drama);
    for (let call = 1; call <= calls; call++) {
      const stage = await killedAfter(drama, call);
      const committed = stage.job().lastTransition !== undefined;
      await nextSweep(stage);
      if (committed) expect(remains(stage), `died after call ${call}`).toEqual(left);
      else expect(stage.state.history.size).toBe(0);
    }
  });

  it('and meets another change of the job loses no record of it', async () => {
    const { calls } = await undisturbed(drama);
    for (let call = 1; call <= calls; call++) {
      const stage = await killedAfter(drama, call);
      const committed = stage.job().lastTransition !== undefined;
      await hold(stage.ports, { ...by, requestId: 'request-2' }, stage.now);
      const records = [...stage.state.history.values()];
      expect(records.filter(isTransition).length).toBe(committed ? 1 : 0);
      expect(records.filter((record) => record.type === 'held').length).toBe(1);
      expect(stage.job()).toMatchObject({ hold: { actor: 'ann' } });
    }
  });

  it('and is followed by another transition loses no record of either', async () => {
    const { calls } = await undisturbed(drama);
    for (let call = 1; call <= calls; call++) {
      const stage = await killedAfter(drama, call);
      const committed = stage.job().lastTransition !== undefined;
      const onward = await promote(stage.ports, { ...by, requestId: 'request-2', force: true }, stage.now);
      if ('refused' in onward) await demote(stage.ports, { ...by, requestId: 'request-3' }, stage.now);
      const versions = [...stage.state.history.values()].filter(isTransition).map((record) => record.epoch);
      expect(versions, `died after call ${call}`).toEqual(committed ? [2, 3] : [2]);
      expect(stage.job().lastTransition?.settled).toBe(true);
    }
  });
});
