/**
 * The Python client of examples/python, under Debian's Python, against `crossfade local`: its pytest tests run in a process
 * of their own and know nothing of the code inside. Without boto3 or pytest they are skipped with a notice; in CI, never.
 */
import { type ExecFileException, execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumRows } from '../../examples/flights/checksum.ts';
import { type Deployment, startDeployment, stopDeployment } from '../e2e/deployment.ts';

const PYTHON = '/usr/bin/python3';
const EXAMPLE = new URL('../../examples/python/', import.meta.url);
const PYTEST_MS = 120_000;
/** One test swaps the writers after three days that match. */
const POLICY = `automation: enforce
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 0 }
criteria: { landingLatency: { method: hard-limits-only }, resourceUtilization: false }
`;

const missing = describeMissing();
if (missing && !process.env.CI) console.warn(`skipped, the Python client's tests: ${missing}`);

describe('the Python client', () => {
  it('has what its tests need, where CI decides', () => {
    if (process.env.CI) expect(missing).toBeUndefined();
  });

  it('compares its checksum with what this repository computes today', () => {
    const vectors = JSON.parse(readFileSync(new URL('checksum_vectors.json', EXAMPLE), 'utf8'));
    expect(vectors.length).toBeGreaterThan(0);
    for (const { rows, rowCount, checksum } of vectors) expect(checksumRows(rows)).toEqual({ rowCount, checksum });
  });
});

describe.skipIf(missing)('the Python client against crossfade local', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-python-'));
  let deployment: Deployment;

  beforeAll(async () => {
    writeFileSync(join(folder, 'default.yaml'), POLICY);
    deployment = await startDeployment(join(folder, 'data'), folder);
  }, 60_000);
  afterAll(async () => {
    if (deployment) await stopDeployment(deployment);
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it(
    'passes its own tests, none of them skipped',
    async () => {
      const { code, output } = await runPytest(deployment.url);
      expect(code, output).toBe(0);
      expect(output).toMatch(/^\d+ passed in/m);
    },
    PYTEST_MS + 10_000,
  );
});

function describeMissing(): string | undefined {
  const { error, status, stderr } = spawnSync(PYTHON, ['-c', 'import boto3, pytest'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  const said = error?.message ?? stderr.trim().split('\n').at(-1);
  return `${PYTHON} has no boto3 or no pytest (${said}): apt-get install python3-boto3 python3-pytest`;
}

/** Nothing is left behind in the tree, and no configuration of this machine's AWS tools is seen. */
async function runPytest(endpoint: string): Promise<{ code: number; output: string }> {
  const { AWS_PROFILE: _, ...inherited } = process.env;
  const env = { ...inherited, AWS_ENDPOINT_URL: endpoint, PYTHONDONTWRITEBYTECODE: '1', AWS_CONFIG_FILE: '/dev/null' };
  const args = ['-m', 'pytest', '-q', '--color=no', '-p', 'no:cacheprovider', '--strict-markers'];
  return new Promise((resolve) => {
    const ended = (error: ExecFileException | null, stdout: string, stderr: string) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: `${stdout}${stderr}${error?.killed ? `\nkilled after ${PYTEST_MS} ms` : ''}` });
    };
    execFile(PYTHON, args, { cwd: EXAMPLE, env, timeout: PYTEST_MS }, ended);
  });
}
