/** What becomes of partitions in flight when production changes hands. */
import { describe, expect, it } from 'vitest';
import { land } from '../../lib/controller/land.ts';
import { demote, promote } from '../../lib/controller/override.ts';
import { listOwed } from '../../lib/controller/owed.ts';
import { isQuarantined } from '../../lib/domain/claim.ts';
import { aJob, FIRST_GENERATION, NOW } from '../builders/records.ts';
import { aReport, aStage, runBoth, runOf, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'because' };
const swapped = () => aStage({ jobs: [aJob({ phase: 'reverse-shadow' })] });

async function rollBack(stage: Stage): Promise<void> {
  const result = await demote(stage.ports, by, stage.now);
  expect(result).not.toHaveProperty('refused');
  await stage.gather();
}

const owedBy = (stage: Stage, system: 'old' | 'new') => listOwed(stage.ports, { system });
const lands = (stage: Stage, token: string, given = {}) => {
  const request = { jobId: JOB, partition: 'p1', system: 'new' as const, token };
  return land(stage.ports, { ...request, report: aReport(stage.now(), given) }, stage.now());
};

describe('a rollback while new is writing', () => {
  it('gives the partition to old, and fences off the run that was in flight', async () => {
    const stage = swapped();
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    await rollBack(stage);
    expect(await lands(stage, assigned.token!)).toMatchObject({ code: 'Fenced' });
    const { landed, published } = await runOf(stage, { partition: 'p1', system: 'old' });
    expect([landed, published]).toEqual([{ table: 'production' }, { ok: true }]);
    expect(stage.claim('p1')).toMatchObject({
      writer: 'old',
      generation: FIRST_GENERATION + 1,
      production: { system: 'old' },
    });
  });

  it('reassigns what old had in its shadow: it is owed by old, until old has published it', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'old' });
    await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    await rollBack(stage);
    expect(await owedBy(stage, 'old')).toMatchObject([{ partition: 'p1', reason: 'reassigned' }]);
    await runOf(stage, { partition: 'p1', system: 'old' });
    await stage.gather();
    expect(await owedBy(stage, 'old')).toEqual([]);
    expect(stage.state.owed.size).toBe(0);
  });

  it('lets new finish what was accepted before, under the token that was accepted', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new', until: 'landed' });
    await rollBack(stage);
    const { assigned, published } = await runOf(stage, { partition: 'p1', system: 'new' });
    expect(assigned).toMatchObject({ write: 'production', token: `${FIRST_GENERATION}.0000000001` });
    expect(published).toEqual({ ok: true });
    expect(await stage.ports.claims.listOpen(JOB)).toEqual([]);
  });

  it('withdraws a right that new had got for a correction: it is superseded, and the landing stands', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new' });
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    await rollBack(stage);
    expect(await lands(stage, assigned.token!, { checksum: 'late' })).toMatchObject({ code: 'Fenced' });
    expect(stage.claim('p1').production?.checksum).toBe('c0ffee');
  });

  it('between the phase change and the pass a correction of new is refused: superseded', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new' });
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    stage.before('claims.listOpen', async () => {
      // The first reading of open claims is the override's own, before the write.
      stage.before('claims.listOpen', async () => {
        expect(await lands(stage, assigned.token!, { checksum: 'late' })).toMatchObject({ code: 'Superseded' });
      });
    });
    await rollBack(stage);
    expect(stage.claim('p1').production?.checksum).toBe('c0ffee');
  });

  it('does not disturb partitions that old claimed before the swap', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'old', until: 'assigned' });
    await promote(stage.ports, { ...by, force: true }, stage.now);
    const request = { jobId: JOB, partition: 'p1', system: 'old' as const, token: assigned.token! };
    expect(await land(stage.ports, { ...request, report: aReport(NOW) }, NOW)).toEqual({ table: 'production' });
    expect(stage.claim('p1')).toMatchObject({ writer: 'old', generation: FIRST_GENERATION });
  });
});

describe('stopping the old system', () => {
  it('takes what old had claimed and not landed over, so that nobody waits for a system that is stopped', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    await runOf(stage, { partition: 'p1', system: 'old', until: 'assigned' });
    for (let step = 0; step < 2; step++) await promote(stage.ports, { ...by, force: true }, stage.now);
    expect(stage.job().phase).toBe('cleanup');
    expect(stage.claim('p1')).toMatchObject({ writer: 'new', generation: FIRST_GENERATION + 1 });
    expect((await runOf(stage, { partition: 'p1', system: 'old' })).assigned.write).toBe('nothing');
    expect((await runOf(stage, { partition: 'p1', system: 'new' })).published).toEqual({ ok: true });
  });

  it('leaves what old landed and did not publish owed by old, and completion waits for it', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    await runOf(stage, { partition: 'p1', system: 'old', until: 'landed' });
    for (let step = 0; step < 2; step++) await promote(stage.ports, { ...by, force: true }, stage.now);
    expect(await listOwed(stage.ports, { system: 'old', jobId: JOB })).toMatchObject([
      { partition: 'p1', reason: 'not-published' },
    ]);
  });
});

describe('a partition in quarantine', () => {
  const bad = { report: { checksum: 'wrong' } };
  async function quarantined(): Promise<Stage> {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new', ...bad });
    await runOf(stage, { partition: 'p1', system: 'old' });
    await stage.gather();
    return stage;
  }

  it('is opened by the mismatch, in reverse shadow, and owed by new', async () => {
    const stage = await quarantined();
    expect(isQuarantined(stage.claim('p1'))).toBe(true);
    expect(await owedBy(stage, 'new')).toMatchObject([{ partition: 'p1', reason: 'quarantined' }]);
    expect(stage.state.evidence.get(JOB)?.standing).toMatchObject([{ partition: 'p1', quarantined: true }]);
  });

  it('kills a right that new had got before', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new', ...bad });
    const { assigned } = await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    await runOf(stage, { partition: 'p1', system: 'old' });
    expect(await lands(stage, assigned.token!, { checksum: 'c0ffee' })).toMatchObject({ code: 'Fenced' });
  });

  it('goes to old with the rollback, though it was landed and published, and ends when old has published it', async () => {
    const stage = await quarantined();
    await rollBack(stage);
    expect(stage.claim('p1')).toMatchObject({
      writer: 'old',
      generation: FIRST_GENERATION + 1,
      production: { system: 'new' },
    });
    expect(await owedBy(stage, 'old')).toMatchObject([{ partition: 'p1', reason: 'quarantined' }]);
    expect(await owedBy(stage, 'new')).toEqual([]);
    await runOf(stage, { partition: 'p1', system: 'old' });
    await stage.gather();
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
    expect(stage.claim('p1').production?.system).toBe('old');
    expect(await owedBy(stage, 'old')).toEqual([]);
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('ends without a rollback when new corrects itself and the pair matches', async () => {
    const stage = await quarantined();
    await runOf(stage, { partition: 'p1', system: 'new', report: { attempt: 2 } });
    await stage.gather();
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
    expect(await owedBy(stage, 'new')).toEqual([]);
  });

  it('ends when it was the shadow that was wrong, and old corrects it', async () => {
    const stage = await quarantined();
    await runOf(stage, { partition: 'p1', system: 'old', report: { attempt: 2, checksum: 'wrong' } });
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
  });

  it('is opened and handed to old also when the mismatch shows only after the rollback', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new', ...bad });
    await rollBack(stage);
    await runOf(stage, { partition: 'p1', system: 'old' });
    expect(stage.claim('p1')).toMatchObject({ writer: 'new', generation: FIRST_GENERATION });
    await stage.gather();
    await stage.gather();
    expect(stage.claim('p1')).toMatchObject({ writer: 'old', generation: FIRST_GENERATION + 1 });
    expect(await owedBy(stage, 'old')).toMatchObject([{ partition: 'p1', reason: 'quarantined' }]);
    expect((await runOf(stage, { partition: 'p1', system: 'old' })).published).toEqual({ ok: true });
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
  });

  it('gives new nothing to write after the rollback, however often it asks', async () => {
    const stage = await quarantined();
    await rollBack(stage);
    for (let n = 0; n < 2; n++)
      expect((await runOf(stage, { partition: 'p1', system: 'new' })).assigned.write).toBe('nothing');
    await runOf(stage, { partition: 'p1', system: 'old' });
    expect((await runOf(stage, { partition: 'p1', system: 'new' })).landed).toEqual({ table: 'shadow' });
  });
});

describe('what is owed', () => {
  it('of one job also names what is merely in flight; the fleet’s worklist does not', async () => {
    const stage = swapped();
    await runOf(stage, { partition: 'p1', system: 'new', until: 'assigned' });
    await runOf(stage, { partition: 'p2', system: 'new', until: 'landed' });
    await stage.gather();
    expect(await listOwed(stage.ports, { system: 'new', jobId: JOB })).toMatchObject([
      { partition: 'p1', reason: 'not-landed' },
      { partition: 'p2', reason: 'not-published' },
    ]);
    expect(await owedBy(stage, 'new')).toEqual([]);
  });

  it('does not list what a stale entry says and the claim does not', async () => {
    const stage = swapped();
    await runBoth(stage, ['p1']);
    await stage.ports.fleet.putOwed({ jobId: JOB, partition: 'p1', system: 'old', reason: 'reassigned', since: NOW });
    await stage.ports.fleet.putOwed({ jobId: JOB, partition: 'gone', system: 'old', reason: 'reassigned', since: NOW });
    expect(await owedBy(stage, 'old')).toEqual([]);
  });

  it('is found behind any number of stale entries', async () => {
    const stage = swapped();
    await runBoth(stage, ['p1']);
    const stale = { jobId: JOB, system: 'old', reason: 'reassigned', since: NOW } as const;
    for (let i = 0; i < 100; i++) await stage.ports.fleet.putOwed({ ...stale, partition: `o${i}` });
    await runOf(stage, { partition: 'p2', system: 'old' });
    await runOf(stage, { partition: 'p2', system: 'new', until: 'assigned' });
    await rollBack(stage);
    expect(await owedBy(stage, 'old')).toMatchObject([{ partition: 'p2' }]);
  });
});
