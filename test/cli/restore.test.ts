import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTables } from '../../lib/aws/create-tables.ts';
import { connectLocal, connectStack, functionOutput, SHUT_FOR_RESTORE } from '../../lib/aws/deployment.ts';
import { tableNames } from '../../lib/aws/tables.ts';
import { restore } from '../../lib/cli/restore.ts';
import { hold, promote, retire } from '../../lib/controller/override.ts';
import { aClaim, aJob, anEvidence } from '../builders/records.ts';
import { openDynalite } from '../contract/dynalite-server.ts';
import { connectTo, storesOn } from '../contract/dynamo.ts';
import { aStage, runBoth, type Stage } from '../controller/stage.ts';
import { aMemoryDeployment } from './memory-deployment.ts';

const printed: string[] = [];
const output = { json: false, width: 100, print: (text: string) => void printed.push(text) };
const flags = { reason: 'jobs damaged', actor: 'ann' };

async function aFleet(): Promise<Stage> {
  const stage = aStage({ jobs: [aJob({ phase: 'shadow' }), aJob({ jobId: 'flights-bos', phase: 'pending' })] });
  await runBoth(stage, ['p1']);
  return stage;
}

/** CloudFormation's description of a stack with these functions, each `fn-` and its name. */
function aStackWith(functions: readonly string[]): string {
  const outputs = [
    ...['Jobs', 'Landings', 'Evidence', 'Fleet'].map((table) => [`Table${table}`, table]),
    ...functions.map((name) => [functionOutput(name), `fn-${name}`]),
  ].map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`);
  const stack = `<member><StackName>Crossfade</StackName><Outputs>${outputs.join('')}</Outputs></member>`;
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

afterEach(() => {
  vi.unstubAllEnvs();
  printed.length = 0;
  process.exitCode = undefined;
});

describe('crossfade restore', () => {
  it('refuses without the name of the deployment, and says what has to stand still first', async () => {
    const stage = await aFleet();
    await expect(restore(aMemoryDeployment(stage), flags, output, stage.now)).rejects.toThrow(
      /stop both systems .*--confirm "memory"/,
    );
    expect(stage.job().epoch).toBe(1);
  });

  it('jumps every job, whatever its phase, and says how many claims it voided', async () => {
    const stage = await aFleet();
    await restore(aMemoryDeployment(stage), { ...flags, confirm: 'memory' }, output, stage.now);
    expect(printed).toEqual([expect.stringMatching(/^2 jobs and 1 claims restored; every token from before is void/)]);
    for (const jobId of ['flights-atl', 'flights-bos']) expect(stage.job(jobId).epoch).toBeGreaterThan(1_000_000);
    expect(process.exitCode).toBeUndefined();
  });

  it('says on a dry run what would be taken back, without a confirmation, and writes nothing', async () => {
    const stage = await aFleet();
    const kept = await aFleet();
    const by = { jobId: 'flights-atl', actor: 'ann\u001b[2J', verified: false, reason: 'r' };
    await promote(stage.ports, { ...by, force: true }, stage.now);
    await hold(stage.ports, { ...by, scope: 'promotions' }, stage.now);
    await retire(stage.ports, { ...by, jobId: 'flights-bos', confirm: 'flights-bos' }, stage.now);
    const before = structuredClone(stage.state);
    const deployment = { ...aMemoryDeployment(stage), restoring: () => ({ live: stage.ports, kept: kept.ports }) };
    await restore(deployment, { ...flags, dryRun: true }, output, stage.now);
    expect(printed[0]?.split('\n')).toEqual([
      expect.stringMatching(/^2 jobs would be restored, .*nothing was done$/),
      'flights-atl: reverse-shadow becomes shadow; the hold by ann\ufffd[2J is lost',
      'flights-bos: it is no longer retired by ann\ufffd[2J',
    ]);
    expect(stage.state).toEqual(before);
  });

  it('refuses while a function still answers, before it writes anything', async () => {
    const stage = await aFleet();
    const deployment = { ...aMemoryDeployment(stage), listOpenFunctions: async () => ['assign', 'hook'] };
    const confirmed = { ...flags, confirm: 'memory' };
    await expect(restore(deployment, confirmed, output, stage.now)).rejects.toThrow(
      /^assign, hook of memory still answer: .*nothing was done/,
    );
    expect(stage.job().epoch).toBe(1);
    await restore({ ...deployment, listOpenFunctions: async () => [] }, confirmed, output, stage.now);
    expect(stage.job().epoch).toBeGreaterThan(1_000_000);
  });

  it('takes a function of a stack for shut only where its concurrency is 0', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const [, name] = /functions\/([^/]+)\/concurrency/.exec(request.url ?? '') ?? [];
      if (name === undefined) return void response.end(aStackWith(SHUT_FOR_RESTORE));
      asked.push(name);
      const reserved = { 'fn-assign': '{}', 'fn-hook': '{"ReservedConcurrentExecutions":3}' }[name];
      response.end(reserved ?? '{"ReservedConcurrentExecutions":0}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const deployment = await connectStack('Crossfade');
    expect(await deployment.listOpenFunctions?.()).toEqual(['assign', 'hook']);
    expect(asked).toEqual(SHUT_FOR_RESTORE.map((name) => `fn-${name}`));
    server.close();
  });

  it('goes on past a job that fails, names it, and fails in the end', async () => {
    const stage = await aFleet();
    stage.before('jobs.replace flights-atl', async () => {
      stage.state.jobs.set('flights-atl', { ...stage.job(), version: 9 });
    });
    await restore(aMemoryDeployment(stage), { ...flags, confirm: 'memory' }, output, stage.now);
    expect(printed[0]).toMatch(/failed: flights-atl: .*who still\s+writes/);
    expect(stage.job('flights-bos').epoch).toBeGreaterThan(1_000_000);
    expect(process.exitCode).toBe(1);
  });

  it('reads the restored tables by their names, and writes those of the deployment', async () => {
    const server = await openDynalite();
    const client = connectTo(server.endpoint);
    const [own, restored] = [tableNames('crossfade'), tableNames('restored')];
    for (const tables of [own, restored]) await createTables(client, tables);
    const [live, kept] = [storesOn(client, own), storesOn(client, restored)];
    const good = aJob({ phase: 'shadow', team: 'as it was' });
    const claim = aClaim({ generation: 7, revision: 3 });
    await kept.jobs.create(good);
    await kept.claims.create(claim);
    await live.jobs.create(aJob({ phase: 'pending', team: 'damaged', version: 5, epoch: 5 }));
    await live.claims.create({ ...claim, generation: 9, revision: 6 });
    await live.evidence.replace(anEvidence({ version: 1 }), 0);

    const { jobs, landings } = restored;
    const deployment = connectLocal(server.endpoint);
    await restore(deployment, { ...flags, jobs, landings, confirm: deployment.name }, output);
    expect(printed[0]).toMatch(/^1 jobs and 1 claims restored/);
    const job = await live.jobs.get(good.jobId, 'strong');
    expect(job).toMatchObject({
      team: 'as it was',
      phase: 'shadow',
      epoch: 1_000_005,
      lastOverride: { settled: true },
    });
    const [voided] = await live.claims.list(good.jobId).then(({ items }) => items);
    expect(voided?.generation).toBeGreaterThan(1_700_000_000);
    expect(voided?.revision).toBeGreaterThanOrEqual(1_000_006);
    expect(await live.evidence.get(good.jobId, 'strong')).toMatchObject({ recent: [], version: 2 });
    expect(await kept.jobs.get(good.jobId, 'strong'), 'the restored table stays as it is').toMatchObject({ epoch: 1 });
    await server.close();
  }, 60_000);
});
