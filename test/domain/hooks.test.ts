/** What a policy may say of hooks, what an answer may be, and by which key a question is known. */
import { describe, expect, it } from 'vitest';
import { hookRequestSchema, keyOfHook, parseHookAnswer } from '../../lib/domain/hook.ts';
import { type HookStep, listHookFunctions } from '../../lib/domain/hook-policy.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { aJob } from '../builders/records.ts';
import { DAY } from './cases.ts';
import { BOTH, GATE, GATED, hooksOf, REMOVES } from './hook-cases.ts';

const issueOf = (hooks: object) => {
  const parsed = policySchema.safeParse({ name: 'p', hooks });
  const issue = parsed.success ? undefined : parsed.error.issues[0];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
};

describe('a policy', () => {
  it('asks no hook unless it says so, waits a minute at most, and trusts no hook to end a migration', () => {
    expect(policySchema.parse({ name: 'p' }).hooks).toEqual({});
    expect(GATED['reverse-shadow']?.gate).toEqual({ function: 'orders-gate', timeoutSeconds: 60, validSeconds: DAY });
    expect(hooksOf({ complete: {} }).complete?.confirmRemoval).toBe('operator');
  });

  it.each<[string, object, string]>([
    ['a wildcard', { cleanup: { settle: { function: 'orders-*' } } }, 'no wildcard'],
    ['an ARN of something else', { cleanup: { settle: { function: 'arn:aws:sqs:us-east-1:123456789012:q' } } }, 'ARN'],
    ['more than a minute', { cleanup: { gate: { ...GATE, timeoutSeconds: '2m' } } }, 'from 1 s to 60 s'],
    ['no time at all', { cleanup: { gate: { ...GATE, timeoutSeconds: 0 } } }, 'from 1 s to 60 s'],
    ['a pass that is over at once', { cleanup: { gate: { ...GATE, validSeconds: '1m' } } }, 'at least 600 s'],
    ['a gate before pending', { pending: { gate: GATE, settle: GATE } }, 'hooks.pending: Unrecognized key: "gate"'],
    ['a prepare hook at the end', { complete: { prepare: GATE } }, 'hooks.complete: Unrecognized key: "prepare"'],
    ['a step that does not exist', { cleanup: { before: GATE } }, 'Unrecognized key: "before"'],
    ['trust in a hook that is not there', { complete: { confirmRemoval: 'hook' } }, 'hooks.complete.confirmRemoval'],
  ])('refuses %s, and says what is allowed', (_, hooks, said) => {
    expect(issueOf(hooks)).toContain(said);
  });

  it.each(['orders-gate', 'orders-gate:live', 'arn:aws:lambda:eu-west-1:123456789012:function:orders-gate:7'])(
    'takes %s for a function',
    (name) => expect(issueOf({ cleanup: { gate: { function: name } } })).toBeUndefined(),
  );

  it('lists every function that is named, once: what a deployment may invoke', () => {
    const policies = [BOTH, REMOVES, GATED, hooksOf({})].map((hooks) => ({ hooks }));
    expect(listHookFunctions(policies)).toEqual(['orders-gate', 'orders-prepare', 'orders-remove']);
  });
});

describe('an answer', () => {
  it.each<[HookStep, object]>([
    ['gate', { schemaVersion: 1, answer: 'pass' }],
    ['prepare', { schemaVersion: 1, answer: 'not-yet', message: 'the table is being copied', retryAfterSeconds: 600 }],
    ['settle', { schemaVersion: 1, answer: 'fail', message: 'no such DAG' }],
    ['remove', { schemaVersion: 1, answer: 'pass', removed: true }],
    ['remove', { schemaVersion: 1, answer: 'not-yet', removed: false }],
  ])('of a %s hook may be %j', (step, answer) => {
    expect(parseHookAnswer(step, answer)).toEqual(answer);
  });

  it.each<[string, HookStep, unknown, string]>([
    ['nothing', 'gate', null, 'the answer: null is no answer'],
    ['a text', 'gate', 'pass', 'the answer: "pass" is no answer'],
    ['a list', 'gate', [], 'the answer'],
    ['another word', 'gate', { schemaVersion: 1, answer: 'ok' }, 'answer: "ok" is no answer'],
    ['no version', 'gate', { answer: 'pass' }, 'schemaVersion: nothing is no answer'],
    ['a later version', 'gate', { schemaVersion: 2, answer: 'pass' }, 'schemaVersion: 2 is no answer'],
    [
      'an unknown key',
      'gate',
      { schemaVersion: 1, answer: 'pass', ok: 1 },
      'allowed are schemaVersion, answer, message',
    ],
    ['a removal by a gate', 'gate', { schemaVersion: 1, answer: 'pass', removed: true }, 'removed'],
    ['a pass that removed nothing', 'remove', { schemaVersion: 1, answer: 'pass' }, 'removed: nothing is no answer'],
    ['a removal that failed', 'remove', { schemaVersion: 1, answer: 'fail', removed: true }, 'belong together'],
    [
      'a wait of a week',
      'gate',
      { schemaVersion: 1, answer: 'not-yet', retryAfterSeconds: 604_800 },
      'retryAfterSeconds',
    ],
  ])('refuses %s, and names the field, the value and what is allowed', (_, step, answer, said) => {
    expect(parseHookAnswer(step, answer)).toEqual({ malformed: expect.stringContaining(said) });
  });

  it('is one line of a bounded length, whatever the hook said', () => {
    const message = `first\nsecond\u001b[2J ${'x'.repeat(5_000)}`;
    const parsed = parseHookAnswer('gate', { schemaVersion: 1, answer: 'fail', message });
    expect(parsed).toMatchObject({ message: expect.stringMatching(/^first second \[2J x+\.\.\.$/) });
    expect('message' in parsed && parsed.message!.length).toBeLessThan(510);
  });

  it('is cut between characters: half of one is no text that a table takes', () => {
    const parsed = parseHookAnswer('gate', {
      schemaVersion: 1,
      answer: 'fail',
      message: `${'x'.repeat(499)}${'🚀'.repeat(9)}`,
    });
    expect('message' in parsed && parsed.message!.isWellFormed()).toBe(true);
    const wrong = parseHookAnswer('gate', { schemaVersion: 1, answer: '🚀'.repeat(99) });
    expect('malformed' in wrong && wrong.malformed.isWellFormed()).toBe(true);
  });

  it('refuses what is hostile, and shows one line of it', () => {
    const polluting = JSON.parse('{"schemaVersion":1,"answer":"pass","__proto__":{"removed":true}}') as unknown;
    for (const step of ['gate', 'remove'] as const)
      expect(parseHookAnswer(step, polluting)).toMatchObject({ malformed: expect.stringMatching(/^.{1,300}$/) });
    for (const value of [null, [], 'pass', 7, { schemaVersion: 1, answer: ['pass'] }, { schemaVersion: 1, answer: {} }])
      expect(parseHookAnswer('gate', value)).toHaveProperty('malformed');
  });
});

describe('the key of a question', () => {
  it('stays while the question is the same, and changes with the epoch, the phase, the step and the round', () => {
    const job = aJob({ jobId: 'orders', epoch: 3 });
    expect(keyOfHook(job, 'cleanup', 'gate')).toBe('orders/3/cleanup/gate');
    expect(keyOfHook(aJob({ jobId: 'orders', epoch: 3, version: 99 }), 'cleanup', 'gate')).toBe(
      'orders/3/cleanup/gate',
    );
    const others = [
      keyOfHook({ ...job, epoch: 4 }, 'cleanup', 'gate'),
      keyOfHook(job, 'complete', 'gate'),
      keyOfHook(job, 'cleanup', 'prepare'),
      keyOfHook(job, 'cleanup', 'gate', 2),
    ];
    expect(new Set([keyOfHook(job, 'cleanup', 'gate'), ...others]).size).toBe(5);
  });

  it('is in every request, of which the schema knows no field too many', () => {
    expect(hookRequestSchema.safeParse({ schemaVersion: 1, step: 'gate' }).success).toBe(false);
  });
});
