/**
 * Every kind of wrong policy with the whole message that people see. The loader is the one that `policy check`, synth, the
 * functions and the local runtime share; `test/cli/policy.test.ts` and `test/constructs/crossfade.test.ts` run it from there.
 */
import { describe, expect, it } from 'vitest';
import { policySchema } from '../../lib/domain/policy.ts';
import { readPolicies } from '../../lib/policies/load.ts';
import { PoliciesRefused } from '../../lib/policies/problem.ts';
import { aPolicyFolder, problemsOf } from './policy-folder.ts';

const FIELDS = Object.keys(policySchema.shape)
  .filter((field) => field !== 'name')
  .join(', ');
const DURATION = 'allowed is seconds as a number, or text such as 15m, 36h, 7d, up to ten years';
const DEMOTIONS = 'allowed is a whole number from 2 to 10';
const ONE_USER = 'arn:aws:iam::123456789012:user/ann';

describe('a wrong policy is refused with its file, line, column, field, the value seen, and what is allowed', () => {
  it.each<[string, string | Buffer, string | string[]]>([
    ['an unknown field', 'automation: observe\nretries: 3\n', `2:1: retries: no such field; allowed are ${FIELDS}`],
    [
      'a typing slip in a field',
      'minPiars: 8\n',
      `1:1: minPiars: no such field; did you mean minPairs? allowed are ${FIELDS}`,
    ],
    [
      'a field without its unit',
      'maxAge: 5d\n',
      `1:1: maxAge: no such field; did you mean maxAgeSeconds? allowed are ${FIELDS}`,
    ],
    [
      'a field on the wrong level',
      'shadowSeconds: 5d\n',
      `1:1: shadowSeconds: no such field; did you mean soak.shadowSeconds? allowed are ${FIELDS}`,
    ],
    [
      'a typing slip deep inside',
      'approvals:\n  cleanup: { quorom: 2 }\n',
      '2:14: approvals.cleanup.quorom: no such field; did you mean quorum? allowed are quorum, from, expiresSeconds, allowClaimed, byOthers',
    ],
    ['the wrong type', 'flapping: { demotions: "4" }\n', `1:24: flapping.demotions: "4" is refused; ${DEMOTIONS}`],
    ['a number out of range', 'flapping:\n  demotions: 11\n', `2:14: flapping.demotions: 11 is refused; ${DEMOTIONS}`],
    ['half a demotion', 'flapping:\n  demotions: 3.5\n', `2:14: flapping.demotions: 3.5 is refused; ${DEMOTIONS}`],
    [
      'fewer than three pairs',
      'minPairs: 2\n',
      expect.stringMatching(/^1:11: minPairs: 2 is refused; allowed is a whole number from 3 to \d+$/),
    ],
    ['a duration that is none', 'settleSeconds: soon\n', `1:16: settleSeconds: "soon" is refused; ${DURATION}`],
    ['a unit that is none', 'soak:\n  shadowSeconds: 3mo\n', `2:18: soak.shadowSeconds: "3mo" is refused; ${DURATION}`],
    ['more than ten years', 'settleSeconds: 600w\n', `1:16: settleSeconds: "600w" is refused; ${DURATION}`],
    ['a negative duration', 'settleSeconds: -1\n', `1:16: settleSeconds: -1 is refused; ${DURATION}`],
    [
      'a duration beyond its own limit',
      'hooks: { shadow: { gate: { function: f, timeoutSeconds: 2m } } }\n',
      '1:57: hooks.shadow.gate.timeoutSeconds: "2m" is refused: from 1 s to 60 s',
    ],
    [
      'a duration with a limit of its own that is none',
      'hooks: { shadow: { gate: { function: f, timeoutSeconds: ten } } }\n',
      `1:57: hooks.shadow.gate.timeoutSeconds: "ten" is refused; ${DURATION}`,
    ],
    [
      'a word that is none',
      'automation: enforced\n',
      '1:13: automation: "enforced" is refused; did you mean enforce? allowed is observe, recommend or enforce',
    ],
    [
      'a list instead of a map',
      'soak: [3d, 7d]\n',
      '1:1: soak: a list of 2 is refused; allowed is a map with the fields shadowSeconds, reverseShadowSeconds',
    ],
    [
      'a list instead of a policy',
      '- automation: observe\n',
      '1:1: this is a list; a policy is a map of fields, each `field: value`',
    ],
    [
      'a text instead of a policy',
      'observe\n',
      '1:1: this is a single value; a policy is a map of fields, each `field: value`',
    ],
    [
      'approvals of which nothing is said',
      'approvals:\n  cleanup:\n',
      '2:3: approvals.cleanup: nothing is refused; allowed is a map with the fields quorum, from, expiresSeconds, allowClaimed, byOthers',
    ],
    [
      'more approvals than there are approvers',
      `approvals:\n  cleanup:\n    from: [${ONE_USER}]\n    quorum: 2\n`,
      '4:13: approvals.cleanup.quorum: 2 is refused: more different people than `from` names can never sign off',
    ],
    [
      'a criterion that could never fail',
      'criteria:\n  landingLatency:\n    breaches: 5\n    of: 3\n',
      '3:15: criteria.landingLatency.breaches: 5 is refused: more breaches than the newest pairs that are looked at (`of`) can never happen',
    ],
    [
      'a criterion that is switched on with a word',
      'criteria:\n  landingLatency: yes please\n',
      expect.stringMatching(
        /^2:19: criteria\.landingLatency: "yes please" is refused; allowed is a map with the fields .*, or false$/,
      ),
    ],
    [
      'data quality that does not gate',
      'criteria: { dataQuality: { gate: false } }\n',
      '1:34: criteria.dataQuality.gate: false is refused; allowed is true (data quality is always judged and always gates)',
    ],
    [
      'a limit of the fleet',
      'promotionsPerSweep: 9\n',
      '1:1: promotionsPerSweep: a limit of the fleet, which no policy can change; it belongs in fleet.yaml',
    ],
    [
      'another name than its file has',
      'name: other\n',
      '1:7: name: "other" is refused; a policy is named as its file, which is wrong: leave it out',
    ],
    ['a key said twice', 'minPairs: 8\nminPairs: 9\n', '2:1: minPairs: said twice in the same map; keep one of them'],
    ['a tab that indents', 'soak:\n\tshadowSeconds: 3d\n', '2:1: a tab indents this line, where YAML wants spaces'],
    ['broken syntax', 'soak: { shadowSeconds: 3d\n', expect.stringMatching(/^2:1: this is no YAML: .*}/)],
    [
      'a tag of a language',
      'automation: !!js/function observe\n',
      expect.stringMatching(/^1:13: an unknown tag; policies are plain/),
    ],
    [
      'two documents',
      'minPairs: 8\n---\nminPairs: 9\n',
      '2:1: a second document begins after this one; each policy is a file of its own',
    ],
    ['nothing', '', '1:1: the file says nothing; an empty policy is written as {}, with every field at its default'],
    [
      'nothing but a comment',
      '# later\n',
      '1:1: the file says nothing; an empty policy is written as {}, with every field at its default',
    ],
    [
      'text that is not UTF-8',
      Buffer.from('minPairs: 8\n# caf\xe9\n', 'latin1'),
      '2:1: this line is no UTF-8 text; save the file as UTF-8',
    ],
    ['far too much', `# ${'x'.repeat(70_000)}\n`, '1:1: the file has 70003 bytes, 65536 are allowed'],
    [
      'a key that objects swallow',
      '__proto__: { minPairs: 3 }\n',
      `1:1: __proto__: no such field; allowed are ${FIELDS}`,
    ],
    [
      'aliases that refer to each other',
      `a: &a [${'x,'.repeat(99)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`,
      '1:1: aliases in the file refer to each other too often to be a policy',
    ],
    [
      'a parent that is not there',
      'extends: defualt\n',
      '1:10: extends: no policy "defualt" in this folder; did you mean default? there are default',
    ],
    [
      'the fleet as a parent',
      'extends: fleet\n',
      '1:10: extends: "fleet" is refused; fleet.yaml has the limits of the fleet and is no policy',
    ],
    [
      'itself as a parent',
      'extends: wrong\n',
      '1:10: extends: wrong -> wrong is a cycle; one of them has to extend nothing, or a policy outside of it',
    ],
    [
      'two parents',
      'extends: [default, other]\n',
      '1:1: extends: a list of 2 is refused; allowed is the name of one policy',
    ],
  ])('%s', (_, content, message) => {
    const wanted = typeof message === 'string' ? `wrong.yaml:${message}` : expect.any(String);
    const [problem, ...more] = problemsOf({ 'wrong.yaml': content });
    expect(problem).toEqual(wanted);
    expect(problem?.replace('wrong.yaml:', '')).toEqual(message);
    expect(more).toEqual([]);
  });

  it('a limit of the fleet that is out of range, and a field of policies among them', () => {
    expect(problemsOf({ 'fleet.yaml': 'breaker:\n  demotedShare: 10\nminPairs: 3\n' })).toEqual([
      'fleet.yaml:2:17: breaker.demotedShare: 10 is refused; allowed is a number from 0 to 1',
      'fleet.yaml:3:1: minPairs: a field of policies, which the limits of the fleet do not have',
    ]);
  });

  it('a file that cannot name a policy, and two files of one name', () => {
    expect(problemsOf({ 'Strict.yaml': '{}', 'default.yml': '{}' })).toEqual([
      'Strict.yaml:1:1: "Strict" is no name for a policy: it begins with a lower case letter, then up to 62 lower case letters, digits and dashes; rename the file',
      'default.yml:1:1: default.yaml is policy default already; keep one of the two files',
    ]);
  });
});

describe('what is refused', () => {
  it('is told of all files at once, by file and line', () => {
    const files = {
      'b.yaml': 'minPairs: 1\nautomation: no\n',
      'a.yaml': 'soak: {\n',
      'fleet.yaml': 'promotionsPerSweep: -1\n',
    };
    expect(problemsOf(files).map((line) => line.split(' ')[0])).toEqual([
      'a.yaml:2:1:',
      'b.yaml:1:11:',
      'b.yaml:2:13:',
      'fleet.yaml:1:21:',
    ]);
  });

  it('names the folder and says what to do next', () => {
    const folder = aPolicyFolder({ 'a.yaml': 'flapping: { demotions: 1 }\n' });
    expect(() => readPolicies(folder)).toThrow(PoliciesRefused);
    expect(() => readPolicies(folder)).toThrow(
      `policies in ${folder} are refused, one problem:\n${folder}/a.yaml:1:24: flapping.demotions: 1 is refused; ${DEMOTIONS}\nmend these lines; \`crossfade policy check\` reads them again`,
    );
  });

  it('shows of a value that may be a secret only how it begins, and of a long one only a part', () => {
    const [secret] = problemsOf({ 'a.yaml': 'automation: wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY\n' });
    expect(secret).toContain('automation: "wJal..." (38 characters) is refused');
    const [long] = problemsOf({ 'a.yaml': `automation: ${'observe '.repeat(500)}\n` });
    expect(long).toContain('(3999 characters) is refused');
    expect(long!.length).toBeLessThan(200);
  });

  it('never carries control characters from a file to a terminal', () => {
    const [problem] = problemsOf({ 'a.yaml': '"\\e]0;pwned\\a": 1\n' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(problem).not.toMatch(/[\u0000-\u001f]/);
  });
});
