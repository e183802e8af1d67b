import { describe, expect, it } from 'vitest';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aPolicy } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR, lonePairs, sealedPairs } from './cases.ts';

interface Given {
  phase?: Phase;
  evidence?: Partial<Evidence>;
  job?: Partial<Job>;
  criteria?: object;
}

/** The limits as the only judge; what is beside the tests is in `sequential-criteria.test.ts`. */
const LIMITS = { method: 'hard-limits-only' };

function verdictOf(criterion: string, { phase = 'reverse-shadow', criteria = {}, ...given }: Given) {
  const said = { landingLatency: LIMITS, resourceUtilization: LIMITS, ...criteria };
  const policy = aPolicy({ criteria: policySchema.parse({ name: 'p', criteria: said }).criteria });
  return assessCriteria(aReadyCase(phase, { ...given, policy })).find((verdict) => verdict.criterion === criterion);
}

const latency = (given: Given) => verdictOf('landingLatency', given)!;
const resources = (given: Given) => verdictOf('resourceUtilization', given)!;

/** `count` pairs, of which the newest `bad` are as `given`. */
const withNewest = (bad: number, given: Partial<Pair>, count = 24) => ({
  evidence: { recent: sealedPairs(count, (index) => (index < bad ? given : {})) },
});

describe('landing latency', () => {
  it('passes when new lands as old does', () => {
    expect(latency({}).outcome).toBe('pass');
  });

  it.each<[string, Partial<Pair>, Job['dueAfterSeconds'], boolean]>([
    [
      'three times the lag and a quarter of an hour more',
      { oldLagSeconds: 600, newLagSeconds: 1_801 },
      undefined,
      true,
    ],
    ['exactly three times the lag', { oldLagSeconds: 600, newLagSeconds: 1_800 }, undefined, false],
    ['ten times the lag, but by less than the floor', { oldLagSeconds: 60, newLagSeconds: 900 }, undefined, false],
    ['just the floor, from nothing', { oldLagSeconds: 0, newLagSeconds: 900 }, undefined, true],
    ['six hours more, at a small ratio', { oldLagSeconds: 90_000, newLagSeconds: 111_601 }, undefined, true],
    ['exactly six hours more', { oldLagSeconds: 90_000, newLagSeconds: 111_600 }, undefined, false],
    ['a deadline that old met, by one second', { oldLagSeconds: 600, newLagSeconds: 601 }, 600, true],
    ['a deadline that both missed', { oldLagSeconds: 601, newLagSeconds: 700 }, 600, false],
    ['faster than old', { oldLagSeconds: 6_000, newLagSeconds: 1 }, 600, false],
  ])('%s is judged pair by pair', (_, pair, dueAfterSeconds, breaches) => {
    const verdict = latency({ ...withNewest(3, pair), ...(dueAfterSeconds && { job: { dueAfterSeconds } }) });
    expect(verdict.outcome).toBe(breaches ? 'fail' : 'pass');
  });

  it.each([
    [0, 'pass'],
    [1, 'inconclusive'],
    [2, 'inconclusive'],
    [3, 'fail'],
    [12, 'fail'],
  ])('%d breaches of the newest 12 are %s', (bad, outcome) => {
    const verdict = latency(withNewest(bad, { newLagSeconds: 9_000 }));
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.message).toContain(`${bad} of the newest 12 pairs breach a hard limit (3 fail)`);
  });

  it('a breach that newer pairs have pushed out of the newest twelve is forgotten', () => {
    const recent = sealedPairs(24, (index) => (index >= 12 ? { newLagSeconds: 9_000 } : {}));
    expect(latency({ evidence: { recent } }).outcome).toBe('pass');
  });

  it('goes by who landed last: asking for older partitions again does not push breaches out of sight', () => {
    const asked = toMs(ago(60));
    const touched = sealedPairs(24, (index) => (index < 3 ? { newLagSeconds: 9_000 } : { changedAt: asked - index }));
    const recent = touched.sort((a, b) => b.changedAt - a.changedAt);
    expect(latency({ evidence: { recent } }).outcome).toBe('fail');
  });

  it('names a breach with both lags and what is allowed', () => {
    const { message, partitions } = latency(withNewest(3, { newLagSeconds: 9_000 }));
    expect(message).toContain('e.g. hour-99: lag 2 h 30 min against 10 min (x 3 allowed)');
    expect(partitions).toEqual(['hour-99', 'hour-98', 'hour-97']);
  });

  it('backfilled pairs say nothing about it', () => {
    expect(latency(withNewest(24, { backfill: true, newLagSeconds: 9_000 })).outcome).toBe('missing');
    expect(latency(withNewest(3, { backfill: true, newLagSeconds: 9_000 }, 27)).outcome).toBe('pass');
  });

  it('counts a partition that new has not landed beyond the grace', () => {
    const absent = (secondsAgo: number) => {
      const { newLandedAt: _a, newLagSeconds: _l, ...half } = sealedPairs(1)[0]!;
      const landedAt = toMs(ago(secondsAgo));
      return { ...half, outcome: 'old-only' as const, changedAt: landedAt, oldLandedAt: landedAt };
    };
    const given = (secondsAgo: number) => ({
      evidence: { recent: [...[0, 1, 2].map(() => absent(secondsAgo)), ...sealedPairs(24)] },
    });
    expect(latency(given(6 * HOUR - 1)).outcome).toBe('pass');
    expect(latency(given(6 * HOUR + 1))).toMatchObject({ outcome: 'fail' });
    expect(latency(given(6 * HOUR + 1)).message).toContain('new is absent for more than 6 h');
  });

  it('pairs of another epoch, of another release or unsealed count neither way', () => {
    const bad = { newLagSeconds: 9_000 };
    for (const other of [{ epoch: EPOCH - 1 }, { newLandedAt: toMs(ago(60)) }])
      expect(latency(withNewest(5, { ...bad, ...other }, 29)).outcome).toBe('pass');
    const oldRelease = sealedPairs(29, (index) => (index >= 24 ? { ...bad, release: 'v0' } : {}));
    expect(latency({ evidence: { recent: oldRelease } }).outcome).toBe('pass');
  });

  it('is missing when one side never says when it landed', () => {
    expect(latency({ evidence: { recent: [] } })).toMatchObject({ outcome: 'missing', sample: { pairs: 0 } });
    expect(latency(withNewest(1, {}, 11)).message).toContain('11 of 12 measured pairs');
  });

  it('can be switched off, and is then not judged at all', () => {
    expect(verdictOf('landingLatency', { criteria: { landingLatency: false } })).toBeUndefined();
  });
});

describe('resource utilization', () => {
  it.each<[string, Partial<Pair>, boolean]>([
    ['twice the compute and a minute more', { oldComputeSeconds: 100, newComputeSeconds: 201 }, true],
    ['exactly twice the compute', { oldComputeSeconds: 100, newComputeSeconds: 200 }, false],
    ['ten times the compute, but below the floor', { oldComputeSeconds: 5, newComputeSeconds: 64 }, false],
    ['compute from nothing, at the floor', { oldComputeSeconds: 0, newComputeSeconds: 60 }, true],
    ['twice the bytes, compute better', { newComputeSeconds: 1, newStorageBytes: 2_000_000_001 }, true],
    ['twice the compute, bytes better', { newComputeSeconds: 999, newStorageBytes: 1 }, true],
    ['ten times the bytes of a small table', { oldStorageBytes: 1e6, newStorageBytes: 1e7 }, false],
    ['less of both', { newComputeSeconds: 1, newStorageBytes: 1 }, false],
  ])('%s is judged by itself', (_, pair, breaches) => {
    expect(resources(withNewest(3, pair)).outcome).toBe(breaches ? 'fail' : 'pass');
  });

  it('names a breach with both figures', () => {
    expect(resources(withNewest(3, { newComputeSeconds: 1_234.567 })).message).toContain(
      '1235s compute against 100 (x 2 allowed)',
    );
    expect(resources(withNewest(3, { newStorageBytes: 5e9 })).message).toContain('bytes stored against 1000000000');
  });

  it('is missing when nobody reports it', () => {
    const recent = sealedPairs(24).map(
      ({ oldComputeSeconds: _a, newComputeSeconds: _b, oldStorageBytes: _c, newStorageBytes: _d, ...pair }) => pair,
    );
    const verdict = resources({ evidence: { recent } });
    expect(verdict.outcome).toBe('missing');
    expect(verdict.message).toContain('both systems have to report it');
  });

  it('is missing when old reports its bytes and new never does: silence is not green', () => {
    const recent = sealedPairs(24).map(({ newStorageBytes: _, ...pair }) => pair);
    expect(resources({ evidence: { recent } }).outcome).toBe('missing');
  });

  it('fails on proven breaches of one figure, whatever is not reported of the other', () => {
    const recent = sealedPairs(24, { newComputeSeconds: 9_000 }).map(({ newStorageBytes: _, ...pair }) => pair);
    expect(resources({ evidence: { recent } }).outcome).toBe('fail');
  });

  it('goes by compute alone where neither side reports bytes', () => {
    const recent = sealedPairs(24).map(({ newStorageBytes: _n, oldStorageBytes: _o, ...pair }) => pair);
    expect(resources({ evidence: { recent } }).outcome).toBe('pass');
  });

  it('is missing when new reports its compute only now and then, were it that of its cheap runs', () => {
    const silentAt = (silent: (index: number) => boolean) =>
      sealedPairs(24).map(({ newComputeSeconds, ...pair }, index) =>
        silent(index) ? pair : { ...pair, newComputeSeconds: newComputeSeconds ?? 0 },
      );
    const outcome = (silent: (index: number) => boolean) =>
      resources({ evidence: { recent: silentAt(silent) } }).outcome;
    expect(outcome((index) => index % 2 === 0)).toBe('missing');
    expect(outcome((index) => index === 0)).toBe('missing');
    expect(outcome((index) => index === 1 || index === 2)).toBe('pass');
  });

  it('takes a pair that waits for its other side, or that was backfilled, for no silence', () => {
    const { oldComputeSeconds: _c, oldStorageBytes: _s, ...half } = sealedPairs(1)[0]!;
    for (const told of [{ outcome: 'new-only' as const }, { backfill: true }]) {
      const recent = [...Array(3).fill({ ...half, ...told }), ...sealedPairs(24)];
      expect(resources({ evidence: { recent } }).outcome).toBe('pass');
    }
  });

  it.each(['hard-limits-only', 'sequential'])('by %s says nothing of pairs with another input', (method) => {
    const evidence = withNewest(6, { outcome: 'incomparable', newComputeSeconds: 90_000 }, 30);
    const verdict = resources({ ...evidence, criteria: { resourceUtilization: { method } } });
    expect(verdict.outcome).toBe('pass');
  });

  it('counts backfilled pairs: they cost what they cost', () => {
    expect(resources(withNewest(24, { backfill: true })).outcome).toBe('pass');
  });
});

describe('in cleanup, against the frozen baseline', () => {
  const cleanup = (count: number, given: Partial<Pair> = {}): Given => ({
    phase: 'cleanup',
    evidence: { recent: lonePairs(count, given) },
  });

  it('data quality is not judged: nobody else lands', () => {
    expect(verdictOf('dataQuality', cleanup(24))).toBeUndefined();
  });

  it('three measured partitions are enough', () => {
    expect(latency(cleanup(3)).outcome).toBe('pass');
    expect(latency(cleanup(2)).outcome).toBe('missing');
    expect(resources(cleanup(3)).outcome).toBe('pass');
  });

  it('latency fails against the old system’s median', () => {
    expect(latency(cleanup(3, { newLagSeconds: 9_000 })).message).toContain('lag 2 h 30 min against 10 min');
    expect(latency(cleanup(3, { newLagSeconds: 9_000 })).outcome).toBe('fail');
  });

  it('resources fail against it, compute and storage apart', () => {
    expect(resources(cleanup(3, { newComputeSeconds: 900 })).outcome).toBe('fail');
    expect(resources(cleanup(3, { newStorageBytes: 9e9 })).outcome).toBe('fail');
  });

  it('backfills are not held against what a run of old that was due did need', () => {
    expect(resources(cleanup(24, { backfill: true, newComputeSeconds: 9_000 })).outcome).toBe('missing');
    const recent = [...lonePairs(4, { backfill: true, newComputeSeconds: 9_000 }), ...lonePairs(24)];
    expect(resources({ phase: 'cleanup', evidence: { recent } }).outcome).toBe('pass');
  });

  it('a system that no longer says what it uses holds no baseline', () => {
    const recent = lonePairs(24).map(({ newComputeSeconds, ...pair }, index) =>
      index < 3 ? pair : { ...pair, newComputeSeconds: newComputeSeconds ?? 0 },
    );
    expect(resources({ phase: 'cleanup', evidence: { recent } }).outcome).toBe('missing');
  });

  it('what old did not report before it was stopped is missing', () => {
    const { lagSeconds: _, ...baseline } = { frozenAt: ago(DAY), pairs: 3, lagSeconds: 1, computeSeconds: 100 };
    expect(latency({ ...cleanup(24), job: { baseline } }).outcome).toBe('missing');
    expect(resources({ ...cleanup(24), job: { baseline } }).outcome).toBe('pass');
  });

  it('old measurements are missing here too: a system that has stopped landing holds no baseline', () => {
    const stale = (index: number) => {
      const at = toMs(ago(5 * DAY + index * HOUR));
      return { changedAt: at, newLandedAt: at };
    };
    const recent = lonePairs(24).map((pair, index) => ({ ...pair, ...stale(index) }));
    expect(latency({ phase: 'cleanup', evidence: { recent } }).outcome).toBe('missing');
  });
});
