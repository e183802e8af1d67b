/** The local runtime from start to stop, over the real handlers; and over its own data after it was cut off. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../lib/local/functions.ts';
import { type LocalOptions, type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';

const CLI = fileURLToPath(new URL('../../bin/crossfade.ts', import.meta.url));
const folders: string[] = [];
let started: LocalRuntime | undefined;

afterEach(async () => {
  await started?.stop();
  started = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-data-'));
  folders.push(folder);
  return folder;
}

async function aRuntime(options: LocalOptions = {}): Promise<LocalRuntime> {
  started = await startLocal({ port: 0, everySeconds: 0, ...options });
  return started;
}

const register = (local: LocalRuntime, jobId: string) =>
  local.call('register', { jobs: [{ jobId, team: 'orders', initialPhase: 'shadow' }] });

/** One side's landing of a partition. */
async function deliver(local: LocalRuntime, jobId: string, system: 'old' | 'new', partition = '2026-11-22') {
  const { token } = await local.call<{ token: string }>('assign', { jobId, partition, system });
  const content = { rowCount: 1, checksum: 'c', checksumAlgorithm: 'sha256-sum', landedAt: new Date().toISOString() };
  return local.call('land', { jobId, partition, system, token, ...content });
}

describe('the local runtime', () => {
  it('registers, lands, sweeps and tells of every transition', async () => {
    const local = await aRuntime({ policiesDir: policiesThatEnforce() });
    const told: string[] = [];
    local.onHistory((record) => told.push(`${record.jobId} ${record.type}`));
    expect(await register(local, 'orders')).toEqual({ results: [{ jobId: 'orders', result: 'created' }] });
    for (const partition of ['2026-11-20', '2026-11-21', '2026-11-22']) {
      await deliver(local, 'orders', 'old', partition);
      await deliver(local, 'orders', 'new', partition);
    }
    await local.idle();
    const swept = await local.sweepNow();
    expect(swept).toMatchObject({ result: { sweepId: expect.stringMatching(/^sweep-/), groups: 1, repeated: false } });
    await local.sweepNow();
    await local.idle();
    expect(told).toEqual(['orders promotion']);
    expect(local.status()).toMatchObject({ sweeps: { done: 2 }, stream: { waiting: 0, failed: 0 } });
  });

  it('has its clock from outside', async () => {
    const local = await aRuntime({ now: () => Date.parse('2001-02-03T04:05:06Z') });
    expect(await local.sweepNow()).toMatchObject({ scheduledAt: '2001-02-03T04:05:06.000Z' });
    expect(await local.sweepNow()).toMatchObject({ scheduledAt: '2001-02-03T04:05:07.000Z' });
  });

  it('sets the environment for its handlers, and puts it back', async () => {
    process.env.AWS_PROFILE = 'production';
    process.env.AWS_ENDPOINT_URL_SQS = 'https://sqs.example.com';
    const local = await aRuntime();
    expect(process.env).toMatchObject({ AWS_ENDPOINT_URL: local.url, AWS_ACCESS_KEY_ID: 'local' });
    expect([process.env.AWS_PROFILE, process.env.AWS_ENDPOINT_URL_SQS]).toEqual([undefined, undefined]);
    expect(local.env).toEqual({
      AWS_ENDPOINT_URL: local.url,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    await local.stop();
    expect(process.env).toMatchObject({ AWS_PROFILE: 'production', AWS_ENDPOINT_URL_SQS: 'https://sqs.example.com' });
    expect(process.env.CROSSFADE_TABLE_JOBS).toBeUndefined();
    delete process.env.AWS_PROFILE;
    delete process.env.AWS_ENDPOINT_URL_SQS;
  });

  it('refuses a second one in its process, and starts again after it was stopped', async () => {
    const local = await aRuntime();
    await expect(startLocal({ port: 0 })).rejects.toThrow('running in this process already');
    expect(await local.stop()).toBe(true);
    await aRuntime();
  });

  it('refuses policies that handlers would, before it starts', async () => {
    const policiesDir = aFolder();
    writeFileSync(join(policiesDir, 'default.yaml'), 'minPairs: 1');
    const dataDir = aFolder();
    await expect(startLocal({ port: 0, dataDir, policiesDir })).rejects.toThrow(
      'default.yaml:1:11: minPairs: 1 is refused',
    );
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(false);
  });

  it('leaves nothing behind when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const dataDir = aFolder();
    await expect(startLocal({ port, dataDir })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(false);
    other.close();
    await aRuntime({ dataDir });
  });
});

describe('the data folder', () => {
  it('keeps everything from one runtime to the next, and its dead letters', async () => {
    const dataDir = aFolder();
    const first = await aRuntime({ dataDir });
    await register(first, 'orders');
    await sendToQueue(first, 'not a landing');
    expect(first.status()).toMatchObject({ deadLetters: 1 });
    expect(await first.stop()).toBe(true);
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(false);

    const second = await aRuntime({ dataDir });
    expect(await register(second, 'orders')).toEqual({ results: [{ jobId: 'orders', result: 'unchanged' }] });
    expect(second.status()).toMatchObject({ deadLetters: 1, stream: { delivered: 0 } });
  });

  it('is refused while a process uses it', async () => {
    const dataDir = aFolder();
    const holder = { pid: process.pid };
    writeFileSync(join(dataDir, 'crossfade.lock'), JSON.stringify(holder));
    await expect(startLocal({ port: 0, dataDir })).rejects.toThrow(`is in use by process ${process.pid}`);
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(true);
  });

  it.each([
    ['dead', '{"pid": 4194999}'],
    ["another's by now", `{"pid": ${process.pid}, "started": "1"}`],
    ['unreadable', '{"pi'],
  ])('is taken over when the process of its lock is %s', async (_what, lock) => {
    const dataDir = aFolder();
    writeFileSync(join(dataDir, 'crossfade.lock'), lock);
    const local = await aRuntime({ dataDir });
    await local.stop();
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(false);
  });

  it('whose tables were never complete is begun again; one that is not ours, or newer, is refused', async () => {
    const dataDir = aFolder();
    mkdirSync(join(dataDir, 'dynamodb'));
    writeFileSync(join(dataDir, 'dynamodb', 'precious'), '');
    await expect(startLocal({ port: 0, dataDir })).rejects.toThrow('choose another folder');
    expect(existsSync(join(dataDir, 'dynamodb', 'precious'))).toBe(true);

    writeFileSync(join(dataDir, 'crossfade.lock'), '{"pid": 4194999}');
    await (await aRuntime({ dataDir })).stop();
    expect(JSON.parse(readFileSync(join(dataDir, 'tables.json'), 'utf8'))).toEqual({ layout: 1 });

    writeFileSync(join(dataDir, 'tables.json'), '{"layout": 2}');
    await expect(startLocal({ port: 0, dataDir })).rejects.toThrow('has layout 2, and this release reads 1');
  });

  it('of a runtime that was cut off is replayed: what its stream did not deliver is delivered', async () => {
    const dataDir = aFolder();
    const gathered: string[] = [];
    const gather = (event: DynamoDBStreamEvent, deliverThem: boolean) => {
      if (!deliverThem) throw new Error('cut off');
      gathered.push(...event.Records.map((record) => String(record.dynamodb?.Keys?.jobId?.S)));
    };
    const functions = (deliverThem: boolean) => ({
      ...FUNCTIONS,
      gather: () => ({ handler: async (event: DynamoDBStreamEvent) => gather(event, deliverThem) }),
    });
    const first = await aRuntime({ dataDir, functions: functions(false) });
    for (const jobId of ['a', 'b']) {
      await register(first, jobId);
      await deliver(first, jobId, 'old');
    }
    expect(await first.stop(200)).toBe(false);
    expect(existsSync(join(dataDir, 'crossfade.lock'))).toBe(true);

    // The lock of a process that has ended.
    writeFileSync(join(dataDir, 'crossfade.lock'), '{"pid": 4194999}');
    const second = await aRuntime({ dataDir, functions: functions(true) });
    expect(gathered.sort()).toEqual(['a', 'b']);
    expect(await second.stop()).toBe(true);
    await aRuntime({ dataDir, functions: functions(true) });
    expect(gathered).toHaveLength(2);
  });
});

describe('crossfade local', () => {
  async function run(...args: string[]) {
    const child = spawn(process.execPath, [CLI, 'local', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  it('says what to do when its port is in use', async () => {
    const { url } = await aRuntime();
    const port = new URL(url).port;
    const { code, output } = await run('--port', port);
    expect(code).toBe(1);
    expect(output).toContain(`port ${port} is in use`);
    expect(output).toContain(`--port ${Number(port) + 1}`);
  });

  it('says what to do when its data folder is in use', async () => {
    const dataDir = aFolder();
    await aRuntime({ dataDir });
    const { code, output } = await run('--port', '0', '--data', dataDir);
    expect([code, output.trim()]).toEqual([
      1,
      `${dataDir} is in use by process ${process.pid}: stop that crossfade local, or choose another --data folder`,
    ]);
  });

  it.each([
    [['--port', 'http'], 'a port is a whole number from 0 to 65535'],
    [['--every', 'soon'], 'a duration is a number with a unit, such as 15s, 5m or 1h'],
    [['--every', '10ms'], 'from 1s to 24h is allowed'],
    [['--policies', '/no/such/folder'], 'there is no such folder'],
  ])('refuses %j', async (args, message) => {
    const { code, output } = await run(...args);
    expect(code).toBeGreaterThan(0);
    expect(output).toContain(message);
  });
});

/** Jobs that are registered in shadow and match are promoted at once. */
function policiesThatEnforce(): string {
  const folder = aFolder();
  writeFileSync(
    join(folder, 'default.yaml'),
    `automation: enforce
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 0 }
criteria: { landingLatency: { method: hard-limits-only }, resourceUtilization: false }
`,
  );
  return folder;
}

async function sendToQueue(local: LocalRuntime, body: string): Promise<void> {
  const answer = await fetch(local.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ QueueUrl: `${local.url}/000000000000/crossfade-landings`, MessageBody: body }),
  });
  expect(answer.status).toBe(200);
}
