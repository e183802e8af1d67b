import { describe, expect, it } from 'vitest';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Tally } from '../../lib/domain/evidence/tally.ts';
import type { Job } from '../../lib/domain/job.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';
import { DAY, EPOCH, HOUR } from './cases.ts';
import { aCaseOf, outcomeOf, pairOf, policyOf, type Shape, slower, verdictOf } from './tested-cases.ts';

describe('landing latency under the sequential test', () => {
  it('passes a job that is as fast as before, and shows what was seen beside what is wanted', () => {
    const { outcome, message, sample, numbers } = verdictOf(aCaseOf(60));
    expect(outcome).toBe('pass');
    expect(sample).toEqual({ pairs: 60, needed: 24 });
    expect(message).toMatch(/^lag: new is (0\.9\d|1\.0\d) times old \(typical of 60 pairs, spread \d+ %\)/);
    expect(message).toMatch(/evidence of more than 5 %: \d\S* of 100,000; evidence against 1\.3 times: \S+ of 20/);
    expect(message).toContain('autocorrelation');
    expect(message).toContain('0 of the newest 12 pairs breach a hard limit (4 fail)');
    expect(numbers).toMatchObject([
      {
        measure: 'lag',
        outcome: 'pass',
        pairs: 60,
        neededPairs: 24,
        threshold: 1e5,
        neededHealth: 20,
        tolerance: 0.05,
      },
    ]);
  });

  it('demotes a job that became twice as slow, which no single pair proves', () => {
    const decision = evaluate(aCaseOf(90, slower(2, 40)));
    expect(decision).toMatchObject({ kind: 'demote', reason: 'landing-latency-failed' });
    expect(decision.message).toMatch(/^landingLatency: lag: new is .* of 100,000/);
  });

  it('is inconclusive as long as neither is proven', () => {
    expect(outcomeOf(aCaseOf(60, slower(1.15)))).toBe('inconclusive');
    expect(evaluate(aCaseOf(60, slower(1.15))).kind).toBe('hold');
  });

  it('takes a failure back when the new system is as fast as before for long enough: it is not latched', () => {
    const once: Shape = (index) => (index >= 40 && index < 90 ? { factor: 2 } : {});
    expect(outcomeOf(aCaseOf(90, once))).toBe('fail');
    expect(outcomeOf(aCaseOf(400, once))).toBe('pass');
  });

  it('wants more pairs than the window remembers, where the policy says so', () => {
    const policy = policyOf({ minPairs: 100 });
    for (const criterion of ['landingLatency', 'dataQuality']) {
      expect(outcomeOf(aCaseOf(99, undefined, { policy }), criterion)).toBe('missing');
      expect(outcomeOf(aCaseOf(100, undefined, { policy }), criterion)).toBe('pass');
    }
  });

  it('is missing when the newest pair is too old, whatever was proven for the job before', () => {
    const later = (seconds: number) => outcomeOf(aCaseOf(60, undefined, { now: addSeconds(NOW, seconds - HOUR) }));
    expect(later(2 * DAY)).toBe('pass');
    expect(later(2 * DAY + 1)).toBe('missing');
  });

  it('keeps a proven regression however old it is', () => {
    const facts = aCaseOf(90, slower(2, 40), { now: addSeconds(NOW, 9 * DAY) });
    expect(outcomeOf(facts)).toBe('fail');
    expect(evaluate(facts)).toMatchObject({ kind: 'hold', reason: 'old-not-alive' });
  });

  it.each<[string, Partial<Job>, Partial<Tally>]>([
    ['epoch', { epoch: EPOCH + 1 }, {}],
    ['release', {}, { release: '0.9.0' }],
  ])('does not count what belongs to another %s', (_, job, of) => {
    const facts = aCaseOf(60, slower(2), { job });
    const tally = { ...facts.evidence.tally!, ...of };
    expect(outcomeOf({ ...facts, evidence: { ...facts.evidence, tally } })).toBe('missing');
  });

  it('is told nothing by backfills, which count as equal pairs', () => {
    const facts = aCaseOf(60, () => ({ backfill: true, newLagSeconds: 90 * HOUR }));
    expect(outcomeOf(facts)).toBe('missing');
    expect(verdictOf(facts, 'dataQuality')).toMatchObject({ outcome: 'pass', sample: { pairs: 60 } });
  });

  it('counts what was sealed since gather last wrote, and what is not sealed yet does not count', () => {
    const facts = aCaseOf(23);
    const fresh = (final: boolean, secondsAgo: number) => {
      const at = toMs(NOW) - secondsAgo * 1000;
      const pair = pairOf(99, 100, 1, { final, changedAt: at, oldLandedAt: at, newLandedAt: at });
      return { ...facts, evidence: { ...facts.evidence, recent: [pair, ...facts.evidence.recent] } };
    };
    expect(verdictOf(fresh(true, 60)).sample.pairs).toBe(24);
    expect(verdictOf(fresh(false, 901)).sample.pairs).toBe(24);
    expect(verdictOf(fresh(false, 60)).sample.pairs).toBe(23);
  });

  it('begins again with the pairs of the window when the policy asks another question', () => {
    const criteria = { landingLatency: { lag: { test: { detectableRatio: 1.5 } } } };
    const facts = { ...aCaseOf(60), policy: policyOf({ criteria }) };
    expect(verdictOf(facts)).toMatchObject({ outcome: 'pass', sample: { pairs: 24 } });
  });

  it('a threshold or an alpha that changes needs no pair anew', () => {
    const facts = aCaseOf(90, slower(2, 40));
    expect(outcomeOf({ ...facts, policy: policyOf({ statistics: { threshold: 1e9 } }) })).toBe('inconclusive');
    const healthy = aCaseOf(60);
    expect(
      verdictOf({ ...healthy, policy: policyOf({ statistics: { alpha: 0.001 } }) }).numbers![0]!.neededHealth,
    ).toBe(1000);
  });
});

describe('hard limits beside the test', () => {
  it('fail a gross regression at once, long before a test could', () => {
    const gross =
      (bad: number): Shape =>
      (index) =>
        index >= 60 - bad ? { newLagSeconds: 25 * HOUR } : {};
    expect(outcomeOf(aCaseOf(60, gross(4)))).toBe('fail');
    expect(verdictOf(aCaseOf(60, gross(4))).message).toContain('(x 10 allowed)');
    expect(outcomeOf(aCaseOf(60, gross(3)))).toBe('inconclusive');
  });

  it('leave to the test what noise alone can do: three times as late, six hours later', () => {
    const noisy: Shape = (index) =>
      index % 3 === 0 ? { newLagSeconds: 9 * HOUR } : index % 3 === 1 ? { oldLagSeconds: 9 * HOUR } : {};
    expect(outcomeOf(aCaseOf(60, noisy))).not.toBe('fail');
  });

  it('judge alone where the policy or the rhythm rules the test out', () => {
    const policy = policyOf({ criteria: { landingLatency: { method: 'hard-limits-only' } } });
    const doubled = slower(2);
    expect(verdictOf(aCaseOf(60, doubled, { policy }))).toMatchObject({ outcome: 'pass', sample: { needed: 12 } });
    const cadence = { everySeconds: 7 * DAY, timezone: 'UTC' };
    expect(verdictOf(aCaseOf(60, doubled, { job: { cadence } })).numbers).toBeUndefined();
    const tested = policyOf({ criteria: { landingLatency: { method: 'sequential' } } });
    expect(outcomeOf(aCaseOf(60, doubled, { job: { cadence }, policy: tested }))).toBe('fail');
  });
});

describe('resource utilization under the sequential tests', () => {
  const ONE = 'resourceUtilization';
  const storage = (factor: number) => ({ oldStorageBytes: 1e10, newStorageBytes: 1e10 * factor });

  it('judges compute and storage apart: one cannot pay for the other', () => {
    expect(
      outcomeOf(
        aCaseOf(60, () => storage(1)),
        ONE,
      ),
    ).toBe('pass');
    const dearer = verdictOf(
      aCaseOf(60, () => ({ ...storage(2), newComputeSeconds: 500 })),
      ONE,
    );
    expect(dearer.outcome).toBe('fail');
    expect(dearer.message).toMatch(/^storage: new is 1\.9\d times old/);
    expect(dearer.numbers?.map(({ measure, outcome }) => [measure, outcome])).toEqual([
      ['compute', 'pass'],
      ['storage', 'fail'],
    ]);
  });

  it('goes by compute alone where neither side has ever reported bytes', () => {
    expect(verdictOf(aCaseOf(60), ONE)).toMatchObject({ outcome: 'pass', numbers: [{ measure: 'compute' }] });
  });

  const silentOf =
    (from: number): Shape =>
    (index) => {
      if (index < from) return {};
      const { newComputeSeconds: _, ...pair } = pairOf(index, 60, 1);
      return { ...pair, ...({ newComputeSeconds: undefined } as object) };
    };

  it('is missing as soon as new falls silent, whatever it reported before', () => {
    const facts = aCaseOf(60, silentOf(59));
    expect(verdictOf(facts, ONE).outcome).toBe('missing');
    expect(verdictOf(facts, ONE).message).toContain('only one system reports it');
    expect(evaluate(facts).kind).toBe('hold');
  });

  it('is missing when new reports now and then: it could choose when', () => {
    const gaps: Shape = (index) => (index >= 50 && index % 3 === 0 ? silentOf(0)(index) : {});
    expect(outcomeOf(aCaseOf(60, gaps), ONE)).toBe('missing');
  });

  it('is missing when nobody reports anything', () => {
    const none: Shape = () => ({ oldComputeSeconds: undefined, newComputeSeconds: undefined }) as object;
    expect(outcomeOf(aCaseOf(60, none), ONE)).toBe('missing');
  });
});
