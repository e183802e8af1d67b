import { describe, expect, it } from 'vitest';
import { policySchema } from '../../lib/domain/policy.ts';
import { adviseOnCadence, adviseOnPolicy } from '../../lib/domain/policy-advice.ts';
import { aPolicy } from '../builders/records.ts';
import { DAY, HOUR } from './cases.ts';

const policyOf = (content: object) => ({ ...policySchema.parse({ name: 'p', ...content }), hash: 'h' });

describe('a policy that contradicts itself', () => {
  it.each<[string, object, string]>([
    ['stuck before the soak is over', { soak: { shadowSeconds: '20d' } }, 'stuckAfter.shadowSeconds'],
    [
      'stuck before the second soak is over',
      { soak: { reverseShadowSeconds: '30d' } },
      'stuckAfter.reverseShadowSeconds',
    ],
    ['stuck before the tombstone window is over', { tombstoneSeconds: '40d' }, 'stuckAfter.cleanupSeconds'],
    ['a longest cooldown below the first', { cooldown: { maxSeconds: '1h' } }, 'cooldown.maxSeconds'],
    ['evidence too old before it counts', { maxAgeSeconds: '10m' }, 'maxAgeSeconds'],
    [
      'more sign-offs than names',
      { approvals: { cleanup: { quorum: 2, from: ['lead'] } } },
      'approvals.cleanup.quorum',
    ],
  ])('is warned of: %s', (_, content, field) => {
    const [advice, ...more] = adviseOnPolicy(policyOf(content));
    expect(advice?.field).toBe(field);
    expect(advice?.message).toMatch(/\d.*\d/);
    expect(more).toEqual([]);
  });

  it('is not the default', () => {
    expect(adviseOnPolicy(aPolicy())).toEqual([]);
  });
});

describe('the rhythm of a job', () => {
  const advise = (everySeconds: number) => adviseOnCadence(aPolicy(), { everySeconds, timezone: 'UTC' });

  it('is no matter where the soak lasts longer than the pairs take', () => {
    expect(advise(HOUR)).toEqual([]);
    expect(advise(3 * HOUR)).toEqual([]);
    expect(adviseOnCadence(aPolicy(), undefined)).toEqual([]);
    expect(adviseOnCadence(aPolicy(), { cron: '0 6 * * 1', timezone: 'UTC' })).toEqual([]);
  });

  it('decides instead of the soak where the pairs take longer', () => {
    expect(advise(DAY)[0]?.message).toBe(
      '24 pairs (minPairs) at one every 1 d take 24 d, longer than the soak of 3 d in shadow: the pairs decide, not the soak',
    );
  });

  it('may be too slow for evidence ever to be fresh', () => {
    expect(advise(7 * DAY)[0]?.message).toBe(
      'a partition every 7 d is older than the 2 d that policy default allows (maxAgeSeconds) before the next one lands: it will hardly ever be fresh enough for a promotion',
    );
  });
});
