/** `cdk synth` as it is run before a deployment: the command line's own process, without credentials and without a network. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBareApp, thePlainStack } from './synth.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const SECONDS = 60;

/** Nothing of the machine's AWS configuration, and proxies that lead nowhere: a lookup would fail. */
const OFFLINE = {
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
  HOME: tmpdir(),
  AWS_EC2_METADATA_DISABLED: 'true',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  HTTP_PROXY: 'http://127.0.0.1:9',
  CI: 'true',
};

describe('cdk synth', () => {
  const folders = ['first', 'second'].map((name) => mkdtempSync(join(tmpdir(), `crossfade-${name}-`)));
  const seconds: number[] = [];

  beforeAll(async () => {
    for (const folder of folders) {
      const began = performance.now();
      await run(process.execPath, [CDK, 'synth', '--no-notices', '--quiet', '--output', folder], {
        cwd: ROOT,
        env: OFFLINE,
      });
      seconds.push((performance.now() - began) / 1000);
    }
  }, 240_000);
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('ends within a minute, offline and without a finding', () => {
    process.stdout.write(`cdk synth took ${seconds.map((each) => each.toFixed(1)).join(' s and ')} s\n`);
    expect(Math.max(...seconds)).toBeLessThan(SECONDS);
  });

  it('of the same commit gives the same templates and assets, wherever it writes them: cdk diff is empty', () => {
    const [first, second] = folders.map(readAssembly);
    expect(Object.keys(first!)).toContain('Crossfade.template.json');
    expect(second).toEqual(first);
  });
});

/** Every template and manifest as text, and the names of assets, which are hashes of what is in them. */
function readAssembly(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => /\.(template|assets)\.json$|^asset\./.test(file))
      .map((file) => [file, file.endsWith('.json') ? readFileSync(join(folder, file), 'utf8') : '']),
  );
}

describe('cdk-nag', () => {
  const findingsOf = (app: App) =>
    new AwsSolutionsChecks(app)
      .validateScope(app)
      .violations.map(
        ({ ruleName, violatingResources }) =>
          `${ruleName} ${violatingResources.map(({ constructPath }) => constructPath).join(' ')}`,
      );

  it('has no finding that is not acknowledged', () => {
    expect(findingsOf(thePlainStack().app)).toEqual([]);
  });

  it('would have one for what is not', () => {
    const app = aBareApp();
    new Queue(new Stack(app, 'S'), 'Careless');
    expect(findingsOf(app)).toEqual(expect.arrayContaining([expect.stringMatching(/^AwsSolutions-SQS3 S\/Careless/)]));
  });

  it('is answered with a reason each, and no acknowledgement outlives its finding', () => {
    const { stack } = thePlainStack();
    const acknowledged = stack.node.findAll().flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.entries(data as Record<string, string>).map(([id, reason]) => ({
            path: node.path.replace('Crossfade/Crossfade/', ''),
            id,
            reason,
          })),
        ),
    );
    for (const { path, reason } of acknowledged) expect(reason.length, path).toBeGreaterThan(60);
    expect(acknowledged.map(({ path, id }) => `${path} ${id.replace(/^\w+::/, '')}`).sort()).toEqual([
      'Evaluations/Role AwsSolutions-IAM5[Resource::*]',
      'Events/Untold AwsSolutions-SQS3',
      'Evidence/Unfolded AwsSolutions-SQS3',
      'Landings/Refused AwsSolutions-SQS3',
      'Schedule/Missed AwsSolutions-SQS3',
    ]);
  });
});
