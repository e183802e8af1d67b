import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment, stopDeployment } from '../e2e/deployment.ts';

const CLI = new URL('../../bin/crossfade.ts', import.meta.url).pathname;
const POLICY = `automation: recommend
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 0 }
criteria: { landingLatency: { method: hard-limits-only }, resourceUtilization: false }
`;

/** Of the file whose registration is killed: `CROSSFADE_FILE_JOBS=50000` tries a whole fleet's, in some two minutes. */
const FILE_JOBS = Number(process.env.CROSSFADE_FILE_JOBS ?? 3_000);

interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

describe('the command line against `crossfade local`, each a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-cli-'));
  let deployment: Deployment;
  let dynamo: DynamoDBClient;

  beforeAll(async () => {
    writeFileSync(join(folder, 'default.yaml'), POLICY);
    deployment = await startDeployment(join(folder, 'data'), folder);
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    dynamo = new DynamoDBClient({ endpoint: deployment.url, region: 'us-east-1', credentials });
  }, 60_000);
  afterAll(async () => {
    await stopDeployment(deployment);
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const environment = (url = deployment.url) => ({ PATH: process.env.PATH, CROSSFADE_LOCAL: url, COLUMNS: '100' });

  function crossfade(...args: string[]): Promise<Ran> {
    return new Promise((resolve) => {
      execFile(process.execPath, [CLI, ...args], { env: environment() }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }
  const json = async (...args: string[]) => JSON.parse((await crossfade(...args, '--json')).stdout);

  /** One landing of each system, published where it is production. */
  async function deliver(jobId: string, partition: string): Promise<void> {
    for (const system of ['old', 'new']) {
      const on = { jobId, partition, system };
      const { write, token } = await deployment.invoke('assign', on);
      if (write === 'nothing') continue;
      const content = { rowCount: 10, checksum: `of-${partition}`, checksumAlgorithm: 'sha256-sum', final: true };
      await deployment.invoke('land', { ...on, token, landedAt: new Date().toISOString(), ...content });
      if (write === 'production') {
        await deployment.invoke('published', { ...on, token, checksum: content.checksum });
      }
    }
  }

  async function sweepUntil(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      // A sweep is named by its second.
      await sleep(1_000);
      expect((await crossfade('sweep')).status).toBe(0);
      if (await holds()) return;
    }
    expect.unreachable('20 sweeps did not get there');
  }

  it('registers a file, reports its bad lines, and looks at what is there', async () => {
    const file = join(folder, 'jobs.csv');
    writeFileSync(file, 'jobId,team,wave\norders.daily,orders,1\norders.weekly,orders,2\nbad one,orders,1\n');
    const registered = await crossfade('register', file);
    expect(registered).toMatchObject({ status: 1, stderr: '' });
    expect(registered.stdout).toMatch(/^2 created, 0 updated, 0 unchanged, 1 refused\n/);
    expect(registered.stdout).toMatch(/\n4 +bad one +jobId /);
    expect(await json('jobs', '--team', 'orders', '--wave', '2')).toMatchObject([{ jobId: 'orders.weekly' }]);
    expect((await crossfade('explain', 'orders.daily')).stdout).toContain('old has not landed yet');
    expect((await crossfade('status')).stdout).toMatch(/jobs are counted by sweeps, and none has run yet/);
  });

  it('recommends, and a person confirms what is recommended, in bulk', async () => {
    await deliver('orders.daily', 'd01');
    const recommended = async () => (await json('jobs', '--recommended')).length === 1;
    await sweepUntil(recommended);
    const promoted = await crossfade('promote', '--recommended', '--reason', 'checked', '--yes', '--actor', 'ann');
    expect(promoted).toMatchObject({ status: 0, stderr: '' });
    expect(promoted.stdout).toContain('1 done, 0 refused');
    expect(await deployment.phaseOf('orders.daily')).toBe('shadow');
    for (const day of ['d02', 'd03', 'd04']) await deliver('orders.daily', day);
    await sweepUntil(recommended);
    expect((await crossfade('promote', 'orders.daily', '--reason', 'looks well')).stdout).toContain(
      'went shadow -> reverse-shadow',
    );
  }, 90_000);

  it('holds, releases, rolls back over two phases, restarts and retires, and the history has it all', async () => {
    await crossfade('hold', 'orders.daily', '--reason', 'month end', '--until', '2099-01-01T00:00:00Z');
    const released = await crossfade('release', 'orders.daily', '--reason', 'over');
    expect(released.stdout).toContain('it stays in reverse-shadow');
    await crossfade('restart', 'orders.daily', '--reason', 'defect mended');
    const back = await crossfade('demote', 'orders.daily', '--to', 'pending', '--reason', 'room', '--request-id', 'r1');
    expect(back.stdout).toContain('went reverse-shadow -> shadow -> pending');
    const again = await crossfade(
      'demote',
      'orders.daily',
      '--to',
      'pending',
      '--reason',
      'room',
      '--request-id',
      'r1',
    );
    expect(again.stdout).toBe(back.stdout);
    await crossfade('retire', 'orders.daily', '--reason', 'dropped', '--confirm', 'orders.daily');
    const history = await json('history', 'orders.daily');
    expect(history.map(({ type }: { type: string }) => type)).toEqual([
      'retired',
      ...['demotion', 'demotion', 'restarted', 'released', 'held', 'promotion', 'promotion'],
    ]);
  }, 60_000);

  it('pauses and resumes the fleet once for each request, and its history says who and why', async () => {
    const pausing = ['pause', '--scope', 'all', '--reason', 'an incident', '--actor', 'ann', '--request-id', 'p1'];
    const dry = await crossfade(...pausing, '--dry-run');
    expect(dry.stdout).toContain('the fleet would be paused (all)');
    const paused = await crossfade(...pausing);
    expect(paused.stdout).toMatch(/the fleet is paused \(all\): no transition [\s\S]*\suntil\s+20/);
    expect((await crossfade(...pausing)).stdout).toBe(paused.stdout);
    expect((await crossfade('status')).stdout).toContain('paused (all) by ann');
    const stale = await crossfade('resume', '--reason', 'over', '--expected-version', '0');
    expect(stale).toMatchObject({ status: 1, stderr: expect.stringContaining('VersionConflict') });
    const resumed = await crossfade('resume', '--reason', 'over', '--actor', 'bob');
    expect(resumed.stdout).toContain('nothing stops the fleet');
    expect(await crossfade('resume', '--reason', 'x')).toMatchObject({ status: 1, stderr: /NotPaused/ });
    expect(await crossfade('resume', '--breaker', '--reason', 'x')).toMatchObject({ status: 1, stderr: /NotOpen/ });
    expect(await json('history', '--fleet')).toMatchObject([
      { type: 'resumed', version: 2, actor: { name: 'bob', verified: false }, message: 'over' },
      { type: 'paused', version: 1, actor: { name: 'ann', requestId: 'p1' }, pause: { scope: 'all' } },
    ]);
    expect(await crossfade('history')).toMatchObject({ status: 2, stderr: /--fleet/ });
    const vouched = await crossfade('pause', '--reason', 'x', '--verified');
    expect(vouched).toMatchObject({ status: 2, stderr: expect.stringContaining('nobody vouches') });
  }, 60_000);

  it('says in the exit status what became of a verb, and keeps results and complaints apart', async () => {
    const refused = await crossfade('promote', 'orders.weekly', '--reason', 'x', '--json');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('--force goes on') });
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, code: 'NeedsNotMet', unmet: [{}] });
    expect(await crossfade('job', 'nobody')).toMatchObject({ status: 1, stdout: '', stderr: /not registered/ });
    expect(await crossfade('promote')).toMatchObject({ status: 2, stderr: /required option/ });
    expect(await crossfade('--help')).toMatchObject({ status: 0, stderr: '' });
    expect(await crossfade('policy', 'check', join(folder, 'data'))).toMatchObject({
      status: 1,
      stderr: /no policy in/,
    });
  }, 60_000);

  it('killed half-way through a file and run again, leaves what one run leaves', async () => {
    const register = async (prefix: string, kill: boolean) => {
      const file = join(folder, `${prefix}.jsonl`);
      const lines = Array.from({ length: FILE_JOBS }, (_, n) =>
        JSON.stringify({ jobId: `${prefix}.${n}`, team: 'bulk', wave: n % 5 }),
      );
      writeFileSync(file, lines.join('\n'));
      if (kill) {
        const child = spawn(process.execPath, [CLI, 'register', file], { env: environment(), stdio: 'ignore' });
        const before = await countOf(prefix, child);
        expect(before).toBeLessThan(FILE_JOBS);
      }
      return json('register', file);
    };
    const killed = await register('killed', true);
    expect(killed.unchanged).toBeGreaterThan(0);
    expect(killed.created + killed.unchanged).toBe(FILE_JOBS);
    const straight = await register('straight', false);
    expect(straight).toMatchObject({ created: FILE_JOBS, refused: [] });
    expect(await register('straight', false)).toMatchObject({ created: 0, unchanged: FILE_JOBS });
    expect(await contentOf('killed')).toBe(await contentOf('straight'));
  }, 600_000);

  /** Kills the process when it has registered something, and says how much. */
  async function countOf(prefix: string, child: ChildProcess): Promise<number> {
    for (let tries = 0; tries < 200; tries++) {
      const command = new ScanCommand({ TableName: 'crossfade-jobs', ProjectionExpression: 'jobId' });
      const count = (await dynamo.send(command)).Items?.filter((item) => item.jobId?.S?.startsWith(prefix)).length ?? 0;
      if (count > 0) {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        return count;
      }
      await sleep(20);
    }
    return expect.unreachable('nothing was registered in 4 s');
  }

  /** A hash of the jobs whose ids begin so, but for when they came, by which write, and what they are called. */
  async function contentOf(prefix: string): Promise<string> {
    const items: string[] = [];
    for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName: 'crossfade-jobs' })) {
      for (const {
        jobId,
        shard: _s,
        teamBucket: _b,
        teamOrder: _o,
        phaseSince: _p,
        writeId: _w,
        body,
        ...rest
      } of Items) {
        if (!jobId?.S?.startsWith(`${prefix}.`)) continue;
        const { registeredAt: _r, ...said } = JSON.parse(body?.S ?? '{}');
        const attributes = Object.entries({ ...rest, ...said }).sort(([a], [b]) => (a < b ? -1 : 1));
        items.push(JSON.stringify([jobId.S.slice(prefix.length), attributes]));
      }
    }
    expect(items.length).toBe(FILE_JOBS);
    return createHash('sha256').update(items.sort().join('\n')).digest('hex');
  }
});
