import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, killDeployment, startDeployment, stopDeployment } from './deployment.ts';

const JOB = 'orders.daily';
const POLICY = `automation: enforce
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 0 }
cooldown: { firstSeconds: 0 }
criteria: { landingLatency: { method: hard-limits-only }, resourceUtilization: false }
`;

describe('a job crossfades in `crossfade local`, reached with the AWS SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-e2e-'));
  const data = join(folder, 'data');
  let deployment: Deployment;
  let sweeps = Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    writeFileSync(join(folder, 'default.yaml'), POLICY);
    deployment = await startDeployment(data, folder);
  }, 60_000);
  afterAll(async () => {
    await stopDeployment(deployment);
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const on = (system: 'old' | 'new', partition: string) => ({ jobId: JOB, partition, system });
  const assign = (system: 'old' | 'new', partition: string) => deployment.invoke('assign', on(system, partition));
  const content = (checksum: string) => ({ rowCount: 10, checksum, checksumAlgorithm: 'sha256-sum', final: true });
  const land = (system: 'old' | 'new', partition: string, token: string, checksum = `of-${partition}`) =>
    deployment.invoke('crossfade-land', {
      ...on(system, partition),
      token,
      landedAt: new Date().toISOString(),
      ...content(checksum),
    });

  /** One whole run: assign, land, and where it is production, publish and confirm. */
  async function deliver(system: 'old' | 'new', partition: string, checksum = `of-${partition}`) {
    const { write, token } = await assign(system, partition);
    if (write === 'nothing') return { write };
    const landed = await land(system, partition, token, checksum);
    if (write === 'production' && landed.accepted) {
      await deployment.invoke('published', { ...on(system, partition), token, checksum });
    }
    return { write, landed };
  }

  async function sweep() {
    sweeps += 1;
    await deployment.invoke('fan-out', { scheduledAt: new Date(sweeps * 1000).toISOString() });
  }

  /** Sweeps until the job is there: evidence and evaluations take their time, in no fixed number of sweeps. */
  async function sweepUntil(phase: string) {
    for (let tries = 0; tries < 40; tries++) {
      if ((await deployment.phaseOf(JOB)) === phase) return;
      await sweep();
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(await deployment.phaseOf(JOB)).toBe(phase);
  }

  it('registers a job, and admits it to shadow once old has landed', async () => {
    const { results } = await deployment.invoke('register', { jobs: [{ jobId: JOB, team: 'orders' }] });
    expect(results).toEqual([{ jobId: JOB, result: 'created' }]);
    expect(await deliver('new', 'd01')).toMatchObject({ write: 'nothing' });
    expect(await deliver('old', 'd01')).toMatchObject({ write: 'production' });
    await sweepUntil('shadow');
  });

  it('promotes it to reverse shadow after enough matching pairs, and swaps the writers', async () => {
    for (const day of ['d02', 'd03', 'd04']) {
      expect(await deliver('old', day)).toMatchObject({ write: 'production', landed: { accepted: true } });
      expect(await deliver('new', day)).toMatchObject({ write: 'shadow', landed: { accepted: true } });
    }
    await sweepUntil('reverse-shadow');
    expect(await deliver('new', 'd05')).toMatchObject({ write: 'production' });
    expect(await deliver('old', 'd05')).toMatchObject({ write: 'shadow' });
  });

  it('demotes it on a mismatch, takes over what was in flight, and fences the late landing', async () => {
    const late = await assign('new', 'd06');
    expect(late.write).toBe('production');
    await deliver('old', 'd06');
    await deliver('new', 'd07', 'wrong');
    await deliver('old', 'd07');
    await sweepUntil('shadow');

    const { partitions } = await deployment.invoke('owed', { system: 'old', jobId: JOB });
    expect(partitions).toMatchObject([
      { partition: 'd06', reason: 'reassigned' },
      { partition: 'd07', reason: 'quarantined' },
    ]);
    expect(await land('new', 'd06', late.token)).toMatchObject({ accepted: false, code: 'Fenced' });
  });

  it('lets old publish what it owes, which ends the quarantine', async () => {
    for (const day of ['d06', 'd07']) {
      expect(await deliver('old', day)).toMatchObject({ write: 'production', landed: { accepted: true } });
    }
    expect(await deployment.invoke('owed', { system: 'old', jobId: JOB })).toEqual({ partitions: [] });
  });

  it('goes on where it was after it was killed and started again on its data', async () => {
    await killDeployment(deployment);
    deployment = await startDeployment(data, folder);
    expect(await deployment.phaseOf(JOB)).toBe('shadow');
    for (const day of ['d08', 'd09', 'd10']) {
      await deliver('old', day);
      await deliver('new', day);
    }
    await sweepUntil('reverse-shadow');
  }, 60_000);

  it('stops old in cleanup, once the pairs of reverse shadow match and old owes nothing', async () => {
    for (const day of ['d11', 'd12', 'd13']) {
      await deliver('new', day);
      await deliver('old', day);
    }
    await sweepUntil('cleanup');
    expect(await deliver('old', 'd14')).toMatchObject({ write: 'nothing' });
    expect(await deliver('new', 'd14')).toMatchObject({ write: 'production' });
  });

  it('stops cleanly on Ctrl-C', async () => {
    expect(await stopDeployment(deployment)).toBe(0);
  });
});
