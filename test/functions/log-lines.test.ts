/** What can be told from the logs alone: a sweep's decisions, a job's story, and who was refused. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { nameExecution } from '../../lib/controller/fan-out.ts';
import type { Stage } from '../controller/stage.ts';
import { aStageWithWork, Lines, sweepOnce } from './a-sweep.ts';

const world = vi.hoisted(() => {
  process.env.CROSSFADE_DEPLOYMENT = 'Crossfade-1';
  process.env.CROSSFADE_STATE_MACHINE_ARN = 'arn';
  return { stage: undefined as unknown, started: [] as object[] };
});
vi.mock('../../functions/stores.ts', () => {
  const ports = () => (world.stage as Stage).ports;
  return { jobs: () => ports().jobs, claims: () => ports().claims, fleet: () => ports().fleet };
});
vi.mock('../../functions/deciding.ts', () => ({
  allPorts: () => (world.stage as Stage).ports,
  policies: () => (world.stage as Stage).ports.policies,
}));
vi.mock('../../lib/aws/executions.ts', () => ({
  createExecutions: () => ({ start: async (_: string, input: object) => void world.started.push(input) }),
}));

const lines = new Lines();
let stage: Stage;
let sweepId: string;

beforeAll(async () => {
  stage = await aStageWithWork();
  world.stage = stage;
  sweepId = await sweepOnce(stage, world.started, lines);
});

describe('the lines of a sweep', () => {
  it('name it, so that the sweep, its executions and what they decided are found by one id', () => {
    expect(lines.named('sweep started')).toMatchObject([
      { sweepId: 'sweep-20261122T131500Z', lagSeconds: 4, repeated: false, scheduledAt: '2026-11-22T13:15:00.000Z' },
    ]);
    const others = lines.all.filter((line) => line.message !== undefined && line.by !== 'fan-out');
    expect(others.length).toBeGreaterThanOrEqual(4);
    for (const line of others) {
      const { group } = line.message === 'evaluated' ? line : { group: 0 };
      expect(line.execution, String(line.message)).toBe(nameExecution(sweepId, Number(group)));
    }
  });

  it('have one for each decision that changed a job, with the version that names its record and its event', () => {
    const [promoted] = lines.named('promoted');
    expect(lines.named('promoted')).toHaveLength(1);
    expect(promoted).toMatchObject({ sweepId, jobId: 'flights-atl', from: 'shadow', to: 'reverse-shadow' });
    const [demoted] = lines.named('demoted');
    expect(lines.named('demoted')).toHaveLength(1);
    expect(demoted).toMatchObject({
      jobId: 'flights-bos',
      from: 'reverse-shadow',
      to: 'shadow',
      code: 'data-quality-failed',
      reason: expect.stringContaining('p4'),
    });
    for (const line of [promoted, demoted]) {
      expect(line?.version).toBe(stage.job(String(line?.jobId)).lastTransition?.version);
    }
  });

  it('say of each group what it did and how long it took', () => {
    expect(lines.named('evaluated')).toHaveLength(1);
    expect(lines.named('evaluated')[0]).toMatchObject({ group: 0, jobs: 2, demoted: 1, seconds: 0, failed: 0 });
    expect(lines.named('accounted')[0]).toMatchObject({ sweepId, promoted: 1, refused: 0, unknown: [] });
  });

  it('are of the deployment, and have a level', () => {
    for (const line of lines.all.filter(({ message }) => message !== undefined)) {
      expect(line).toMatchObject({ service: 'Crossfade-1', level: 'INFO' });
    }
  });
});

describe('a refusal', () => {
  const asked = { jobId: 'flights-atl', partition: 'p9', system: 'old' };
  const report = { rowCount: 1, checksum: 'c0ffee', landedAt: '2026-11-22T13:00:00.000Z' };

  it('of a landing that comes too late is a line with its job and its partition, and counts as fenced', async () => {
    const calls = new Lines();
    const { token } = await calls.of('assign', { ...asked, system: 'new' });
    await calls.of('assign', { ...asked, system: 'new' });
    await calls.of('land', { ...asked, system: 'new', ...report, token });
    expect(calls.all).toHaveLength(1);
    expect(calls.all[0]).toMatchObject({
      message: 'landing refused',
      jobId: 'flights-atl',
      partition: 'p9',
      system: 'new',
      code: 'Fenced',
      FencedLandings: 1,
      service: 'Crossfade-1',
    });
  });

  it('of what cannot be read names the field and believes nothing else', async () => {
    const calls = new Lines();
    await calls.of('land', { ...asked, ...report, token: '1.1', rowCount: -1 });
    await calls.of('assign', { ...asked, system: 'both' });
    expect(calls.all.map(({ message, code, field, jobId }) => [message, code, field, jobId])).toEqual([
      ['landing refused', 'Invalid', 'rowCount', undefined],
      ['assign refused', 'Invalid', 'system', undefined],
    ]);
    expect(calls.all.every((line) => line.RefusedRequests === 1)).toBe(true);
  });

  it('of one request of a batch is one line, and what is accepted writes none', async () => {
    const calls = new Lines();
    await calls.of('assign', {
      batch: [
        { ...asked, partition: 'p10' },
        { ...asked, jobId: 'nobody' },
      ],
    });
    expect(calls.all).toMatchObject([{ message: 'assign refused', code: 'UnknownJob', jobId: 'nobody' }]);
  });
});

describe('what an operator does', () => {
  const by = { actor: 'ann', reason: 'month end' };

  it('is a line with who, why and the record that it made; a dry run is none', async () => {
    const calls = new Lines();
    await calls.of('hold', { jobId: 'flights-atl', ...by, dryRun: true });
    expect(calls.all).toEqual([]);
    await calls.of('hold', { jobId: 'flights-atl', ...by });
    expect(calls.all).toMatchObject([
      {
        message: 'overridden',
        jobId: 'flights-atl',
        actor: 'ann',
        verified: false,
        change: 'held',
        reason: 'month end',
      },
    ]);
    expect(calls.all[0]?.version).toBe(stage.job().version - 1);
  });

  it('to the whole fleet likewise', async () => {
    const calls = new Lines();
    await calls.of('pause', by);
    await calls.of('resume', by);
    expect(calls.named('fleet changed').map(({ actor, change }) => [actor, change])).toEqual([
      ['ann', 'paused'],
      ['ann', 'resumed'],
    ]);
  });
});
