import { describe, expect, it } from 'vitest';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { aReadyCase } from './cases.ts';
import { aCaseOf, outcomeOf, policyOf, type Shape, verdictOf } from './tested-cases.ts';

describe('a custom criterion', () => {
  const of = (given: object) =>
    policyOf({ criteria: { custom: [{ name: 'rejected', metric: 'rejectedRows', floor: 10, ...given }] } });
  const rejected =
    (old: number, next: number): Shape =>
    () => ({ metrics: { rejectedRows: { old, new: next } } });

  it('passes and fails by its own test, under its own name', () => {
    const policy = of({});
    expect(outcomeOf(aCaseOf(60, rejected(500, 500), { policy }), 'custom:rejected')).toBe('pass');
    const facts = aCaseOf(60, rejected(500, 1_000), { policy });
    expect(verdictOf(facts, 'custom:rejected').message).toContain('custom:rejected: new is 1.9');
    expect(evaluate(facts)).toMatchObject({ kind: 'demote', reason: 'custom-failed' });
  });

  it('turns round where higher is better', () => {
    const policy = of({ better: 'higher' });
    expect(outcomeOf(aCaseOf(60, rejected(500, 1_000), { policy }), 'custom:rejected')).toBe('pass');
    expect(outcomeOf(aCaseOf(60, rejected(1_000, 500), { policy }), 'custom:rejected')).toBe('fail');
  });

  it('below its floor is no regression', () => {
    expect(outcomeOf(aCaseOf(60, rejected(0, 1), { policy: of({ floor: 100 }) }), 'custom:rejected')).toBe('pass');
  });

  it('by a limit is judged pair by pair', () => {
    const policy = of({ rule: 'limit', ratio: 3 });
    const late =
      (bad: number): Shape =>
      (index) =>
        rejected(500, index >= 60 - bad ? 1_600 : 500)(index);
    expect(outcomeOf(aCaseOf(60, late(0), { policy }), 'custom:rejected')).toBe('pass');
    expect(outcomeOf(aCaseOf(60, late(2), { policy }), 'custom:rejected')).toBe('inconclusive');
    expect(outcomeOf(aCaseOf(60, late(3), { policy }), 'custom:rejected')).toBe('fail');
  });

  it('by a limit is missing while one system alone reports it, and says nothing of pairs with another input', () => {
    const policy = of({ rule: 'limit', ratio: 3 });
    const silent: Shape = (index) =>
      index % 2 === 0 ? { metrics: { rejectedRows: { old: 500 } } } : rejected(500, 500)(index);
    expect(outcomeOf(aCaseOf(60, silent, { policy }), 'custom:rejected')).toBe('missing');
    const other: Shape = (index) =>
      index >= 56 ? { ...rejected(500, 9_000)(index), outcome: 'incomparable' } : rejected(500, 500)(index);
    expect(outcomeOf(aCaseOf(60, other, { policy }), 'custom:rejected')).toBe('pass');
  });

  it('is missing where nobody reports the metric, and keeps the job where it is', () => {
    const facts = aCaseOf(60, () => ({}), { policy: of({}) });
    expect(outcomeOf(facts, 'custom:rejected')).toBe('missing');
    expect(evaluate(facts).kind).toBe('hold');
  });

  it('as a dry run decides nothing', () => {
    const decision = evaluate(aCaseOf(60, rejected(500, 1_000), { policy: of({ gate: false }) }));
    expect(decision.kind).toBe('promote');
    expect(decision.verdicts.find(({ criterion }) => criterion === 'custom:rejected')).toMatchObject({
      outcome: 'fail',
      gates: false,
    });
  });

  it('is not judged in cleanup, where the old system reports nothing', () => {
    const facts = { ...aReadyCase('cleanup'), policy: of({}) };
    expect(assessCriteria(facts).map(({ criterion }) => criterion)).toEqual(['landingLatency', 'resourceUtilization']);
  });
});
