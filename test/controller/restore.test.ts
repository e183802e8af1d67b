/** After a table of an hour ago came back: nothing that was given out in that hour counts, and everything else does. */
import { describe, expect, it } from 'vitest';
import { assign } from '../../lib/controller/assign.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { restoreJob } from '../../lib/controller/restore.ts';
import { parseToken } from '../../lib/domain/token.ts';
import { aJob } from '../builders/records.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { emptyState } from '../memory/state.ts';
import { aReport, aStage, Crash, runBoth, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const by = { actor: 'ann', reason: 'table of 12:00 restored' };

/** What a backup holds: the tables as they are now. */
function backup({ state }: Stage) {
  const kept = emptyState();
  for (const table of ['jobs', 'history', 'claims', 'evidence'] as const) {
    for (const [key, record] of state[table] as Map<string, never>) kept[table].set(key, record);
  }
  return createMemoryPorts({ state: kept });
}

async function aRun(stage: Stage, partition: string, system: 'old' | 'new' = 'old') {
  const answer = await assign(stage.ports, { jobId: JOB, partition, system }, stage.now());
  if ('refused' in answer) throw new Error(answer.message);
  const token = answer.token ?? '';
  return { token, request: { jobId: JOB, partition, system, token }, write: answer.write };
}

async function aStageWithHistory(): Promise<Stage> {
  const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
  await runBoth(stage, ['p1', 'p2']);
  return stage;
}

const restore = (stage: Stage, kept: Parameters<typeof restoreJob>[1] = stage.ports) =>
  restoreJob(stage.ports, kept, JOB, by, stage.now());

describe('a restored job', () => {
  it('refuses every token that was given out after the backup, whoever holds it now', async () => {
    const stage = await aStageWithHistory();
    const before = await aRun(stage, 'p3');
    const kept = backup(stage);
    stage.advance(600);
    const lost = await aRun(stage, 'p3');
    await restore(stage, kept);
    for (const { request } of [before, lost]) {
      const landed = await land(stage.ports, { ...request, report: aReport(stage.now()) }, stage.now());
      expect(landed).toMatchObject({ refused: true, code: 'Fenced' });
    }
    const again = await aRun(stage, 'p3');
    expect(await land(stage.ports, { ...again.request, report: aReport(stage.now()) }, stage.now())).toEqual({
      table: 'production',
    });
  });

  it('gives tokens that a destination takes for newer than all it has seen', async () => {
    const stage = await aStageWithHistory();
    const kept = backup(stage);
    stage.advance(600);
    const runs = [await aRun(stage, 'p1'), await aRun(stage, 'p1'), await aRun(stage, 'p1')];
    const seen = runs.map(({ token }) => parseToken(token)!);
    await restore(stage, kept);
    const next = parseToken((await aRun(stage, 'p1')).token)!;
    for (const token of seen) expect(next.generation).toBeGreaterThan(token.generation);
  });

  it('gives such tokens also where the clock of whoever restores is late, and the table of that hour is gone', async () => {
    const stage = await aStageWithHistory();
    const kept = backup(stage);
    stage.advance(3_600);
    const lost = parseToken((await aRun(stage, 'p1')).token)!;
    const taken = { ...lost, generation: lost.generation + 1 };
    const bare = aStage();
    await restoreJob(bare.ports, kept, JOB, by, '2026-11-01T00:00:00.000Z');
    const next = parseToken((await aRun(bare, 'p1')).token)!;
    expect(next.generation).toBeGreaterThan(taken.generation);
  });

  it('has an epoch and a version that nobody had, so that no lost evidence and no lost event is taken for its own', async () => {
    const stage = await aStageWithHistory();
    const kept = backup(stage);
    stage.state.jobs.set(JOB, { ...stage.job(), epoch: 7, version: 40 });
    await restore(stage, kept);
    expect(stage.job().epoch).toBeGreaterThan(1_000_000);
    expect(stage.job().version).toBeGreaterThan(1_000_000);
    expect(stage.job()).toMatchObject({
      phase: 'shadow',
      phaseSince: stage.now(),
      lastOverride: { type: 'restarted' },
    });
    const record = await stage.ports.jobs.listHistory(JOB, 1);
    expect(record).toMatchObject([{ actor: { name: 'ann' }, message: by.reason, epoch: stage.job().epoch }]);
  });

  it('keeps what was published, and is published on in the same way', async () => {
    const stage = await aStageWithHistory();
    await restore(stage);
    expect(stage.claim('p1')).toMatchObject({ production: { system: 'old' }, rightOutstanding: false });
    const { request } = await aRun(stage, 'p4');
    const report = aReport(stage.now());
    await land(stage.ports, { ...request, report }, stage.now());
    expect(await confirmPublished(stage.ports, { ...request, checksum: report.checksum }, stage.now())).toEqual({
      ok: true,
    });
  });

  it('has its evidence folded anew from the landings that were kept', async () => {
    const stage = await aStageWithHistory();
    const kept = backup(stage);
    await runBoth(stage, ['p3'], { next: { checksum: 'lost with the table' } });
    stage.state.claims.delete(`${JOB}\u0000p3`);
    await restore(stage, kept);
    await stage.gather();
    expect(staleEvidence(stage)).toEqual([]);
    expect(stage.state.evidence.get(JOB)?.recent.map((pair) => pair.partition)).toEqual(['p2', 'p1']);
  });

  it('comes back with its history, where its table is gone altogether', async () => {
    const stage = await aStageWithHistory();
    await restore(stage);
    const kept = backup(stage);
    const bare = aStage();
    const before = bare.state.summaries.size;
    bare.advance(3_600);
    expect(await restore(bare, kept)).toMatchObject({ jobId: JOB, claims: 2 });
    expect(bare.state.summaries.size, 'sweeps find its shard').toBe(before + 1);
    const records = await bare.ports.jobs.listHistory(JOB, 10);
    expect(records.map(({ type }) => type)).toEqual(['restarted', 'restarted']);
  });

  it('is refused while somebody still writes', async () => {
    const stage = await aStageWithHistory();
    stage.before('jobs.replace', async () => {
      stage.state.jobs.set(JOB, { ...stage.job(), version: stage.job().version + 1 });
    });
    await expect(restore(stage)).rejects.toThrow('who still writes');
  });

  it('is complete when it is repeated after a death between any two of its calls', async () => {
    for (let calls = 1; ; calls++) {
      const stage = await aStageWithHistory();
      const kept = backup(stage);
      stage.advance(600);
      const lost = await aRun(stage, 'p3');
      const again = await aRun(stage, 'p1');
      stage.crashAfter(calls);
      const died = await restore(stage, kept).then(
        () => false,
        (error: unknown) => error instanceof Crash,
      );
      stage.crashAfter(Number.POSITIVE_INFINITY);
      await restore(stage, kept);
      for (const { request } of [lost, again]) {
        const landed = await land(stage.ports, { ...request, report: aReport(stage.now()) }, stage.now());
        expect(landed, `after ${calls} calls`).toMatchObject({ refused: true, code: 'Fenced' });
      }
      await stage.gather();
      expect(staleEvidence(stage), `after ${calls} calls`).toEqual([]);
      expect(stage.job().lastOverride, `after ${calls} calls`).toMatchObject({ type: 'restarted', settled: true });
      if (!died) return expect(calls).toBeGreaterThan(10);
    }
  });

  it('may be restored again: it jumps once more', async () => {
    const stage = await aStageWithHistory();
    const first = await restore(stage);
    stage.advance(60);
    const second = await restore(stage);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.claims).toBe(2);
  });
});
