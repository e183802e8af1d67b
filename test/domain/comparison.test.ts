/** A wave as a whole: what single jobs are too noisy to show, their sums do. */
import { describe, expect, it } from 'vitest';
import {
  type Comparisons,
  compareJob,
  describeWaveGate,
  findWaveGate,
  OTHER_TEAMS,
  sumComparisons,
} from '../../lib/domain/comparison.ts';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { aJob, anEvidence } from '../builders/records.ts';
import { sealedPairs } from './cases.ts';

const limits = (given: object = {}) => fleetLimitsSchema.parse({ equalOrBetter: { jobs: 10, ...given } }).equalOrBetter;

/** Jobs of one wave whose new system needs so many times the compute of the old one, give or take half of it. */
function wave(number: number, factor: number, jobs = 40): Comparisons {
  const into: Comparisons = {};
  for (let i = 0; i < jobs; i++) {
    const noise = 0.5 + (i % 11) / 10;
    const recent = sealedPairs(8, {
      oldComputeSeconds: 100 * (i + 1),
      newComputeSeconds: 100 * (i + 1) * factor * noise,
    });
    compareJob(into, aJob({ jobId: `job-${i}`, phase: 'shadow', wave: number }), anEvidence({ recent }));
  }
  return into;
}

describe('a wave as a whole', () => {
  it('keeps later waves back when it is dearer than allowed, though no single job says so', () => {
    const gate = findWaveGate(sumComparisons([wave(0, 1.2), wave(1, 0.9)]), limits());
    expect(gate).toMatchObject({ wave: 0, measure: 'compute', allowed: 1.1, jobs: 40 });
    expect(gate && describeWaveGate(gate)).toMatch(
      /^wave 0: new needs 1\.\d\d times the compute of old over 40 jobs, 1\.1 is allowed/,
    );
  });

  it('lets later waves go on when it is equal or better', () => {
    expect(findWaveGate(sumComparisons([wave(0, 0.95), wave(1, 0.9)]), limits())).toBeUndefined();
  });

  it('is not judged by too few jobs', () => {
    expect(findWaveGate(wave(0, 2, 9), limits())).toBeUndefined();
    expect(findWaveGate(wave(0, 2, 10), limits())).toMatchObject({ jobs: 10 });
  });

  it('is the same in shards as in one piece', () => {
    const whole = wave(3, 1.2);
    const halves = [wave(3, 1.2, 20), wave(3, 1.2, 20)];
    expect(sumComparisons(halves)['wave:3']?.compute?.jobs).toBe(whole['wave:3']?.compute?.jobs);
  });
});

describe('the lag of a wave', () => {
  const lags = (oldLagSeconds: number, newLagSeconds: number) => {
    const into: Comparisons = {};
    const recent = sealedPairs(8, { oldLagSeconds, newLagSeconds });
    for (let i = 0; i < 40; i++) compareJob(into, aJob({ phase: 'shadow' }), anEvidence({ recent }));
    return findWaveGate(into, limits());
  };

  it('keeps nobody back for a few seconds, as it would fail no single job for them', () => {
    expect(lags(2, 6)).toBeUndefined();
    expect(lags(0, 5)).toBeUndefined();
    expect(lags(0, 60)).toMatchObject({ measure: 'lag', ratio: 2 });
    expect(lags(3_600, 4_800)).toMatchObject({ measure: 'lag' });
  });
});

describe('a shard of hostile names and numbers', () => {
  const recent = sealedPairs(8);
  const of = (given: object, evidence = anEvidence({ recent })) => {
    const into: Comparisons = {};
    compareJob(into, aJob({ phase: 'shadow', ...given }), evidence);
    return into;
  };

  it('keeps teams apart from waves and from what objects have', () => {
    for (const team of ['__proto__', 'constructor', 'wave:0', 'toString']) {
      const into = sumComparisons([of({ team, wave: 3 }), of({ team, wave: 3 })]);
      expect(Object.keys(into).sort()).toEqual([`team:${team}`, 'wave:3']);
      expect(into[`team:${team}`]?.compute?.jobs).toBe(2);
      expect(findWaveGate(into, limits())).toBeUndefined();
    }
  });

  it('fits into an item with a team and a wave for each job, and names the first waves', () => {
    const into: Comparisons = {};
    const awkward = anEvidence({ recent: sealedPairs(8, { oldComputeSeconds: 1 / 3, newComputeSeconds: 8e15 / 3 }) });
    for (let i = 0; i < 4_000; i++) {
      const team = `${String(i).padStart(4, '0')}${'t'.repeat(60)}`;
      compareJob(into, aJob({ team, phase: 'shadow', wave: (i * 7_919) % 10_000 }), awkward);
    }
    expect(JSON.stringify(into).length).toBeLessThan(50_000);
    const waves = Object.keys(into).flatMap((key) => (key.startsWith('wave:') ? [Number(key.slice(5))] : []));
    expect(waves).toContain(0);
    expect(Math.max(...waves)).toBeLessThan(200);
  });

  it('says nothing where old needed nothing, and leaves out what cannot be compared', () => {
    const dear = { oldComputeSeconds: 0, newComputeSeconds: 9, oldStorageBytes: 0, newStorageBytes: 0 };
    const into = of({}, anEvidence({ recent: sealedPairs(8, dear) }));
    expect(findWaveGate(into, limits({ jobs: 1 }))).toBeUndefined();
    const other = anEvidence({ recent: sealedPairs(8, { outcome: 'incomparable' }) });
    expect(of({}, other)).toEqual({});
  });
});

describe('what counts of a job', () => {
  const pairs = (given: object) => anEvidence({ recent: sealedPairs(8, given) });

  it('is its mean, so that many pairs weigh no more than few', () => {
    const into: Comparisons = {};
    compareJob(into, aJob({ phase: 'shadow' }), anEvidence({ recent: sealedPairs(30) }));
    expect(into['team:flights']?.compute).toEqual({ old: 100, new: 90, jobs: 1 });
  });

  it('is nothing outside of shadow and reverse shadow, or with too few measured pairs', () => {
    const into: Comparisons = {};
    compareJob(into, aJob({ phase: 'cleanup' }), pairs({}));
    compareJob(into, aJob({ phase: 'shadow' }), anEvidence({ recent: sealedPairs(5) }));
    expect(into).toEqual({});
  });

  it('leaves backfills out of the lag, and only there', () => {
    const into: Comparisons = {};
    compareJob(into, aJob({ phase: 'shadow' }), pairs({ backfill: true }));
    expect(Object.keys(into['wave:0'] ?? {})).toEqual(['compute', 'storage']);
  });

  it('is kept by name for so many teams, and together for the rest', () => {
    const into: Comparisons = {};
    for (let i = 0; i < 200; i++) compareJob(into, aJob({ team: `team-${i}`, phase: 'shadow' }), pairs({}));
    expect(Object.keys(into).length).toBeLessThan(70);
    expect(into[OTHER_TEAMS]?.compute?.jobs).toBeGreaterThan(100);
    expect(into['wave:0']?.compute?.jobs).toBe(200);
  });
});
