import { describe, expect, it } from 'vitest';
import { fanOut } from '../../lib/controller/fan-out.ts';
import { pause, type ResumeRequest, resume } from '../../lib/controller/pause.ts';
import { activePause, breakerIsOpen, type Controls, type FleetRecord } from '../../lib/domain/controls.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLedger, aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';
import { aStage, Crash, openBreakerFor, type Stage } from './stage.ts';

const by = { actor: 'ann', verified: false, reason: 'month end' };
const pauses = (stage: Stage, given: object = {}) => pause(stage.ports, { ...by, ...given }, stage.now);
const resumes = (stage: Stage, given: Partial<ResumeRequest> = {}) =>
  resume(stage.ports, { ...by, ...given }, stage.now);
const controlsOf = (stage: Stage): Controls => stage.state.controls.get('fleet') ?? { version: 0 };
const historyOf = (stage: Stage): Promise<FleetRecord[]> => stage.ports.fleet.listHistory(100);

describe('the breaker', () => {
  it('is closed by hand, which is recorded, and leaves a pause as it is', async () => {
    const stage = aStage();
    await pauses(stage);
    await openBreakerFor(stage, 600);
    await resumes(stage, { breaker: true, reason: 'a bad deploy, rolled back' });
    expect(breakerIsOpen(controlsOf(stage), NOW)).toBe(false);
    expect(activePause(controlsOf(stage), NOW)).toBeDefined();
    expect((await historyOf(stage))[0]).toMatchObject({
      type: 'breaker-closed',
      message: 'a bad deploy, rolled back',
      actor: { name: 'ann' },
      breakerOpenUntil: addSeconds(NOW, 600),
    });
  });

  const limits = { breaker: { demotedShare: 0.1, atLeast: 5, forSeconds: 3_600 } };
  const demotedBy = (stage: Stage, sweepId: string, sequence: number) => {
    stage.state.ledgers.set(String(sequence), aLedger({ sweepId, sequence, scheduledAt: addSeconds(NOW, -sequence) }));
    stage.state.summaries.set('0', aSummary({ shard: 0, sweepId, demoted: 50 }));
  };

  it('that a person closed is not opened again by the same demotions, and is by those of a later sweep', async () => {
    const stage = aStage({ fleet: limits });
    demotedBy(stage, 'sweep-1', 1);
    // The delivery dies before its ledger: the next one adds up the same demotions.
    stage.before('fleet.createLedger', async () => {
      throw new Crash('died');
    });
    await expect(sweeps(stage)).rejects.toThrow('died');
    expect(controlsOf(stage)).toMatchObject({ breakerOpenedAfter: 'sweep-1' });
    expect((await historyOf(stage))[0]).toMatchObject({
      type: 'breaker-opened',
      actor: { kind: 'automation' },
      message: 'sweep-1 demoted 50 of 50 jobs in reverse shadow, and 10 % is allowed',
    });
    await resumes(stage, { breaker: true });
    await sweeps(stage);
    expect(breakerIsOpen(controlsOf(stage), stage.now())).toBe(false);
    demotedBy(stage, 'sweep-2', 9);
    stage.advance(900);
    await sweeps(stage);
    expect(breakerIsOpen(controlsOf(stage), stage.now())).toBe(true);
  });
});

describe('a sweep', () => {
  it('is told the controls once, by the delivery that writes its ledger, also when nothing can be started', async () => {
    const stage = aStage();
    stage.state.summaries.set('0', aSummary({ shard: 0 }));
    await pauses(stage, { scope: 'all' });
    const told: Controls[] = [];
    const broken = async () => {
      throw new Error('no such state machine');
    };
    await expect(sweeps(stage, told, broken)).rejects.toThrow('no such state machine');
    expect(await sweeps(stage, told)).toMatchObject({ repeated: true });
    expect(told).toEqual([controlsOf(stage)]);
  });
});

function sweeps(stage: Stage, told: Controls[] = [], start: () => Promise<void> = async () => undefined) {
  const settings = { intervalSeconds: 900, groupSize: 500 };
  return fanOut(stage.ports, { start }, settings, stage.now(), stage.now(), (controls) => void told.push(controls));
}
