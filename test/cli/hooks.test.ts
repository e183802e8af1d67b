/** `hooks check` as a person sees it: what does not hold, and the exit status. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { checkHooks } from '../../lib/cli/hooks.ts';
import { showExplanation, showJob } from '../../lib/cli/job.ts';
import type { JobHooks } from '../../lib/domain/hook-record.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { NOW } from '../builders/records.ts';
import { aReadyStage } from '../controller/stage.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1';
});

const folder = mkdtempSync(join(tmpdir(), 'crossfade-hook-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

function aFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const GOOD = aFile(
  'good.mjs',
  `export async function handler({ schemaVersion, idempotencyKey, job }) {
    if (schemaVersion !== 1 || !idempotencyKey || !job.labels.dag) throw new Error('not understood');
    return { schemaVersion: 1, answer: 'pass' };
  }`,
);
const FLAGS = { step: 'gate', timeout: 60, label: ['dag=orders'] } as const;

describe('hooks check', () => {
  it('says of each thing that it holds, and what was seen', async () => {
    const output = anOutput();
    await checkHooks({ ...FLAGS, label: ['dag=orders'], file: GOOD }, output);
    expect(output.text()).toContain('✓ answers a request of each kind that it is sent: shadow -> reverse-shadow: pass');
    expect(output.text()).toContain('is well as a gate hook; as a dry run');
    expect(process.exitCode).toBeUndefined();
  });

  it('says what does not, and ends with 1', async () => {
    const careless = aFile(
      'careless.mjs',
      `export const handler = async () => ({ schemaVersion: 1, answer: 'pass' });`,
    );
    const output = anOutput();
    await checkHooks({ ...FLAGS, label: [], file: careless }, output);
    expect(output.text()).toContain('✗ does not pass a request that has no job: it answered "pass"');
    expect(output.text()).toContain('3 of 8 do not hold: docs/hooks.md says what is wanted');
    expect(process.exitCode).toBe(1);
  });

  it('answers programs with one value', async () => {
    const output = { ...anOutput(), json: true };
    await checkHooks({ ...FLAGS, label: ['dag=orders'], file: GOOD }, output);
    expect(JSON.parse(output.text())).toMatchObject({ ok: true, step: 'gate', findings: expect.any(Array) });
  });

  it.each<[string, object, string]>([
    ['no hook', {}, 'name the hook with one of --function NAME, --file FILE, --url URL'],
    ['two', { file: GOOD, url: 'http://localhost/' }, 'name the hook with one of'],
    ['a file that is not there', { file: 'absent.ts' }, 'absent.ts: there is no such file'],
    ['a file that is no hook', { file: 'hook.rb' }, 'hook.rb is no hook that can be run: name a .ts, .js or .py file'],
    ['half a label', { file: GOOD, label: ['dag'] }, '--label dag: key=value is wanted'],
  ])('refuses %s, and says what is wanted', async (_, given, message) => {
    await expect(checkHooks({ ...FLAGS, label: [], ...given }, anOutput())).rejects.toThrow(message);
  });
});

describe('what a job waits for', () => {
  const asked = { function: 'orders-gate', at: NOW, asked: 3, firstAskedAt: NOW };
  const gate = {
    ...asked,
    answer: 'not-yet',
    message: 'freeze until Monday',
    to: 'reverse-shadow',
    epoch: 1,
    round: 1,
  };
  const debt = { from: 'pending', to: 'shadow', kind: 'promotion', version: 1, epoch: 1, at: NOW, reason: 'admitted' };

  async function aWaitingJob(hooks: JobHooks) {
    const { hooks: rules, criteria } = policySchema.parse({
      name: 'p',
      criteria: { landingLatency: false, resourceUtilization: false },
      hooks: {
        'reverse-shadow': { gate: { function: 'orders-gate' } },
        shadow: { settle: { function: 'orders-told' } },
      },
    });
    const stage = await aReadyStage('shadow', { policy: { hooks: rules, criteria } });
    stage.state.jobs.set('flights-atl', { ...stage.job(), hooks });
    return aMemoryDeployment(stage);
  }

  it('is said in words: the gate, what it said, when it is asked again, and what a person can do', async () => {
    const output = anOutput(200);
    await showExplanation(await aWaitingJob({ answers: { gate } } as JobHooks), 'flights-atl', output);
    expect(output.text()).toContain('not promoted to reverse-shadow (not-prepared)');
    expect(output.text()).toContain(
      '- prepared: gate orders-gate says not yet: freeze until Monday (asked 3 times since',
    );
    expect(output.text()).toContain('crossfade promote flights-atl --force');
  });

  it('is said with what its hooks are still to be told', async () => {
    const last = { ...asked, answer: 'fail', message: 'no such DAG' };
    const output = anOutput(200);
    await showJob(await aWaitingJob({ debts: [{ ...debt, last }] } as JobHooks), 'flights-atl', output);
    expect(output.text()).toContain(
      'its settle hook is owed pending -> shadow of 2026-11-22T13:00:00Z (fail: no such DAG)',
    );
  });
});
