import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionOutput } from '../../lib/aws/deployment.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { ATTENTION_KINDS } from '../../lib/domain/attention.ts';
import { FUNCTIONS } from '../../lib/local/functions.ts';
import { type Deployment, startDeployment, stopDeployment } from '../e2e/deployment.ts';
import { type AwsCommand, findAwsCli, startAwsStandIn, useAwsCli } from './aws-command.ts';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``, 'g'))].map(([, text]) => text!);

const CLI = findAwsCli();
/** The CLI takes a second to start, and a query of sixteen buckets starts it sixteen times. */
const QUERY_TIMEOUT_MS = 180_000;
const WITH = CLI ? `AWS CLI ${CLI.version}` : 'a stand-in for the AWS CLI, of which version 2 is not on the PATH';

describe(`the queries of docs/operations.md, as they are written, against \`crossfade local\`, with ${WITH}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-queries-'));
  let deployment: Deployment;
  let aws: AwsCommand;

  beforeAll(async () => {
    writeFileSync(join(folder, 'default.yaml'), 'automation: enforce\nstuckAfter: { pendingSeconds: 0 }\n');
    deployment = await startDeployment(join(folder, 'data'), folder);
    aws = CLI ? useAwsCli(CLI, folder, deployment.url) : await startAwsStandIn(folder, deployment.url);
    const by = { actor: 'ann', reason: 'by hand' };
    await deployment.invoke('register', {
      jobs: [
        { jobId: 'orders.daily', team: 'orders', initialPhase: 'reverse-shadow' },
        { jobId: 'orders.stuck', team: 'orders' },
      ],
    });
    // A partition that new claimed and a rollback took over, when old had landed it in shadow: old has to publish it.
    const partition = { jobId: 'orders.daily', partition: 'd01' };
    await deployment.invoke('assign', { ...partition, system: 'new' });
    const { token } = await deployment.invoke('assign', { ...partition, system: 'old' });
    const content = { rowCount: 1, checksum: 'x', landedAt: new Date().toISOString() };
    await deployment.invoke('land', { ...partition, system: 'old', token, ...content });
    await deployment.invoke('demote', { jobId: 'orders.daily', ...by });
    await deployment.invoke('pause', { actor: 'bob', reason: 'month end' });
    await deployment.invoke('fan-out', { scheduledAt: new Date().toISOString() });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }, 60_000);
  afterAll(async () => {
    await stopDeployment(deployment);
    await aws.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const run = async (block: string) => {
    const env = { ...aws.env, JOBS: 'crossfade-jobs', FLEET: 'crossfade-fleet' };
    const today = block.replaceAll('2026-11-16', new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
    // Into a pipe, which /dev/stdout can be opened on; what a process of this test writes to is a socket.
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', `{ ${today}\n} | cat`], {
      env,
    });
    // The CLI prints JSON for people.
    return stdout.replace(/\s*([{}[\]:,])\s*/g, '$1');
  };
  const queries = blocks('sh');

  it.each<[string, string, RegExp[], RegExp | undefined]>([
    ['what is stuck', 'by-attention', [/"orders\.stuck"/, /"attentionOrder":{"S":"20/], /orders\.daily/],
    [
      'one job with its history',
      'get-item --table-name "$JOBS"',
      [/"phase":{"S":"shadow"}/, /"type":{"S":"demotion"}/, /by hand/],
      undefined,
    ],
    ['a team’s jobs by phase', 'by-team', [/"orders\.daily"/], /orders\.stuck/],
    ['who overrode what', 'dynamodb scan', [/"by":{"S":"ann"}/, /"to":{"S":"shadow"}/], undefined],
    [
      'who paused the fleet',
      '"history"}, ":since"',
      [/"by":{"S":"bob"}/, /"type":{"S":"paused"}/, /month end/],
      undefined,
    ],
    ['is the fleet paused, and the last sweep', '"controls"', [/bob/, /sweep-20/], undefined],
    ['what is owed', 'owed#old', [/d01/, /reassigned/], undefined],
    ['an override without the command line', 'lambda invoke', [/"ok":true/, /month end/], undefined],
  ])(
    '%s',
    async (_, mark, found, notFound) => {
      const block = queries.filter((text) => text.includes(mark));
      expect(block.length, 'one block shows this').toBe(1);
      const output = await run(block[0]!);
      for (const pattern of found) expect(output).toMatch(pattern);
      if (notFound) expect(output).not.toMatch(notFound);
    },
    QUERY_TIMEOUT_MS,
  );

  it('are all run here', () => {
    expect(queries.length).toBe(8);
  });
});

describe('the roles of docs/operations.md', () => {
  const granted = blocks('json').map((text) => {
    const { Statement } = JSON.parse(text) as {
      Statement: { Action: string | string[]; Resource: string | string[] }[];
    };
    const functions = [JSON.stringify(Statement).match(/(?<=function:)Function\w+/g) ?? []].flat();
    return { actions: Statement.flatMap(({ Action }) => Action), functions };
  });
  const outputs = new Map(Object.keys(FUNCTIONS).map((name) => [functionOutput(name), name]));

  it('name functions that there are, each in one role, and every verb in one', () => {
    const all = granted.flatMap(({ functions }) => functions);
    expect(all.filter((name) => !outputs.has(name))).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
    const commands = buildProgram(80).commands.map((command) => command.name());
    const verbs = Object.keys(FUNCTIONS).filter((name) => commands.includes(name));
    expect(verbs.filter((name) => !all.includes(functionOutput(name)))).toEqual([]);
  });

  it('let the reader change nothing', () => {
    expect(granted[0]?.actions).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'lambda:InvokeFunction',
      'cloudformation:DescribeStacks',
    ]);
    expect(granted[0]?.functions).toEqual(['FunctionExplain', 'FunctionOwed']);
  });
});

it('every kind of attention, and every verb, is on the page', () => {
  for (const kind of ATTENTION_KINDS) expect(PAGE).toContain(`| \`${kind}\` |`);
  const verbs = buildProgram(80).commands.map((command) => command.name());
  const said = verbs.filter((verb) => PAGE.includes(`crossfade ${verb}`) || PAGE.includes(`\`${verb}\``));
  expect(verbs.filter((verb) => !said.includes(verb))).toEqual(['policy', 'sweep', 'hooks']);
});
