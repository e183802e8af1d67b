import { describe, expect, it } from 'vitest';
import { planAssign, settleClaim } from '../../lib/domain/claim.ts';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import type { Evaluation } from '../../lib/domain/evaluate.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { type Evidence, recomputeEvidence } from '../../lib/domain/evidence.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aClaim, aJob, aLanding, aStanding, NOW } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR, sealedPairs } from './cases.ts';

interface Given {
  evidence?: Partial<Evidence>;
  policy?: Partial<Policy>;
  job?: Partial<Job>;
}

function quality(given: Given | Evaluation) {
  const facts = 'now' in given ? given : aReadyCase('reverse-shadow', given);
  return assessCriteria(facts).find((verdict) => verdict.criterion === 'dataQuality')!;
}

const pairs = (count: number, given: Partial<Pair> = {}) => ({ evidence: { recent: sealedPairs(count, given) } });
const mismatchAt = (secondsAgo: number, given = {}) =>
  aStanding({ partition: 'bad', epoch: EPOCH, changedAt: toMs(ago(secondsAgo)), ...given });

describe('data quality passes', () => {
  it('on enough matching pairs of this epoch and release, and says how many are enough', () => {
    const verdict = quality(pairs(24));
    expect(verdict).toMatchObject({ outcome: 'pass', sample: { pairs: 24, needed: 24 } });
    expect(verdict.message).toBe('24 pairs match, 0 mismatch (24 pairs needed, 0 mismatches allowed)');
  });

  it('on backfilled pairs too: their content is as good a proof', () => {
    expect(quality(pairs(24, { backfill: true })).outcome).toBe('pass');
  });

  it('while one side has not landed the newest partitions yet', () => {
    const { oldLandedAt: _, ...half } = sealedPairs(1)[0]!;
    const recent = [{ ...half, outcome: 'new-only' as const, newLandedAt: toMs(ago(60)) }, ...sealedPairs(24)];
    expect(quality({ evidence: { recent } }).outcome).toBe('pass');
  });
});

describe('data quality is missing, never a pass', () => {
  it.each<[string, Given, string]>([
    ['with no evidence at all', { evidence: { recent: [] } }, '0 of 24'],
    ['with one pair too few', pairs(23), '23 of 24'],
    ['on the pairs of another epoch', pairs(24, { epoch: EPOCH - 1 }), '0 of 24'],
    ['on pairs of which one side is absent', pairs(24, { outcome: 'old-only' }), '0 of 24'],
    ['on pairs that cannot be compared', pairs(24, { outcome: 'incomparable' }), 'cannot be compared'],
    ['on claims that were taken over', pairs(24, { outcome: 'none' }), '0 of 24'],
    [
      'on pairs of an earlier release than the one that landed last',
      { evidence: { recent: [...sealedPairs(1, { release: 'v9' }), ...sealedPairs(24).slice(1)] } },
      '1 of 24',
    ],
    [
      'when the newest pair cannot be compared, however many matched before',
      { evidence: { recent: [...sealedPairs(1, { outcome: 'incomparable' }), ...sealedPairs(25).slice(1)] } },
      'cannot be compared',
    ],
    [
      'also when a landing that waits for its other side came after it',
      {
        evidence: {
          recent: [
            ...sealedPairs(1, { outcome: 'old-only' }),
            ...sealedPairs(2, { outcome: 'incomparable' }).slice(1),
            ...sealedPairs(26).slice(2),
          ],
        },
      },
      'cannot be compared',
    ],
  ])('%s', (_, given, message) => {
    const verdict = quality(given);
    expect(verdict.outcome).toBe('missing');
    expect(verdict.message).toContain(message);
  });

  it('when the newest pair is older than the policy allows, and says both ages', () => {
    const old = (index: number) => {
      const at = toMs(ago(2 * DAY + (index + 1) * HOUR));
      return { changedAt: at, oldLandedAt: at, newLandedAt: at };
    };
    const verdict = quality({ evidence: { recent: sealedPairs(24, old) } });
    expect(verdict.outcome).toBe('missing');
    expect(verdict.message).toContain('the newest is 2 d 1 h old, 2 d allowed');
  });

  it('when the landings are old, although somebody asked for a partition again just now', () => {
    const at = toMs(ago(3 * DAY));
    const landed = { oldLandedAt: at, newLandedAt: at };
    const recent = sealedPairs(24, (i) => ({ ...landed, changedAt: i === 0 ? toMs(ago(HOUR)) : at - i }));
    expect(quality({ evidence: { recent } }).outcome).toBe('missing');
  });

  it('while a correction may still come: unsealed pairs do not count', () => {
    const recent = sealedPairs(24, (index) =>
      index === 0 ? { changedAt: toMs(ago(899)), newLandedAt: toMs(ago(899)) } : {},
    );
    expect(quality({ evidence: { recent } })).toMatchObject({ outcome: 'missing', sample: { pairs: 23 } });
  });

  it('but not while both landings of the newest pair were the last word', () => {
    const recent = sealedPairs(24, (index) => (index === 0 ? { changedAt: toMs(ago(1)), final: true } : {}));
    expect(quality({ evidence: { recent } }).outcome).toBe('pass');
  });

  it('when old has not landed what new landed, for longer than the grace', () => {
    const { oldLandedAt: _, ...half } = sealedPairs(1)[0]!;
    const alone = { ...half, outcome: 'new-only' as const, newLandedAt: toMs(ago(6 * HOUR + 60)) };
    const verdict = quality({ evidence: { recent: [...sealedPairs(24), alone] } });
    expect(verdict.outcome).toBe('missing');
    expect(verdict.message).toContain('6 h');
  });
});

describe('data quality fails', () => {
  it('on one standing mismatch among any number of matches, with both numbers', () => {
    const verdict = quality({ evidence: { recent: sealedPairs(32), standing: [mismatchAt(HOUR)] } });
    expect(verdict).toMatchObject({ outcome: 'fail', partitions: ['bad'] });
    expect(verdict.message).toBe(
      '1 partitions mismatch (0 allowed): fewer-rows (1), e.g. bad: old 1000 rows c0ffee, new 999 rows decaf',
    );
  });

  it('also while somebody asks for the partition again and again: only a landing can be a correction', () => {
    const job = aJob({ phase: 'reverse-shadow', epoch: EPOCH, phaseSince: ago(DAY) });
    const shadow = aLanding({ system: 'old', checksum: 'other', acceptedAt: ago(HOUR) });
    const production = aLanding({ system: 'new', acceptedAt: ago(HOUR) });
    const landed = { writer: 'new', epoch: EPOCH, revision: 4, changedAt: ago(HOUR), production, shadow } as const;
    const { next } = planAssign(settleClaim(aClaim(landed)), job, 'new', undefined, ago(60));
    const evidence = recomputeEvidence(job.jobId, [next], 1);
    expect(quality(aReadyCase('reverse-shadow', { job, evidence })).outcome).toBe('fail');
  });

  it('on a mismatch of an earlier epoch, when it was sealed in this phase', () => {
    expect(quality({ evidence: { standing: [mismatchAt(HOUR, { epoch: 1 })] } }).outcome).toBe('fail');
  });

  it('not on one that was sealed before the job entered its phase', () => {
    expect(quality({ evidence: { standing: [mismatchAt(11 * DAY, { epoch: 1 })] } }).outcome).not.toBe('fail');
    // Sealed a second after the transition, although it changed before.
    const justBefore = mismatchAt(10 * DAY + 899, { epoch: 1 });
    expect(quality({ evidence: { standing: [justBefore] } }).outcome).toBe('fail');
  });

  it('not before it is sealed: until then nothing is proven, and nothing passes either', () => {
    const given = (secondsAgo: number) => ({
      evidence: { recent: sealedPairs(32), standing: [mismatchAt(secondsAgo)] },
    });
    expect(quality(given(899)).outcome).toBe('inconclusive');
    expect(quality(given(900)).outcome).toBe('fail');
  });

  it('at once when both landings were the last word', () => {
    expect(quality({ evidence: { standing: [mismatchAt(0, { final: true })] } }).outcome).toBe('fail');
  });

  it('on a mismatch of this very epoch, also when its writer’s clock is a second behind the transition’s', () => {
    const skewed = mismatchAt(10 * DAY + 1, { epoch: EPOCH, final: true });
    expect(quality({ evidence: { recent: sealedPairs(24), standing: [skewed] } }).outcome).not.toBe('pass');
  });

  it('says that there are more than it can name', () => {
    const standing = Array.from({ length: 6 }, (_, i) => mismatchAt(HOUR, { partition: `bad${i}` }));
    expect(quality({ evidence: { standing, overflow: true } }).message).toContain('6 or more partitions mismatch');
  });

  it('on a mismatch among any number of split writers: what stands out is kept in that order', () => {
    const landed = { production: aLanding(), splitWriter: { system: 'new' as const, landedAt: NOW, checksum: 'x' } };
    const split = Array.from({ length: 6 }, (_, i) => aClaim({ partition: `split${i}`, changedAt: NOW, ...landed }));
    const shadow = aLanding({ system: 'new', checksum: 'other', acceptedAt: ago(HOUR) });
    const bad = aClaim({ partition: 'bad', changedAt: ago(HOUR), production: aLanding(), shadow });
    const { recent, standing, overflow } = recomputeEvidence('flights-atl', [...split, bad], 1);
    expect(overflow).toBe(true);
    expect(quality({ evidence: { recent, standing, overflow } })).toMatchObject({
      outcome: 'fail',
      partitions: ['bad'],
    });
  });
});
