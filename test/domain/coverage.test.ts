/** What a job must have been seen to do before it is promoted. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import type { Verdict } from '../../lib/domain/verdict.ts';
import { aReadyCase, sealedPairs } from './cases.ts';

const { criteria } = policySchema.parse({ name: 'default' });

function coverageOf(phase: 'shadow' | 'reverse-shadow', wanted: object, given: (index: number) => Partial<Pair>) {
  const { coverage } = policySchema.parse({ name: 'p', criteria: { coverage: { shadow: wanted } } }).criteria;
  const facts = aReadyCase(phase, {
    evidence: { recent: sealedPairs(24, given) },
    policy: { criteria: { ...criteria, coverage } },
  });
  const decision = evaluate(facts);
  const verdict = decision.verdicts.find(({ criterion }) => criterion === 'coverage') as Verdict | undefined;
  return { decision, verdict };
}

const day = (first: number) => (index: number) => ({
  partition: `2026-10-${String(first - (index % first) || 1).padStart(2, '0')}`,
});

describe('coverage', () => {
  it('keeps a job from being promoted until all that is wanted was seen, and says what is not', () => {
    const { decision, verdict } = coverageOf('shadow', { weekend: true, monthEnds: 1, backfills: 2 }, day(30));
    expect(verdict).toMatchObject({ outcome: 'missing', sample: { pairs: 1, needed: 3 } });
    expect(verdict?.message).toBe('not seen yet: 0 of 1 month ends, 0 of 2 backfills');
    expect(decision.kind).toBe('hold');
    expect(decision.message).toContain('coverage is missing');
  });

  it('passes once it was', () => {
    const { decision, verdict } = coverageOf('shadow', { weekday: true, weekend: true, monthEnds: 1 }, day(31));
    expect(verdict).toMatchObject({ outcome: 'pass', message: 'seen: a weekday, a weekend, 1 of 1 month ends' });
    expect(decision).toMatchObject({ kind: 'promote', to: 'reverse-shadow' });
  });

  it('is no criterion where the policy wants nothing, or something in another phase only', () => {
    expect(coverageOf('shadow', {}, day(30)).verdict).toBeUndefined();
    expect(coverageOf('reverse-shadow', { monthEnds: 1 }, day(30)).verdict).toBeUndefined();
  });

  it('does not count what mismatched: a month end that went wrong was not covered', () => {
    const wrong = (index: number): Partial<Pair> =>
      index === 0 ? { partition: '2026-10-31', outcome: 'mismatch' } : day(30)(index);
    expect(coverageOf('shadow', { monthEnds: 1 }, wrong).verdict).toMatchObject({ outcome: 'missing' });
  });

  it('never demotes', () => {
    expect(coverageOf('reverse-shadow', { monthEnds: 12 }, day(30)).decision.kind).not.toBe('demote');
  });
});
