import { describe, expect, it } from 'vitest';
import { readJobPage } from '../../lib/controller/job-page.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import { aJob, aTransition, NOW } from '../builders/records.ts';
import { aStage } from './stage.ts';

async function readPage(records: number) {
  const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
  for (let version = 1; version <= records; version++) await stage.ports.jobs.putHistory(aTransition({ version }));
  stage.writes.length = 0;
  const page = await readJobPage(stage.ports, 'flights-atl', NOW);
  if (isRefusal(page)) throw new Error(page.message);
  return { ...page, writes: stage.writes };
}

describe('the page of a job', () => {
  it('has what explain answers and the newest of the history, and writes nothing', async () => {
    const { decision, history, olderHistory, at, writes } = await readPage(2);
    expect(decision.kind).toBe('hold');
    expect(history.map(({ version }) => version)).toEqual([2, 1]);
    expect([olderHistory, at, writes]).toEqual([false, NOW, []]);
  });

  it('says that there is more history than it shows', async () => {
    const { history, olderHistory } = await readPage(51);
    expect([history.length, olderHistory]).toEqual([50, true]);
    expect((await readPage(50)).olderHistory).toBe(false);
  });

  it('is refused for a job that is not registered', async () => {
    expect(await readJobPage(aStage().ports, 'nobody', NOW)).toMatchObject({ refused: true, code: 'UnknownJob' });
  });
});
