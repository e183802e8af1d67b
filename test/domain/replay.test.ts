/** A replay of a job that is quiet: what time alone decides is found at the sweep that would have found it. */
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { type ReplaySettings, replay } from '../../lib/domain/replay.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aClaim, aJob, aLanding, aPolicy, LIMITS_ONLY, NOW } from '../builders/records.ts';

const HOUR = 3_600;
const ONLY_DATA = { ...LIMITS_ONLY, landingLatency: false as const, resourceUtilization: false as const };

/** Claimed and landed at `NOW` or so many seconds after, by those systems. */
function landed(
  partition: string,
  seconds = 0,
  { old = true, next = true, checksum = 'c0ffee' }: { old?: boolean; next?: boolean; checksum?: string } = {},
): Claim {
  const at = addSeconds(NOW, seconds);
  const times = { landedAt: at, acceptedAt: at, final: false };
  const birth = { partition, claimedAt: at, readyAt: at, changedAt: at };
  const production = aLanding({ system: 'old', ...times });
  const { token } = production;
  return aClaim({
    ...birth,
    ...(old && { production, published: { system: 'old', token, checksum: production.checksum, at } }),
    ...(next && { shadow: aLanding({ system: 'new', checksum, ...times }) }),
  });
}

function steps(claims: readonly Claim[], policy: Partial<Policy>, settings: Partial<ReplaySettings> = {}) {
  const quick: Partial<Policy> = {
    minPairs: 3,
    settleSeconds: 0,
    soak: { shadowSeconds: 0, reverseShadowSeconds: 1_000 * HOUR },
    cooldown: { firstSeconds: 0, maxSeconds: 0 },
    criteria: ONLY_DATA,
  };
  const until = addSeconds(NOW, 48 * HOUR);
  const given = { phase: 'shadow' as const, since: NOW, restarts: [], everySeconds: 900, until, ...settings };
  const made = replay(aJob({ phase: 'shadow' }), claims, { policy: aPolicy({ ...quick, ...policy }), ...given });
  return made.map(({ to, at }) => `${to} after ${(Date.parse(at) - Date.parse(NOW)) / 1000 / HOUR} h`);
}

const three = (seconds = 0) => ['a', 'b', 'c'].map((name) => landed(`${name}${seconds}`, seconds));

describe('time alone', () => {
  it('seals what landed', () => {
    expect(steps(three(), { settleSeconds: 5 * HOUR })).toEqual(['reverse-shadow after 5 h']);
  });

  it('lets a job soak', () => {
    const soak = { shadowSeconds: 7 * HOUR, reverseShadowSeconds: 9 * HOUR };
    expect(steps([...three(), ...three(8 * HOUR)], { soak })).toEqual([
      'reverse-shadow after 7 h',
      'cleanup after 16 h',
    ]);
  });

  it('makes absent what has not landed, a moment after its grace', () => {
    const claims = ['a', 'b', 'c'].map((name) => landed(name, 0, { next: false }));
    const policy = { absentGraceSeconds: 6 * HOUR, criteria: LIMITS_ONLY };
    expect(steps(claims, policy, { phase: 'reverse-shadow' })).toEqual(['shadow after 6.25 h']);
  });

  it('ends a cooldown', () => {
    const claims = [landed('wrong', 0, { checksum: 'x' }), ...three(HOUR)];
    const policy = { cooldown: { firstSeconds: 20 * HOUR, maxSeconds: 20 * HOUR } };
    expect(steps(claims, policy, { phase: 'reverse-shadow' })).toEqual([
      'shadow after 0 h',
      'reverse-shadow after 20 h',
    ]);
  });

  it('ends flapping', () => {
    const claims = [
      landed('wrong', 0, { checksum: 'x' }),
      ...three(HOUR),
      landed('wrong-again', 2 * HOUR, { checksum: 'x' }),
      ...three(3 * HOUR),
    ];
    const policy = { flapping: { demotions: 2, withinSeconds: 30 * HOUR } };
    expect(steps(claims, policy, { phase: 'reverse-shadow' })).toEqual([
      'shadow after 0 h',
      'reverse-shadow after 1 h',
      'shadow after 2 h',
      'reverse-shadow after 30.25 h',
    ]);
  });
});

describe('a replay', () => {
  it('stops no old system that still owes a partition, as the commit step would not', () => {
    const soak = { shadowSeconds: 0, reverseShadowSeconds: 0 };
    const claims = [...three(), ...three(HOUR)];
    expect(steps(claims, { soak })).toEqual(['reverse-shadow after 0 h', 'cleanup after 1 h']);
    const owing = landed('begun', 0, { old: false, next: false });
    expect(steps([...claims, owing], { soak })).toEqual(['reverse-shadow after 0 h']);
  });

  it('begins its evidence anew where an operator did', () => {
    const restarts = [addSeconds(NOW, HOUR / 2)];
    const soak = { shadowSeconds: HOUR, reverseShadowSeconds: 1_000 * HOUR };
    expect(steps(three(), { soak }, { restarts })).toEqual([]);
    expect(steps([...three(), ...three(HOUR)], { soak }, { restarts })).toEqual(['reverse-shadow after 1.5 h']);
  });
});
