import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../lib/aws/tables.ts';
import type { Finding } from '../../lib/cli/finding.ts';
import { type Deployment, startDeployment, stopDeployment } from '../e2e/deployment.ts';

describe('doctor against `crossfade local`, each a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-doctor-'));
  let deployment: Deployment;

  beforeAll(async () => {
    writeFileSync(join(folder, 'default.yaml'), 'minPairs: 3\n');
    deployment = await startDeployment(join(folder, 'data'), folder);
  }, 60_000);
  afterAll(async () => {
    await stopDeployment(deployment);
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  async function itemsIn(): Promise<unknown[]> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: deployment.url, region: 'us-east-1', credentials });
    const scans = Object.keys(TABLES).map((name) => client.send(new ScanCommand({ TableName: `crossfade-${name}` })));
    return (await Promise.all(scans)).map(({ Items }) => Items);
  }

  it('finds it well, before and after its first sweep, and writes nothing', async () => {
    const before = await itemsIn();
    const fresh = await doctor('--local', deployment.url, '--json');
    expect(await itemsIn()).toEqual(before);
    expect(fresh).toMatchObject({ status: 0, stderr: '' });
    const { ok, checks } = JSON.parse(fresh.stdout) as { ok: boolean; checks: Finding[] };
    expect(ok).toBe(true);
    expect(checks.find(({ check }) => check === 'last sweep')?.message).toContain('no sweep yet');

    await deployment.invoke('register', { jobs: [{ jobId: 'orders.daily', team: 'orders' }] });
    await deployment.invoke('fan-out', { scheduledAt: new Date().toISOString() });
    const after = await doctor('--local', deployment.url, '--policies', folder);
    expect(after, after.stdout).toMatchObject({ status: 0, stderr: '' });
    expect(after.stdout).toMatch(/ok +policy default: \w+, as in the folder/);
    expect(after.stdout).toMatch(/ok +last sweep: sweep-\w+, .* ago; one every 1 h/);
  }, 60_000);

  it('ends with 1 when the deployed policies are not those of the folder', async () => {
    const ran = await doctor('--local', deployment.url, '--policies', 'policies');
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/WRONG +policy default: deployed as/);
    expect(ran.stdout).toMatch(/-> start crossfade local with --policies/);
  }, 60_000);

  it('says in one line that there is no deployment, or that something else is there', async () => {
    const nobody = await doctor('--local', 'http://127.0.0.1:9');
    expect(nobody).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('start `crossfade local`') });
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const other = await doctor('--local', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    expect(other).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('not a crossfade local') });
    expect(await doctor()).toMatchObject({ status: 2, stderr: expect.stringContaining('no deployment is named') });
  }, 60_000);
});

function doctor(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const cli = new URL('../../bin/crossfade.ts', import.meta.url).pathname;
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, COLUMNS: '160', NO_COLOR: '1' };
    execFile(process.execPath, [cli, 'doctor', ...args], { env }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
