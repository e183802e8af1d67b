import { describe, expect, it } from 'vitest';
import { assessAttention } from '../../lib/domain/attention.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { aReadyCase, sealedPairs } from './cases.ts';

const SLOW = { newLagSeconds: 90_000 };

function criteria(landingLatency: object | false): Policy['criteria'] {
  return policySchema.parse({ name: 'p', criteria: { landingLatency } }).criteria;
}

/** Everything is well but the latency, which breaches its hard limit in every pair. */
function aSlowCase(phase: 'shadow' | 'reverse-shadow', landingLatency: object | false) {
  return aReadyCase(phase, {
    evidence: { recent: sealedPairs(24, SLOW) },
    policy: { criteria: criteria(landingLatency) },
  });
}

describe('a criterion that does not gate', () => {
  const dryRun = { gate: false };

  it('is judged, and its verdict says that it decides nothing', () => {
    const { verdicts } = evaluate(aSlowCase('shadow', dryRun));
    const verdict = verdicts.find(({ criterion }) => criterion === 'landingLatency');
    expect(verdict).toMatchObject({
      outcome: 'fail',
      gates: false,
      message: expect.stringMatching(/ \(not gating\)$/),
    });
    const gating = evaluate(aSlowCase('shadow', {})).verdicts.find(({ criterion }) => criterion === 'landingLatency');
    expect(gating).not.toHaveProperty('gates');
    expect(verdict?.message).toBe(`${gating?.message} (not gating)`);
  });

  it('keeps no job from a promotion that it would stop if it gated', () => {
    expect(evaluate(aSlowCase('shadow', {})).kind).toBe('hold');
    expect(evaluate(aSlowCase('shadow', dryRun)).kind).toBe('promote');
  });

  it('demotes no job that it would demote if it gated, and calls nobody', () => {
    const gating = aSlowCase('reverse-shadow', {});
    expect(evaluate(gating)).toMatchObject({ kind: 'demote', reason: 'landing-latency-failed' });
    expect(assessAttention(gating, evaluate(gating))?.kind).toBe('regressing');
    const tried = aSlowCase('reverse-shadow', dryRun);
    expect(evaluate(tried).kind).toBe('promote');
    expect(assessAttention(tried, evaluate(tried))).toBeUndefined();
  });

  it('hides no other criterion that fails beside it', () => {
    const facts = aReadyCase('reverse-shadow', {
      evidence: { recent: sealedPairs(24, { ...SLOW, newComputeSeconds: 9_000 }) },
      policy: { criteria: criteria(dryRun) },
    });
    expect(evaluate(facts)).toMatchObject({ kind: 'demote', reason: 'resource-utilization-failed' });
  });

  it("may be one of a team's own", () => {
    const custom = (gate: boolean) =>
      policySchema.parse({ name: 'p', criteria: { custom: [{ name: 'cost', metric: 'dollars', floor: 1, gate }] } });
    const decide = (gate: boolean) => evaluate(aReadyCase('shadow', { policy: { criteria: custom(gate).criteria } }));
    expect(decide(true)).toMatchObject({ kind: 'hold', message: expect.stringContaining('custom:cost is missing') });
    expect(decide(false).kind).toBe('promote');
    expect(decide(false).verdicts.at(-1)).toMatchObject({ criterion: 'custom:cost', outcome: 'missing', gates: false });
  });
});

describe('a criterion that is not judged', () => {
  it('is the same whether the policy says `false` or `judge: false`', () => {
    expect(criteria({ judge: false, of: 10 })).toEqual(criteria(false));
    const { verdicts } = evaluate(aSlowCase('shadow', { judge: false }));
    expect(verdicts.map(({ criterion }) => criterion)).toEqual(['dataQuality', 'resourceUtilization']);
  });

  it('is never data quality, which always gates as well', () => {
    for (const setting of [false, { judge: false }, { gate: false }]) {
      expect(policySchema.safeParse({ name: 'p', criteria: { dataQuality: setting } }).success).toBe(false);
    }
    expect(policySchema.safeParse({ name: 'p', criteria: { dataQuality: { judge: true, gate: true } } }).success).toBe(
      true,
    );
  });
});
