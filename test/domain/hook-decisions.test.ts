/** How decisions and attention read what hooks said: who waits, who is asked, who is demoted all the same. */
import { describe, expect, it } from 'vitest';
import { assessAttention } from '../../lib/domain/attention.ts';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import type { HookDebt, HookRecord } from '../../lib/domain/hook-record.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { NOW } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR } from './cases.ts';
import { answered, BOTH, GATE, GATED, hooksOf, REMOVES } from './hook-cases.ts';

describe('a job that is ready but for its hooks', () => {
  const decide = (hooks: Policy['hooks'], answers = {}, given: Parameters<typeof aReadyCase>[1] = {}) =>
    evaluate(
      aReadyCase('shadow', { ...given, job: { hooks: { answers }, ...given.job }, policy: { hooks, ...given.policy } }),
    );

  it.each<[string, Policy['hooks'], object, string]>([
    ['the gate was not asked', BOTH, {}, 'gate orders-gate has not been asked yet'],
    [
      'the gate said not yet',
      GATED,
      { gate: answered({ answer: 'not-yet', message: 'freeze', asked: 3, againAt: ago(-HOUR) }) },
      'gate orders-gate says not yet: freeze (asked 3 times since 2026-11-22T12:00:00.000Z; again not before 2026-11-22T14:00:00.000Z)',
    ],
    ['the gate failed', GATED, { gate: answered({ answer: 'fail', message: 'no' }) }, 'gate orders-gate says fail: no'],
    ['it gave no answer', GATED, { gate: answered({ answer: 'no-answer' }) }, 'gate orders-gate gave no answer'],
    ['the gate passed, and nothing is prepared', BOTH, { gate: answered() }, 'prepare orders-prepare has not been'],
    ['the gate passed in an earlier epoch', GATED, { gate: answered({ epoch: EPOCH - 1 }) }, 'has not been asked yet'],
    ['the gate passed before another phase', GATED, { gate: answered({ to: 'cleanup' }) }, 'has not been asked yet'],
    ['another gate passed', GATED, { gate: answered({ function: 'hotels-gate' }) }, 'has not been asked yet'],
    ['the gate passed long ago', GATED, { gate: answered({ at: ago(DAY + 1) }) }, 'passed at 2026-11-21T12:59:59.000Z'],
  ])('waits when %s, and says so', (_, hooks, answers, said) => {
    const decision = decide(hooks, answers);
    expect(decision).toMatchObject({ kind: 'hold', to: 'reverse-shadow', reason: 'not-prepared' });
    expect(decision.unmet).toEqual([{ need: 'prepared', message: decision.message }]);
    expect(decision.message).toContain(said);
  });

  it('is promoted when the gate passes and everything is prepared', () => {
    const prepared = answered({ function: 'orders-prepare' });
    expect(decide(BOTH, { gate: answered(), prepare: prepared })).toMatchObject({ kind: 'promote' });
    expect(decide(GATED, { gate: answered({ at: ago(DAY) }) })).toMatchObject({ kind: 'promote' });
  });

  it.each<[string, Parameters<typeof aReadyCase>[1], string]>([
    ['anything else is missing', { job: { phaseSince: ago(DAY) } }, 'need-not-met'],
    ['it is held', { job: { hold: { scope: 'promotions', actor: 'ann', reason: 'r', at: NOW } } }, 'held'],
    [
      'promotions are paused',
      { controls: { version: 1, pause: { scope: 'promotions', actor: 'a', reason: 'r', at: NOW } } as never },
      'paused',
    ],
    ['the breaker is open', { controls: { version: 1, breakerOpenUntil: ago(-HOUR) } }, 'paused'],
    ['the policy only observes', { policy: { automation: 'observe' } }, 'automation-observe'],
  ])('has no hook asked while %s', (_, given, reason) => {
    expect(decide(GATED, {}, given)).toMatchObject({ kind: 'hold', reason });
  });

  it('is recommended only when its hooks have said their word', () => {
    const recommend = { policy: { automation: 'recommend' as const } };
    expect(decide(GATED, {}, recommend)).toMatchObject({ reason: 'not-prepared' });
    expect(decide(GATED, { gate: answered() }, recommend)).toMatchObject({ reason: 'automation-recommend' });
  });

  it('waits for a person as ever where it names no hook for the way ahead', () => {
    expect(decide(REMOVES)).toMatchObject({ kind: 'promote' });
  });
});

describe('the end of a migration', () => {
  const end = (hooks: Policy['hooks'], answers = {}, policy: Partial<Policy> = {}) =>
    evaluate(aReadyCase('cleanup', { job: { hooks: { answers } }, policy: { hooks, ...policy } }));
  const removed = answered({ function: 'orders-remove', to: 'complete' });
  const byOperator = { ...REMOVES, complete: { ...REMOVES.complete!, confirmRemoval: 'operator' as const } };

  it("is a person's to confirm where no hook removes, under every automation", () => {
    expect(end(hooksOf({}))).toMatchObject({ kind: 'hold', reason: 'awaiting-operator' });
  });

  it('waits for the hook that removes, which is asked when nothing else is missing', () => {
    expect(end(REMOVES)).toMatchObject({
      kind: 'hold',
      reason: 'not-prepared',
      unmet: [{ need: 'removal-confirmed' }],
    });
  });

  it('comes by the word of the hook only where the policy takes it', () => {
    expect(end(REMOVES, { remove: removed })).toMatchObject({
      kind: 'promote',
      to: 'complete',
      reason: 'removal-confirmed',
    });
    expect(end(byOperator, { remove: removed })).toMatchObject({
      kind: 'hold',
      reason: 'awaiting-operator',
      message: expect.stringContaining('orders-remove says'),
    });
  });

  it.each(['observe', 'recommend'] as const)(
    'has no hook remove anything under a policy that would %s',
    (automation) => {
      expect(end(REMOVES, {}, { automation }).reason).not.toBe('not-prepared');
      expect(end(REMOVES, { remove: removed }, { automation }).kind).toBe('hold');
    },
  );
});

describe('attention', () => {
  const attentionOf = (facts: Evaluation) => assessAttention(facts, evaluate(facts));
  const withAnswer = (given: Partial<HookRecord>) =>
    aReadyCase('shadow', { job: { hooks: { answers: { gate: answered(given) } } }, policy: { hooks: GATED } });

  it.each<[string, Partial<HookRecord>, string]>([
    ['a gate that fails', { answer: 'fail', message: 'open incident' }, 'failed: open incident'],
    ['a gate that fails without a word', { answer: 'fail' }, 'failed'],
    [
      'a gate that never answers',
      { answer: 'no-answer', message: 'no answer within 60 s' },
      'gave no answer: no answer within 60 s',
    ],
  ])('is called by %s, with the reason', (_, given, message) => {
    expect(attentionOf(withAnswer(given))).toEqual({
      kind: 'hook-failed',
      cause: 'gate before reverse-shadow',
      message,
      since: NOW,
    });
  });

  it('is not called by a gate that passes or says not yet, nor by the answer of an epoch that is over', () => {
    for (const given of [{}, { answer: 'not-yet' }, { answer: 'fail', epoch: EPOCH - 1 }] as const)
      expect(attentionOf(withAnswer(given))).toBeUndefined();
  });

  it('is called by a hook that will not be told', () => {
    const debt: HookDebt = {
      from: 'reverse-shadow',
      to: 'shadow',
      kind: 'demotion',
      version: 9,
      epoch: EPOCH,
      at: ago(HOUR),
      reason: 'r',
      last: answered({ answer: 'fail', message: 'no' }),
    };
    const facts = aReadyCase('shadow', {
      job: { hooks: { debts: [debt] } },
      policy: { hooks: hooksOf({ shadow: { settle: { function: 'orders-told' } } }) },
    });
    expect(attentionOf(facts)).toMatchObject({
      kind: 'hook-failed',
      cause: 'settle after reverse-shadow -> shadow',
      message: 'failed: no',
    });
  });

  it('goes to a regression first', () => {
    const facts = aReadyCase('reverse-shadow', {
      job: { hooks: { answers: { gate: answered({ answer: 'fail', to: 'cleanup' }) } } },
      policy: { hooks: hooksOf({ cleanup: { gate: GATE } }) },
    });
    const bad = {
      ...facts,
      evidence: {
        ...facts.evidence,
        recent: facts.evidence.recent.map((pair) => ({ ...pair, newLagSeconds: 90_000 })),
      },
    };
    expect(attentionOf(facts)).toMatchObject({ kind: 'hook-failed' });
    expect(attentionOf(bad)).toMatchObject({ kind: 'regressing' });
  });
});

describe('a regression', () => {
  it.each(['fail', 'no-answer', 'not-yet'] as const)(
    'is demoted although the gate says %s and hooks are owed',
    (answer) => {
      const debt: HookDebt = {
        from: 'shadow',
        to: 'reverse-shadow',
        kind: 'promotion',
        version: 9,
        epoch: EPOCH,
        at: ago(HOUR),
        reason: 'r',
      };
      const facts = aReadyCase('reverse-shadow', {
        job: { hooks: { answers: { gate: answered({ answer, to: 'cleanup' }) }, debts: [debt] } },
        policy: {
          hooks: hooksOf({
            cleanup: { gate: GATE },
            'reverse-shadow': { settle: GATE },
            shadow: { gate: GATE, settle: GATE },
          }),
        },
      });
      const slow = facts.evidence.recent.map((pair) => ({ ...pair, newLagSeconds: 90_000 }));
      expect(evaluate({ ...facts, evidence: { ...facts.evidence, recent: slow } })).toMatchObject({
        kind: 'demote',
        to: 'shadow',
      });
    },
  );
});
