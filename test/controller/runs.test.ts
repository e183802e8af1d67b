import { describe, expect, it } from 'vitest';
import { assign } from '../../lib/controller/assign.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, FIRST_GENERATION, NOW } from '../builders/records.ts';
import { aReport, aStage, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const targets = { production: 'db.flights', shadow: 'db.flights_shadow' };
const stageIn = (phase: Phase) => aStage({ jobs: [aJob({ phase, targets })] });
const ask = (stage: Stage, system: 'old' | 'new', given = {}) =>
  assign(stage.ports, { jobId: JOB, partition: 'p1', system, ...given }, stage.now());

describe('assign answers each system where it may write', () => {
  it.each<[Phase, string, string]>([
    ['pending', 'production', 'nothing'],
    ['shadow', 'production', 'shadow'],
    ['reverse-shadow', 'shadow', 'production'],
    ['cleanup', 'nothing', 'production'],
    ['complete', 'nothing', 'production'],
  ])('in %s: old %s, new %s', async (phase, old, next) => {
    const stage = stageIn(phase);
    expect(await ask(stage, 'old')).toMatchObject({ write: old, phase, epoch: 1 });
    expect(await ask(stage, 'new')).toMatchObject({ write: next });
    expect(await ask(stageIn(phase), 'new')).toMatchObject({ write: next });
  });

  it('names the registered table, and none where there is nothing to write', async () => {
    const stage = stageIn('pending');
    expect(await ask(stage, 'old')).toMatchObject({ target: 'db.flights' });
    expect(await ask(stage, 'new')).not.toHaveProperty('target');
    expect(await ask(stageIn('shadow'), 'new')).toMatchObject({ target: 'db.flights_shadow' });
  });

  it('writes one item, and reads the job after it: a demotion sees the claim, or the claim sees the demotion', async () => {
    const stage = stageIn('shadow');
    await ask(stage, 'old');
    expect(stage.calls).toEqual([
      `claims.get ${JOB} p1`,
      `jobs.get ${JOB}`,
      `claims.create ${JOB} p1`,
      `jobs.get ${JOB}`,
    ]);
  });

  it('for a partition of the new system’s writes nothing when old asks again', async () => {
    const stage = stageIn('cleanup');
    await ask(stage, 'new');
    stage.writes.length = 0;
    expect(await ask(stage, 'old')).toMatchObject({ write: 'nothing' });
    expect(stage.writes).toEqual([]);
  });

  it('refuses a job that nobody registered, and leaves no claim behind', async () => {
    const stage = aStage();
    expect(await ask(stage, 'old')).toMatchObject({ code: 'UnknownJob', field: 'jobId' });
    expect(stage.state.claims.size).toBe(0);
  });

  it('takes a claim over that was created from a job that changed in between', async () => {
    const stage = stageIn('reverse-shadow');
    stage.before('claims.create', async () => {
      stage.state.jobs.set(JOB, aJob({ phase: 'shadow', epoch: 2, version: 2, targets }));
    });
    expect(await ask(stage, 'new')).toMatchObject({ write: 'shadow', phase: 'shadow', epoch: 2 });
    expect(stage.claim('p1')).toMatchObject({ writer: 'old', epoch: 2, generation: FIRST_GENERATION + 1 });
  });

  it('tries again when it loses the race to create or to change the claim', async () => {
    const stage = stageIn('shadow');
    stage.before('claims.create', () => ask(stage, 'old'));
    const second = await ask(stage, 'old');
    expect(second).toMatchObject({ write: 'production', token: `${FIRST_GENERATION}.0000000002` });
    stage.before('claims.replace', () => ask(stage, 'old'));
    expect(await ask(stage, 'old')).toMatchObject({ token: `${FIRST_GENERATION}.0000000004` });
  });

  it('gives up with a word on what happened when it loses again and again', async () => {
    const stage = stageIn('shadow');
    await ask(stage, 'old');
    const robbed = {
      ...stage.ports,
      claims: { ...stage.ports.claims, replace: async () => ({ written: false, lost: 'claim-revision-unchanged' }) },
    } as typeof stage.ports;
    await expect(assign(robbed, { jobId: JOB, partition: 'p1', system: 'old' }, NOW)).rejects.toThrow(
      'assign flights-atl p1: lost 12 races in a row, nothing was changed by this call; it is safe to call again',
    );
  });

  it('keeps the earliest readyAt that any run names', async () => {
    const stage = stageIn('shadow');
    await ask(stage, 'old', { readyAt: addSeconds(NOW, -60) });
    await ask(stage, 'new', { readyAt: addSeconds(NOW, -600) });
    await ask(stage, 'old', { readyAt: addSeconds(NOW, -30) });
    expect(stage.claim('p1').readyAt).toBe(addSeconds(NOW, -600));
  });
});

describe('a run from assign to published', () => {
  it.each(PHASES)('leaves the partition landed and published in %s', async (phase) => {
    const stage = stageIn(phase);
    const system = phase === 'pending' || phase === 'shadow' ? 'old' : 'new';
    const { landed, published } = await runOf(stage, { partition: 'p1', system });
    expect(landed).toEqual({ table: 'production' });
    expect(published).toEqual({ ok: true });
    expect(await stage.ports.claims.listOpen(JOB)).toEqual([]);
  });

  it('of a zombie is fenced off by the run that came after it, at every step', async () => {
    const stage = stageIn('shadow');
    const zombie = await runOf(stage, { partition: 'p1', system: 'old', until: 'assigned' });
    const newest = await runOf(stage, { partition: 'p1', system: 'old', report: { checksum: 'newest' } });
    const token = zombie.assigned.token!;
    const late = { jobId: JOB, partition: 'p1', system: 'old' as const, token };
    expect(await land(stage.ports, { ...late, report: aReport(NOW) }, NOW)).toMatchObject({ code: 'Fenced' });
    expect(await confirmPublished(stage.ports, { ...late, checksum: 'newest' }, NOW)).toMatchObject({ code: 'Fenced' });
    expect(newest.published).toEqual({ ok: true });
    expect(stage.claim('p1').production?.checksum).toBe('newest');
  });

  it('may send each message twice: it is answered the same, and nothing is written', async () => {
    const stage = stageIn('shadow');
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'old' });
    stage.writes.length = 0;
    const message = { jobId: JOB, partition: 'p1', system: 'old' as const, token: assigned.token! };
    expect(await land(stage.ports, { ...message, report: aReport(NOW) }, NOW)).toEqual({ table: 'production' });
    expect(await confirmPublished(stage.ports, { ...message, checksum: 'c0ffee' }, NOW)).toEqual({ ok: true });
    expect(stage.writes).toEqual([]);
  });

  it('with other content under the same attempt is a conflict, and the first stands', async () => {
    const stage = stageIn('shadow');
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'new', until: 'landed' });
    const report = aReport(NOW, { checksum: 'other' });
    const again = await land(
      stage.ports,
      { jobId: JOB, partition: 'p1', system: 'new', token: assigned.token!, report },
      NOW,
    );
    expect(again).toMatchObject({ code: 'AttemptConflict' });
    expect(stage.claim('p1').shadow?.checksum).toBe('c0ffee');
  });

  it('that corrects what it landed replaces it, and has to publish again', async () => {
    const stage = stageIn('shadow');
    await runOf(stage, { partition: 'p1', system: 'old' });
    await runOf(stage, { partition: 'p1', system: 'old', report: { checksum: 'fixed' }, until: 'landed' });
    expect(stage.claim('p1').production).toMatchObject({ checksum: 'fixed', attempt: 2 });
    expect((await stage.ports.claims.listOpen(JOB)).length).toBe(1);
  });

  it('reads the job only to replace an accepted production landing', async () => {
    const stage = stageIn('shadow');
    stage.calls.length = 0;
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'old', until: 'assigned' });
    const before = stage.calls.length;
    const request = { jobId: JOB, partition: 'p1', system: 'old' as const, token: assigned.token! };
    await land(stage.ports, { ...request, report: aReport(NOW) }, NOW);
    expect(stage.calls.slice(before)).toEqual([`claims.get ${JOB} p1`, `claims.replace ${JOB} p1`]);
  });
});

describe('a message that fits nothing', () => {
  it.each(['land', 'published'])('%s: a partition that nobody claimed, and a token that is none', async (verb) => {
    const stage = stageIn('shadow');
    const call = (token: string) => {
      const request = { jobId: JOB, partition: 'p1', system: 'old' as const, token };
      return verb === 'land'
        ? land(stage.ports, { ...request, report: aReport(NOW) }, NOW)
        : confirmPublished(stage.ports, { ...request, checksum: 'x' }, NOW);
    };
    expect(await call('0000000001.0000000001')).toMatchObject({ code: 'NotClaimed', field: 'partition' });
    const refused = await call(`x${'0'.repeat(300_000)}`);
    expect(refused).toMatchObject({ code: 'Invalid', field: 'token' });
    expect('message' in refused && refused.message.length).toBeLessThan(200);
  });
});
