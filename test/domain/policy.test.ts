import { describe, expect, it } from 'vitest';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { DAY, HOUR } from './cases.ts';

const refusalOf = (content: object) => {
  const parsed = policySchema.safeParse({ name: 'p', ...content });
  return parsed.success ? undefined : parsed.error.issues[0]?.path.join('.');
};

describe('a policy', () => {
  it('observes unless it says otherwise: no team starts with automatic swaps', () => {
    expect(policySchema.parse({ name: 'p' }).automation).toBe('observe');
  });

  it('has the documented defaults', () => {
    expect(policySchema.parse({ name: 'p' })).toMatchObject({
      minPairs: 24,
      maxAgeSeconds: 2 * DAY,
      settleSeconds: 900,
      absentGraceSeconds: 6 * HOUR,
      soak: { shadowSeconds: 3 * DAY, reverseShadowSeconds: 7 * DAY },
      tombstoneSeconds: 14 * DAY,
      cooldown: { firstSeconds: DAY, maxSeconds: 16 * DAY },
      flapping: { demotions: 4, withinSeconds: 60 * DAY },
      criteria: {
        dataQuality: { knownDifferences: [], sampleColumns: [] },
        landingLatency: { lag: { ratio: 3, floor: 900 }, maxExtraSeconds: 6 * HOUR, breaches: 3, of: 12 },
        resourceUtilization: { compute: { ratio: 2, floor: 60 }, storage: { ratio: 2, floor: 1e8 } },
      },
    });
  });

  it('keeps the defaults of what it does not say', () => {
    const { soak } = policySchema.parse({ name: 'p', soak: { shadowSeconds: '1h' } });
    expect(soak).toEqual({ shadowSeconds: HOUR, reverseShadowSeconds: 7 * DAY });
  });

  it.each<[string, object, string]>([
    ['fewer than three pairs', { minPairs: 2 }, 'minPairs'],
    ['more pairs than any migration takes', { minPairs: 10_001 }, 'minPairs'],
    ['half a pair', { minPairs: 3.5 }, 'minPairs'],
    ['data quality switched off', { criteria: { dataQuality: false } }, 'criteria.dataQuality'],
    ['settings of data quality', { criteria: { dataQuality: { tolerance: 1 } } }, 'criteria.dataQuality'],
    ['an unknown key', { minPair: 5 }, ''],
    ['an automation that does not exist', { automation: 'enforced' }, 'automation'],
    ['a duration without a unit', { maxAgeSeconds: '15' }, 'maxAgeSeconds'],
    ['a negative duration', { settleSeconds: -1 }, 'settleSeconds'],
    ['a name that a file could not have', { name: '../p' }, 'name'],
    ['flapping at the first demotion', { flapping: { demotions: 1 } }, 'flapping.demotions'],
    [
      'a ratio below one, which would condemn a faster system',
      { criteria: { landingLatency: { lag: { ratio: 0.9, floor: 1 } } } },
      'criteria.landingLatency',
    ],
  ])('refuses %s, and names the field', (_, content, field) => {
    expect(refusalOf(content)).toMatch(new RegExp(`^${field}`));
  });

  it('refuses a criterion that could never fail: more breaches than pairs that are looked at', () => {
    expect(refusalOf({ criteria: { landingLatency: { breaches: 12, of: 3 } } })).toBeDefined();
  });
});

describe('the limits of the fleet', () => {
  it('have defaults, and refuse what is not a limit', () => {
    expect(fleetLimitsSchema.parse({})).toMatchObject({ promotionsPerSweep: 2_000, breaker: { atLeast: 20 } });
    for (const bad of [{ capacity: { shadow: -1 } }, { capacity: { complete: 1 } }, { breaker: { demotedShare: 2 } }])
      expect(fleetLimitsSchema.safeParse(bad).success).toBe(false);
  });
});
