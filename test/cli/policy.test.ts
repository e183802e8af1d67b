import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkPolicies } from '../../lib/cli/policy.ts';
import { comparePolicies, showPolicy } from '../../lib/cli/policy-show.ts';
import { loadPolicies } from '../../lib/policies/load.ts';
import { aPolicyFolder } from '../policies/policy-folder.ts';
import { anOutput } from './memory-deployment.ts';

const CLI = fileURLToPath(new URL('../../bin/crossfade.ts', import.meta.url));
const FILES = {
  'strict.yaml': 'extends: default\nsoak:\n  shadowSeconds: 5d\ncriteria:\n  resourceUtilization: false\n',
  'stricter.yaml': 'extends: strict\nminPairs: 20\nsoak: { reverseShadowSeconds: 40d }\n',
};

function crossfade(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { env: { PATH: process.env.PATH, COLUMNS: '120' } },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

function refusalOf(folder: string): string {
  try {
    loadPolicies(folder);
  } catch (error) {
    return (error as Error).message;
  }
  return expect.unreachable(`${folder} is well`);
}

describe('policy check', () => {
  it('ends with 1 and all problems at once, in the words that every other start uses', async () => {
    const folder = aPolicyFolder({ 'a.yaml': 'minPiars: 3\n', 'b.yaml': 'soak: [1]\n' });
    const ran = await crossfade('policy', 'check', folder);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain(`${folder}/a.yaml:1:1: minPiars: no such field; did you mean minPairs?`);
    expect(ran.stderr).toContain(`${folder}/b.yaml:1:1: soak: a list of 1 is refused`);
    expect(() => loadPolicies(folder)).toThrow(ran.stderr.trim());
  });

  it('gives a program the problems as values', () => {
    const output = anOutput(100, true);
    const folder = aPolicyFolder({ 'a.yaml': 'minPairs: 1\n' });
    expect(() => checkPolicies(folder, output)).toThrow('one problem');
    expect(JSON.parse(output.text()).problems).toEqual([
      {
        file: `${folder}/a.yaml`,
        line: 1,
        column: 11,
        field: 'minPairs',
        message: expect.stringContaining('1 is refused'),
      },
    ]);
  });

  it('warns of what is hardly meant, at the line that says it, and is content', () => {
    const output = anOutput(200);
    const folder = aPolicyFolder(FILES);
    checkPolicies(folder, output);
    expect(output.text()).toContain(`3 policies in ${folder} are well`);
    expect(output.text()).toMatch(/warning: .*stricter\.yaml:1:1: stuckAfter\.reverseShadowSeconds: 21 d is less than/);
  });

  it('says what docs/policies.md shows', () => {
    const wrong =
      '# billing\nextends: default\nsoak:\n  shadowSecond: 14d\napprovals:\n  cleanup: { from: billing-lead }\n';
    const folder = aPolicyFolder({ 'billing.yaml': wrong });
    const said = refusalOf(folder).replaceAll(folder, 'policies');
    expect(readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8')).toContain(`\n${said}\n`);
  });

  it('says of a folder that is not there that it is not there', () => {
    expect(() => checkPolicies('/no/such/folder', anOutput())).toThrow('/no/such/folder: there is no such folder');
  });

  it('finds the policies of this repository well, without a warning', () => {
    const output = anOutput(100, true);
    checkPolicies(undefined, output);
    const { policies, warnings } = JSON.parse(output.text());
    expect(policies.map(({ name }: { name: string }) => name)).toEqual(['critical', 'default', 'enforced']);
    expect(warnings).toEqual([]);
  });
});

describe('policy show', () => {
  it('has every field, and the line that says it or that none does', () => {
    const output = anOutput(200, true);
    const folder = aPolicyFolder(FILES);
    showPolicy('stricter', folder, output);
    const { policy, files, settings } = JSON.parse(output.text());
    expect(policy).toMatchObject({ name: 'stricter', minPairs: 20, criteria: { resourceUtilization: false } });
    expect(files).toEqual(['stricter', 'strict', 'default'].map((name) => `${folder}/${name}.yaml`));
    const of = (field: string) => settings.find((setting: { field: string }) => setting.field === field);
    expect(of('minPairs')).toEqual({ field: 'minPairs', value: 20, file: `${folder}/stricter.yaml`, line: 2 });
    expect(of('soak.shadowSeconds')).toMatchObject({ value: 432_000, file: `${folder}/strict.yaml`, line: 3 });
    expect(of('criteria.resourceUtilization')).toMatchObject({ value: false, file: `${folder}/strict.yaml`, line: 5 });
    expect(of('automation')).toMatchObject({ file: `${folder}/default.yaml`, line: 1 });
    expect(of('settleSeconds')).toEqual({ field: 'settleSeconds', value: 900 });
  });

  it('is a table for people', () => {
    const output = anOutput(200);
    showPolicy('strict', aPolicyFolder(FILES), output);
    expect(output.text()).toMatch(/\nsoak\.shadowSeconds +5 d +\S+\/strict\.yaml:3\n/);
    expect(output.text()).toMatch(/\nsettleSeconds +15 min +\(default\)\n/);
  });

  it('refuses a name that is none, and says which there are', () => {
    expect(() => showPolicy('strickt', aPolicyFolder(FILES), anOutput())).toThrow(
      'no policy "strickt"; did you mean strict? there are default, strict, stricter',
    );
  });
});

describe('policy diff', () => {
  it('shows the fields that differ and no other', () => {
    const output = anOutput(200, true);
    comparePolicies(['strict', 'stricter'], aPolicyFolder(FILES), output);
    expect(JSON.parse(output.text())).toEqual([
      { field: 'minPairs', strict: 24, stricter: 20 },
      { field: 'soak.reverseShadowSeconds', strict: 604_800, stricter: 3_456_000 },
    ]);
  });

  it('says so where there is none', () => {
    const output = anOutput();
    comparePolicies(['a', 'b'], aPolicyFolder({ 'a.yaml': '{}', 'b.yaml': 'extends: a\n' }), output);
    expect(output.text()).toContain('a and b say the same');
  });
});
