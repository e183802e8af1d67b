/** Jobs whose integration only reports: nothing is fenced, so what cannot be prevented has to be detected. */
import { describe, expect, it } from 'vitest';
import { demote } from '../../lib/controller/override.ts';
import { reportLanding } from '../../lib/controller/report.ts';
import { isOpen, isQuarantined } from '../../lib/domain/claim.ts';
import type { Integration } from '../../lib/domain/job.ts';
import type { Phase, System } from '../../lib/domain/phases.ts';
import { aJob, FIRST_GENERATION, NOW } from '../builders/records.ts';
import { aReport, aStage, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const stageIn = (phase: Phase, integration: Integration = 'reported') =>
  aStage({ jobs: [aJob({ phase, integration })] });

function says(stage: Stage, system: System, table: 'production' | 'shadow', given = {}, partition = 'p1') {
  const report = aReport(stage.now(), given);
  return reportLanding(stage.ports, { jobId: JOB, partition, system, table, report }, stage.now());
}

describe('a reported landing', () => {
  it('is believed: production is landed and published, shadow is compared', async () => {
    const stage = stageIn('shadow');
    expect(await says(stage, 'old', 'production')).toEqual({ table: 'production' });
    expect(await says(stage, 'new', 'shadow')).toEqual({ table: 'shadow' });
    expect(isOpen(stage.claim('p1'))).toBe(false);
    await stage.gather();
    expect(stage.state.evidence.get(JOB)?.recent[0]).toMatchObject({ partition: 'p1', outcome: 'match' });
  });

  it('makes a pair in whatever order the two come', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'new', 'shadow');
    await says(stage, 'old', 'production');
    await stage.gather();
    expect(stage.state.evidence.get(JOB)?.recent[0]?.outcome).toBe('match');
    expect(isOpen(stage.claim('p1'))).toBe(false);
  });

  it('may come twice: it is answered the same, and nothing is written', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production');
    await says(stage, 'new', 'shadow');
    stage.writes.length = 0;
    expect(await says(stage, 'old', 'production')).toEqual({ table: 'production' });
    expect(await says(stage, 'new', 'shadow')).toEqual({ table: 'shadow' });
    expect(stage.writes).toEqual([]);
  });

  it('of the same attempt with other content is a conflict, of an older attempt is fenced off', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production', { attempt: 3 });
    expect(await says(stage, 'old', 'production', { attempt: 3, checksum: 'x' })).toMatchObject({
      code: 'AttemptConflict',
      field: 'attempt',
    });
    expect(await says(stage, 'old', 'production', { attempt: 2, checksum: 'x' })).toMatchObject({ code: 'Fenced' });
    expect(await says(stage, 'old', 'production', { checksum: 'x' })).toMatchObject({ code: 'AttemptConflict' });
    expect(stage.claim('p1').production?.checksum).toBe('c0ffee');
  });

  it('of a higher attempt is a correction', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production');
    await says(stage, 'new', 'shadow', { checksum: 'bad' });
    await says(stage, 'new', 'shadow', { attempt: 2 });
    await stage.gather();
    expect(stage.state.evidence.get(JOB)?.standing).toEqual([]);
  });

  it('is ready when its run began', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production', { startedAt: '2026-11-22T10:00:00.000Z' });
    expect(stage.claim('p1').readyAt).toBe('2026-11-22T10:00:00.000Z');
  });

  it('is ready when the earlier of the two runs began, whichever of them reports first', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production', { startedAt: '2026-11-22T12:30:00.000Z' });
    await says(stage, 'new', 'shadow', { startedAt: '2026-11-22T12:15:00.000Z' });
    expect(stage.claim('p1').readyAt).toBe('2026-11-22T12:15:00.000Z');
  });

  it('without the start of its run is ready no later than it landed, so that no lag is measured from a report', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production', { landedAt: '2026-11-22T12:00:00.000Z' });
    expect(stage.claim('p1').readyAt <= '2026-11-22T12:00:00.000Z').toBe(true);
  });

  it('is refused for a job that asks first: a landing without its token proves no right', async () => {
    for (const integration of ['fenced', 'claimed'] as const) {
      const stage = stageIn('shadow', integration);
      expect(await says(stage, 'old', 'production')).toMatchObject({ code: 'TokenRequired', field: 'token' });
      expect(stage.state.claims.size).toBe(0);
    }
    expect(await says(aStage(), 'old', 'production')).toMatchObject({ code: 'UnknownJob' });
  });

  it('tries again when the claim changes under it', async () => {
    const stage = stageIn('shadow');
    stage.before('claims.create', () => says(stage, 'new', 'shadow'));
    expect(await says(stage, 'old', 'production')).toEqual({ table: 'production' });
    expect(stage.claim('p1')).toMatchObject({ production: { system: 'old' }, shadow: { system: 'new' } });
  });
});

describe('two systems that both wrote production', () => {
  it('are a split writer: who came first stands, the other is kept beside it', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production');
    expect(await says(stage, 'old', 'production', { checksum: 'mine' })).toEqual({ table: 'production' });
    expect(stage.claim('p1')).toMatchObject({
      production: { system: 'new' },
      splitWriter: { system: 'old', checksum: 'mine', landedAt: NOW },
    });
    await stage.gather();
    expect(stage.state.evidence.get(JOB)?.standing).toMatchObject([{ partition: 'p1', splitWriter: true }]);
  });

  it('are found also when the wrong one reports first: facts go before rights', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'new', 'production');
    expect(stage.claim('p1')).toMatchObject({
      writer: 'new',
      generation: FIRST_GENERATION + 1,
      production: { system: 'new' },
    });
    await says(stage, 'old', 'production');
    expect(stage.claim('p1').splitWriter).toMatchObject({ system: 'old' });
  });

  it('are found also when the second had landed the same content in its shadow before', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'old', 'production');
    await says(stage, 'new', 'shadow');
    await says(stage, 'new', 'production');
    expect(stage.claim('p1').splitWriter).toMatchObject({ system: 'new' });
  });

  it('are told once: the same message again changes nothing', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production');
    await says(stage, 'old', 'production');
    stage.writes.length = 0;
    stage.advance(60);
    await says(stage, 'old', 'production', { landedAt: NOW });
    expect(stage.writes).toEqual([]);
  });
});

describe('one system that says two things', () => {
  it('is not compared with itself: a shadow of what it wrote to production is refused', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production');
    await says(stage, 'old', 'shadow');
    expect(await says(stage, 'new', 'shadow', { attempt: 2, checksum: 'other' })).toHaveProperty('code');
    expect(stage.claim('p1').shadow?.system).toBe('old');
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
  });

  it('that published the output of its shadow after a take-over is its production', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'old', 'shadow');
    await demote(stage.ports, { jobId: JOB, actor: 'ann', verified: false, reason: 'r' }, stage.now);
    await says(stage, 'old', 'production');
    expect(stage.claim('p1')).toMatchObject({ writer: 'old', production: { system: 'old' } });
  });
});

describe('a late message', () => {
  it('of what was repaired since makes no split writer: it is older than the repair', async () => {
    const stage = stageIn('reverse-shadow');
    const bad = { checksum: 'bad', landedAt: NOW };
    await says(stage, 'new', 'production', bad);
    await says(stage, 'old', 'shadow');
    await demote(stage.ports, { jobId: JOB, actor: 'ann', verified: false, reason: 'r' }, stage.now);
    stage.advance(3_600);
    await says(stage, 'old', 'production', { attempt: 2 });
    await says(stage, 'new', 'production', bad);
    expect(stage.claim('p1').splitWriter).toBeUndefined();
  });

  it('of the shadow that the other system reported by mistake does not replace the shadow that is there', async () => {
    const stage = stageIn('shadow');
    await says(stage, 'new', 'shadow');
    await says(stage, 'old', 'shadow', { checksum: 'mistake' });
    expect(stage.claim('p1').shadow?.system).toBe('new');
  });
});

describe('a bad partition of a reporting job', () => {
  async function rolledBack(): Promise<Stage> {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production', { checksum: 'bad' });
    await says(stage, 'old', 'shadow');
    await stage.gather();
    expect(isQuarantined(stage.claim('p1'))).toBe(true);
    await demote(stage.ports, { jobId: JOB, actor: 'ann', verified: false, reason: 'r' }, stage.now);
    await stage.gather();
    expect(stage.claim('p1')).toMatchObject({ writer: 'old', generation: FIRST_GENERATION + 1 });
    return stage;
  }

  it('is repaired by old after the rollback: that is no split writer, and the quarantine ends', async () => {
    const stage = await rolledBack();
    await says(stage, 'old', 'production', { attempt: 2 });
    await stage.gather();
    expect(stage.claim('p1').splitWriter).toBeUndefined();
    expect(stage.claim('p1').production?.system).toBe('old');
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('is not made in cleanup by a correction that differs from what old reported when it still ran', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production');
    await says(stage, 'old', 'shadow');
    stage.state.jobs.set(JOB, aJob({ phase: 'cleanup', epoch: 2, version: 2, integration: 'reported' }));
    await says(stage, 'new', 'production', { attempt: 2, checksum: 'restated' });
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
  });

  it('is repaired by new while it still writes: a correction that matches ends the quarantine', async () => {
    const stage = stageIn('reverse-shadow');
    await says(stage, 'new', 'production', { checksum: 'bad' });
    await says(stage, 'old', 'shadow');
    await says(stage, 'new', 'production', { attempt: 2 });
    expect(isQuarantined(stage.claim('p1'))).toBe(false);
  });
});
