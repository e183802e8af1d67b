import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { describeProgress } from '../../lib/cli/progress.ts';
import { registerFile, registerRows } from '../../lib/cli/register.ts';
import { readCsv, readJsonLines, readYaml } from '../../lib/cli/registration-file.ts';
import { aJob } from '../builders/records.ts';
import { aStage } from '../controller/stage.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1';
});

const folder = mkdtempSync(join(tmpdir(), 'crossfade-register-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const job = (n: number) => ({ jobId: `orders.${n}`, team: 'orders' });

describe('a file of jobs', () => {
  it('as JSON Lines: every line by itself, empty ones passed over', () => {
    expect(readJsonLines('{"jobId":"a"}\n\n{oops\r\n[1]\n')).toEqual([
      { line: 1, value: { jobId: 'a' } },
      { line: 3, problem: expect.stringContaining('not JSON') },
      { line: 4, value: [1] },
    ]);
    expect(readJsonLines('x'.repeat(70_000))).toMatchObject([
      { problem: expect.stringContaining('65536 are allowed') },
    ]);
  });

  it('as CSV: names with dots go inside, numbers are numbers, empty cells say nothing', () => {
    const text = 'jobId,team,wave,labels.tier,cadence.every,__proto__\na,orders,2,"gold, old",1h,\nb,"x\ny",x,,,p\nc\n';
    expect(readCsv(text)).toEqual([
      {
        line: 2,
        value: { jobId: 'a', team: 'orders', wave: 2, labels: { tier: 'gold, old' }, cadence: { every: '1h' } },
      },
      { line: 4, value: expect.objectContaining({ jobId: 'b', team: 'x\ny', wave: 'x' }) },
      { line: 5, problem: '1 cells, and the first line names 6' },
    ]);
  });

  it('as CSV that never closes a quote is refused at its end, not half read in silence', () => {
    expect(readCsv('jobId,team\na,b\n"c,d\ne,f\n')).toMatchObject([{ line: 2 }, { problem: /Quote Not Closed/ }]);
  });

  it('as YAML: a list, or a list under `jobs`, with the lines of its entries', () => {
    expect(readYaml('- jobId: a\n- jobId: b\n')).toMatchObject([{ line: 1 }, { line: 2, value: { jobId: 'b' } }]);
    expect(readYaml('# all\njobs:\n  - jobId: a\n    team: x\n  - jobId: b\n')).toMatchObject([
      { line: 3 },
      { line: 5 },
    ]);
    expect(readYaml('jobs: [')).toMatchObject([{ problem: expect.stringContaining('nothing of the file was read') }]);
    expect(readYaml('team: x')).toMatchObject([{ problem: 'a list of jobs is wanted, or `jobs:` with one' }]);
  });
});

describe('register', () => {
  it('creates, and run again finds everything unchanged', async () => {
    const stage = aStage();
    const rows = Array.from({ length: 1_200 }, (_, n) => ({ line: n + 1, value: job(n) }));
    const deployment = aMemoryDeployment(stage);
    expect(await registerRows(deployment, rows, false)).toMatchObject({ created: 1_200, refused: [] });
    expect(deployment.invoked.map(([, { jobs }]) => (jobs as unknown[]).length)).toEqual([500, 500, 200]);
    stage.writes.length = 0;
    expect(await registerRows(deployment, rows, false)).toMatchObject({ created: 0, unchanged: 1_200 });
    expect(stage.writes).toEqual([]);
  });

  it('tells a warning once, for all the jobs it holds for, and registers them', async () => {
    const deployment = aMemoryDeployment(aStage());
    const invoke = async (_: string, { jobs }: { jobs: unknown[] }) => ({
      results: jobs.map((_job, n) => ({ result: 'created', ...(n < 2 && { warnings: ['cadence: too slow'] }) })),
    });
    const output = anOutput();
    const file = write('slow.jsonl', [1, 2, 3].map((n) => JSON.stringify(job(n))).join('\n'));
    await registerFile({ ...deployment, invoke } as unknown as typeof deployment, { file }, output);
    expect(output.text()).toBe(
      '3 created, 0 updated, 0 unchanged, 0 refused\nwarning, 2 jobs, e.g. orders.1: cadence: too slow\n',
    );
  });

  it('lists bad lines with field and reason, registers the others, and says so in the exit status', async () => {
    const stage = aStage({ jobs: [aJob({ jobId: 'orders.1', team: 'orders', phase: 'shadow' })] });
    const lines = [
      { jobId: 'orders.1', team: 'orders', wave: 3 },
      { jobId: 'orders 2', team: 'orders' },
      { jobId: 'orders.3', team: 'orders', policy: 'nope' },
      { jobId: 'orders.1', team: 'other' },
      { jobId: 'orders.5', team: 'orders', colour: 'red' },
      { jobId: 'orders.6', team: 'orders' },
    ];
    const file = write('jobs.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{oops\n`);
    const output = anOutput(100, true);
    await registerFile(aMemoryDeployment(stage), { file }, output);
    expect(JSON.parse(output.text())).toMatchObject({ created: 1, updated: 1, unchanged: 0 });
    expect(JSON.parse(output.text()).refused).toMatchObject([
      { line: 2, jobId: 'orders 2', field: 'jobId' },
      { line: 3, jobId: 'orders.3', field: 'policy' },
      { line: 4, jobId: 'orders.1', field: 'jobId', message: 'jobId: orders.1 is on line 1 already' },
      { line: 5, jobId: 'orders.5', field: 'colour' },
      { line: 7, message: expect.stringContaining('not JSON') },
    ]);
    expect(process.exitCode).toBe(1);
    expect(stage.job('orders.1')).toMatchObject({ phase: 'shadow', wave: 3, team: 'orders' });
  });

  it('with --dry-run says the same and writes nothing', async () => {
    const stage = aStage({ jobs: [aJob({ jobId: 'orders.1', team: 'orders' })] });
    const rows = [1, 2].map((n) => ({ line: n, value: { ...job(n), wave: 7 } }));
    expect(await registerRows(aMemoryDeployment(stage), rows, true)).toMatchObject({ created: 1, updated: 1 });
    expect(stage.writes).toEqual([]);
  });

  it('that is cut off says how far it came, and goes on when it is run again', async () => {
    const stage = aStage();
    const deployment = aMemoryDeployment(stage);
    const rows = Array.from({ length: 5_000 }, (_, n) => ({ line: n + 1, value: job(n) }));
    let left = 3;
    const failing = {
      ...deployment,
      invoke: async (name: string, payload: object) => {
        if (left-- > 0) return deployment.invoke(name, payload);
        throw new Error('connection lost');
      },
    };
    await expect(registerRows(failing, rows, false)).rejects.toThrow(/of 5000 jobs: connection lost\nrun it again/);
    const again = await registerRows(deployment, rows, false);
    expect(again.unchanged).toBeGreaterThanOrEqual(1_500);
    expect(again.created + again.unchanged).toBe(5_000);
  });

  it('refuses an empty file, a missing one and one of unknown format', async () => {
    const deployment = aMemoryDeployment(aStage());
    const cases: [string, RegExp][] = [
      [write('empty.csv', 'jobId,team\n'), /has no jobs/],
      [join(folder, 'gone.jsonl'), /cannot be read/],
      [write('jobs.txt', ''), /name it with --format/],
    ];
    for (const [file, message] of cases) {
      await expect(registerFile(deployment, { file }, anOutput())).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(message),
      });
    }
  });
});

it('progress shows what is done, the share and the measured rate', () => {
  expect(describeProgress('registering', 12_500, 50_000, 5)).toBe(
    `registering ${'█'.repeat(6)}${'░'.repeat(18)} 12,500 of 50,000 (25 %), 2,500 a second`,
  );
  expect(describeProgress('registering', 49_999, 50_000, 60)).toContain('(99 %)');
});
