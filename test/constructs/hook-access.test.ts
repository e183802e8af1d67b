/** Which of the team's own functions a deployment may invoke: those that its policies name, and no other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { type Synthesized, synthesize } from './synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-hooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ELSEWHERE = 'arn:aws:lambda:eu-west-1:444455556666:function:central-gate:live';

function withPolicies(files: Record<string, string>): Synthesized {
  const policies = mkdtempSync(join(folder, 'policies-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(policies, name), text);
  return synthesize({ 'crossfade:policiesFolder': policies });
}

const invokes = (synthesized: Synthesized) =>
  permissionsOf(synthesized).filter(({ actions }) => actions.includes('lambda:InvokeFunction'));

describe('the gates and hooks of a deployment', () => {
  it('are exactly the functions that its policies name, by one role, without a wildcard', () => {
    const synthesized = withPolicies({
      'default.yaml':
        'hooks: { cleanup: { gate: { function: orders-gate }, settle: { function: "orders-told:live" } } }',
      'critical.yaml': `hooks: { cleanup: { gate: { function: "${ELSEWHERE}" } }, shadow: { gate: { function: orders-gate } } }`,
    });
    const [hooks, ...others] = invokes(synthesized).filter(
      ({ role }) => role !== 'Evaluations' && !/^(Events|Schedule)/.test(role),
    );
    expect(others).toEqual([]);
    const own = (name: string) => `arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:function:${name}`;
    expect(hooks).toMatchObject({ role: 'hook', statement: 'Hooks', actions: ['lambda:InvokeFunction'] });
    const resources = hooks!.resources.map((name) =>
      name.replaceAll(/[{}"]|Ref|:(?=AWS::)/g, (found) => (found === ':' ? ':' : '')),
    );
    expect(resources.sort()).toEqual([ELSEWHERE, own('orders-gate'), own('orders-told:live')].sort());
    expect(resources.join(' ')).not.toContain('*');
  });

  it('are none where no policy names one', () => {
    const without = withPolicies({ 'default.yaml': '{}' });
    expect(invokes(without).map(({ role }) => role)).not.toContain('hook');
    expect(permissionsOf(without).map(({ role }) => role)).toContain('hook');
  });

  it('refuses more than a role has room for, at synth, and says what to do', () => {
    const many = Array.from({ length: 81 }, (_, i) => [
      `policy-${i}.yaml`,
      `hooks: { cleanup: { gate: { function: gate-${i} } } }`,
    ]);
    expect(() => withPolicies(Object.fromEntries([...many, ['default.yaml', '{}']]))).toThrow(
      'the policies name 81 functions as hooks, and 80 are allowed',
    );
  });
});
