import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Controls } from '../../lib/domain/controls.ts';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import type { Hold } from '../../lib/domain/job.ts';
import { demotionFrom, findTransition, PHASES, type Phase } from '../../lib/domain/phases.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aStanding } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR, lonePairs, sealedPairs } from './cases.ts';

type Given = NonNullable<Parameters<typeof aReadyCase>[1]>;
type Swapped = 'reverse-shadow' | 'cleanup';

/** A case in which something has regressed: a mismatch in reverse shadow, resources in cleanup. */
function aRegressedCase(phase: Swapped, given: Given = {}): Evaluation {
  const evidence =
    phase === 'cleanup'
      ? { recent: lonePairs(24, { newComputeSeconds: 9_000 }) }
      : { recent: sealedPairs(24), standing: [aStanding({ epoch: EPOCH, changedAt: toMs(ago(HOUR)) })] };
  return aReadyCase(phase, { ...given, evidence: { ...evidence, ...given.evidence } });
}

const by = { actor: 'ann', reason: 'month end', at: ago(HOUR) };
const hold = (scope: Hold['scope'], until?: string): Hold => ({ scope, ...by, ...(until && { until }) });
const paused = (scope: Hold['scope'], until?: string): Controls => ({ version: 3, pause: hold(scope, until) });

describe('automatic decisions', () => {
  const CELLS = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));
  it.each(CELLS)('%s -> %s is decided only where a policy may', (from, to) => {
    const rule = findTransition(from, to);
    const cases = [
      aReadyCase(from),
      ...(from === 'reverse-shadow' || from === 'cleanup' ? [aRegressedCase(from)] : []),
    ];
    const decided = cases.map(evaluate).filter((decision) => decision.kind !== 'hold');
    expect(decided.some((decision) => decision.to === to)).toBe(rule?.by === 'policy');
  });

  it('a complete job is final', () => {
    expect(evaluate(aReadyCase('complete'))).toMatchObject({ kind: 'hold', reason: 'final-phase', verdicts: [] });
  });

  it('a mismatch in shadow demotes nobody: it keeps the job where it is, with the reason', () => {
    const standing = [aStanding({ epoch: EPOCH, changedAt: toMs(ago(HOUR)) })];
    const decision = evaluate(aReadyCase('shadow', { evidence: { standing } }));
    expect(decision).toMatchObject({ kind: 'hold', reason: 'need-not-met', to: 'reverse-shadow' });
    expect(decision.message).toContain('1 partitions mismatch (0 allowed)');
  });
});

describe('a demotion', () => {
  it.each([
    ['reverse-shadow', 'shadow', 'data-quality-failed'],
    ['cleanup', 'reverse-shadow', 'resource-utilization-failed'],
  ] as const)('out of %s says which criterion failed, and with which numbers', (phase, to, reason) => {
    const decision = evaluate(aRegressedCase(phase));
    expect(decision).toMatchObject({ kind: 'demote', to, reason });
    expect(decision.message).toMatch(/\d.*\d/);
  });

  it.each([
    ['latency', { newLagSeconds: 90_000 }, 'landing-latency-failed'],
    ['resources', { newStorageBytes: 9e12 }, 'resource-utilization-failed'],
  ])('for %s happens while the old side is alive', (_, bad, reason) => {
    const alive = aReadyCase('reverse-shadow', { evidence: { recent: sealedPairs(24, bad) } });
    expect(evaluate(alive)).toMatchObject({ kind: 'demote', reason });
  });

  it.each([
    ['latency', { newLagSeconds: 90_000 }],
    ['resources', { newComputeSeconds: 90_000 }],
  ])('for %s does not happen when the old side is dead: that would be an outage', (_, bad) => {
    const recent = sealedPairs(24, { ...bad, oldLandedAt: toMs(ago(3 * DAY)) });
    const decision = evaluate(aReadyCase('reverse-shadow', { evidence: { recent } }));
    expect(decision).toMatchObject({ kind: 'hold', reason: 'old-not-alive', to: 'shadow' });
  });

  it('for data quality happens even then: production is wrong', () => {
    const recent = sealedPairs(24, { oldLandedAt: toMs(ago(3 * DAY)) });
    expect(evaluate(aRegressedCase('reverse-shadow', { evidence: { recent } })).kind).toBe('demote');
  });

  it('out of cleanup needs no living old side: it is started again by it', () => {
    expect(evaluate(aRegressedCase('cleanup'))).toMatchObject({ kind: 'demote', to: 'reverse-shadow' });
  });

  it('goes before any promotion that would be ready', () => {
    const standing = [aStanding({ epoch: 1, changedAt: toMs(ago(HOUR)) })];
    expect(evaluate(aReadyCase('reverse-shadow', { evidence: { standing } })).kind).toBe('demote');
  });

  it('a policy that recommends commits demotions itself', () => {
    const facts = aRegressedCase('reverse-shadow', { policy: { automation: 'recommend' } });
    expect(evaluate(facts).kind).toBe('demote');
  });
});

describe('what keeps a demotion from happening', () => {
  const blockers = fc.record(
    {
      hold: fc.constantFrom('promotions' as const),
      pause: fc.constantFrom('promotions' as const),
      breaker: fc.boolean(),
      flapping: fc.boolean(),
      cooldown: fc.boolean(),
      soak: fc.boolean(),
      recommend: fc.boolean(),
      proposal: fc.boolean(),
      awaitingOld: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  type Blockers = typeof blockers extends fc.Arbitrary<infer T> ? T : never;
  const given = (one: Blockers, phase: Swapped): Given => ({
    job: {
      ...(one.hold !== undefined && { hold: hold('promotions') }),
      ...(one.flapping && { demotedAt: Array.from({ length: 10 }, (_, i) => ago(i * HOUR)) }),
      ...(one.cooldown && { cooldownUntil: ago(-DAY) }),
      ...(one.soak && { phaseSince: ago(2 * HOUR) }),
      ...(one.awaitingOld && phase === 'reverse-shadow' && { awaitingOld: true }),
      ...(one.proposal && {
        proposal: { to: 'cleanup' as const, kind: 'promotion' as const, reason: 'ready', at: ago(HOUR) },
      }),
    },
    controls: {
      version: 3,
      ...(one.pause !== undefined && { pause: hold('promotions') }),
      ...(one.breaker && { breakerOpenUntil: ago(-DAY) }),
    },
    ...(one.recommend && { policy: { automation: 'recommend' } }),
  });

  it('no hold of promotions, pause of promotions, breaker, flapping, cooldown or soak, in any combination', () => {
    fc.assert(
      fc.property(blockers, fc.constantFrom('reverse-shadow', 'cleanup'), (one, phase) => {
        expect(evaluate(aRegressedCase(phase, given(one, phase))).kind).toBe('demote');
      }),
    );
  });

  it.each<[string, Given, string]>([
    ['a hold of everything', { job: { hold: hold('all') } }, 'held'],
    ['a pause of everything', { controls: paused('all') }, 'paused'],
    ['a policy that only observes', { policy: { automation: 'observe' } }, 'automation-observe'],
  ])('%s does, and says why it would have been', (_, blocked, reason) => {
    for (const phase of ['reverse-shadow', 'cleanup'] as const) {
      const decision = evaluate(aRegressedCase(phase, blocked));
      expect(decision).toMatchObject({ kind: 'hold', reason, to: demotionFrom(phase)?.to });
      expect(decision.message).toContain('although');
    }
  });

  it.each<[string, Given]>([
    ['a hold of everything that has expired', { job: { hold: hold('all', ago(0)) } }],
    ['a pause of everything that has expired', { controls: paused('all', ago(0)) }],
  ])('not %s', (_, expired) => {
    expect(evaluate(aRegressedCase('reverse-shadow', expired)).kind).toBe('demote');
  });
});

describe('what keeps a promotion from happening', () => {
  const PROMOTED: Phase[] = ['pending', 'shadow', 'reverse-shadow'];
  it.each<[string, Given, string]>([
    ['a hold of promotions', { job: { hold: hold('promotions') } }, 'held'],
    ['a hold of everything', { job: { hold: hold('all') } }, 'held'],
    ['a pause of promotions', { controls: paused('promotions') }, 'paused'],
    ['a pause of everything', { controls: paused('all') }, 'paused'],
    ['an open breaker', { controls: { version: 3, breakerOpenUntil: ago(-1) } }, 'paused'],
    ['a policy that observes', { policy: { automation: 'observe' } }, 'automation-observe'],
    ['a policy that recommends', { policy: { automation: 'recommend' } }, 'automation-recommend'],
  ])('%s, from every phase', (_, given, reason) => {
    for (const phase of PROMOTED) {
      const decision = evaluate(aReadyCase(phase, given));
      expect({ phase, kind: decision.kind, reason: decision.reason }).toEqual({ phase, kind: 'hold', reason });
      expect(decision.to).toBeDefined();
    }
  });

  it.each<[string, Given]>([
    ['a hold that has expired', { job: { hold: hold('all', ago(0)) } }],
    ['a pause that has expired', { controls: paused('all', ago(0)) }],
    ['a breaker that has closed', { controls: { version: 3, breakerOpenUntil: ago(0) } }],
  ])('not %s', (_, given) => {
    for (const phase of PROMOTED) expect(evaluate(aReadyCase(phase, given)).kind).toBe('promote');
  });

  it('a hold that has not expired says who, and why', () => {
    const { message } = evaluate(aReadyCase('shadow', { job: { hold: hold('promotions', ago(-1)) } }));
    expect(message).toBe('held by ann: month end');
  });
});
