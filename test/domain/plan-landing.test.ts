import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { isQuarantined } from '../../lib/domain/claim.ts';
import { GUARD_RACES, guards } from '../../lib/domain/guards.ts';
import type { LandingReport } from '../../lib/domain/landing.ts';
import type { Phase, System } from '../../lib/domain/phases.ts';
import { landingNeedsPhase, planLand, planPublished } from '../../lib/domain/plan-landing.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import type { Token } from '../../lib/domain/token.ts';
import { aClaim, aLanding, NOW } from '../builders/records.ts';

const LATER = addSeconds(NOW, 60);
const RIGHT: Token = { generation: 1, grant: 1 };
const SHADOW: Token = { generation: 1, grant: 0 };

const report = (given: Partial<LandingReport> = {}): LandingReport => ({
  rowCount: 1_000,
  checksum: 'c0ffee',
  checksumAlgorithm: 'sha256-sum',
  landedAt: NOW,
  kind: 'scheduled',
  final: false,
  ...given,
});

interface Given {
  claim?: Partial<Claim>;
  system?: System;
  token?: Token;
  report?: Partial<LandingReport>;
  phase?: Phase;
}

function land({ claim, system = 'old', token = RIGHT, report: said, phase = 'shadow' }: Given) {
  const held = aClaim(claim);
  const known = landingNeedsPhase(held, system) ? phase : undefined;
  return planLand(held, system, token, report(said), known, LATER);
}

const codeOf = (outcome: ReturnType<typeof land>) => (outcome.kind === 'refused' ? outcome.code : outcome.kind);
const messageOf = (outcome: { kind: string; message?: string }) => outcome.message;

describe('a production landing', () => {
  it('is accepted under the newest right, which it uses up', () => {
    const outcome = land({});
    expect(outcome).toMatchObject({ kind: 'accepted', table: 'production' });
    expect(outcome.kind === 'accepted' && outcome.next).toMatchObject({
      rightOutstanding: false,
      revision: 2,
      production: { system: 'old', attempt: 1, token: RIGHT, acceptedAt: LATER },
    });
  });

  it.each<[string, Given]>([
    ['an earlier run of the same system', { claim: { grant: 2 } }],
    ['a right of an earlier generation', { claim: { generation: 2, grant: 1 } }],
    ['a right that was never given', { token: { generation: 1, grant: 9 } }],
    ['a right of a generation to come', { token: { generation: 9, grant: 1 } }],
    ['the shadow token of the writer’s time in shadow', { claim: { writer: 'old', generation: 2 }, token: SHADOW }],
  ])('is fenced off under %s', (_, given) => {
    expect(codeOf(land(given))).toBe('Fenced');
    expect(messageOf(land(given) as never)).toMatch(/token \d{10}\.\d{10} is not the newest right \(\d{10}\.\d{10}/);
  });

  it('answers a repeat the same, also when the right is old by now', () => {
    const production = aLanding({ token: RIGHT });
    for (const claim of [{ production }, { production, grant: 7 }, { production, generation: 3 }])
      expect(land({ claim }), JSON.stringify(claim)).toEqual({ kind: 'repeated', table: 'production' });
    expect(land({ claim: { production }, report: { attempt: 1 } }).kind).toBe('repeated');
  });

  it.each<[string, Partial<LandingReport>]>([
    ['one row more', { rowCount: 1_001 }],
    ['another checksum', { checksum: 'decaf' }],
    ['another attempt', { attempt: 2 }],
  ])('under a token that has landed is a conflict with %s', (_, said) => {
    const outcome = land({ claim: { production: aLanding({ token: RIGHT }) }, report: said });
    expect(codeOf(outcome)).toBe('AttemptConflict');
    expect(messageOf(outcome as never)).toContain('1000 rows, checksum c0ffee');
    expect(messageOf(outcome as never)).toContain('assign again');
  });
});

describe('a correction of a production landing', () => {
  const held = { production: aLanding({ token: RIGHT, attempt: 3 }), grant: 2, rightOutstanding: true };
  const newer = { generation: 1, grant: 2 };
  const correct = (said: Partial<LandingReport>, phase: Phase = 'shadow') =>
    land({ claim: held, token: newer, report: { checksum: 'decaf', ...said }, phase });

  it('replaces it under a newer token with a higher attempt', () => {
    const outcome = correct({ attempt: 4 });
    expect(outcome.kind === 'accepted' && outcome.next.production).toMatchObject({ attempt: 4, checksum: 'decaf' });
  });

  it('counts its attempt by itself where the run names none', () => {
    const outcome = correct({});
    expect(outcome.kind === 'accepted' && outcome.next.production?.attempt).toBe(4);
  });

  it('conflicts under the same attempt, and is fenced off under a lower one', () => {
    expect(codeOf(correct({ attempt: 3 }))).toBe('AttemptConflict');
    expect(codeOf(correct({ attempt: 2 }))).toBe('Fenced');
  });

  it.each<[Phase, string]>([
    ['pending', 'accepted'],
    ['shadow', 'accepted'],
    ['reverse-shadow', 'accepted'],
    ['cleanup', 'Superseded'],
    ['complete', 'Superseded'],
  ])('of the old system in %s is %s', (phase, code) => expect(codeOf(correct({ attempt: 4 }, phase))).toBe(code));

  it.each<[Phase, string]>([
    ['pending', 'Superseded'],
    ['shadow', 'Superseded'],
    ['reverse-shadow', 'accepted'],
    ['cleanup', 'accepted'],
    ['complete', 'accepted'],
  ])('of the new system in %s is %s', (phase, code) => {
    const claim = { ...held, writer: 'new' as const, production: aLanding({ system: 'new', attempt: 3 }) };
    expect(codeOf(land({ claim, system: 'new', token: newer, report: { attempt: 4 }, phase }))).toBe(code);
  });

  it.each<Phase>(['cleanup', 'complete'])('in %s is not held against what old landed when it still ran', (phase) => {
    const production = aLanding({ system: 'new', attempt: 3 });
    const claim = { ...held, writer: 'new' as const, production, shadow: aLanding({ system: 'old' }) };
    const restated = { checksum: 'restated', attempt: 4 };
    const outcome = land({ claim, system: 'new', token: newer, report: restated, phase });
    expect(outcome.kind === 'accepted' && !isQuarantined(outcome.next)).toBe(true);
  });

  it('that was superseded says that the accepted landing stands', () => {
    expect(messageOf(correct({ attempt: 4 }, 'cleanup') as never)).toContain('its landing of attempt 3 stands');
  });
});

describe('a shadow landing', () => {
  const shadowed = (claim: Partial<Claim> = {}, said: Partial<LandingReport> = {}) =>
    land({ claim, system: 'new', token: SHADOW, report: said });

  it('is accepted, and needs no grant', () => {
    expect(shadowed()).toMatchObject({ kind: 'accepted', table: 'shadow' });
  });

  it('is fenced off after a take-over', () => expect(codeOf(shadowed({ generation: 2 }))).toBe('Fenced'));

  it('is repeated, conflicts, or is corrected, by its attempt', () => {
    const held = { shadow: aLanding({ system: 'new', token: SHADOW, attempt: 2 }) };
    expect(shadowed(held).kind).toBe('repeated');
    expect(codeOf(shadowed(held, { checksum: 'decaf' }))).toBe('AttemptConflict');
    expect(codeOf(shadowed(held, { checksum: 'decaf', attempt: 1 }))).toBe('Fenced');
    expect(shadowed(held, { checksum: 'decaf', attempt: 3 })).toMatchObject({ kind: 'accepted', table: 'shadow' });
  });

  it('never stands beside a production landing of the same system', () => {
    const claim = { writer: 'old' as const, production: aLanding({ system: 'new', checksum: 'x' }), generation: 2 };
    expect(codeOf(land({ claim, system: 'new', token: { generation: 2, grant: 0 } }))).toBe('Fenced');
  });

  it('that mismatches production of new puts the partition into quarantine, in any phase', () => {
    const claim = { writer: 'new' as const, production: aLanding({ system: 'new', checksum: 'x' }) };
    const outcome = land({ claim, system: 'old', token: SHADOW });
    expect(outcome.kind === 'accepted' && isQuarantined(outcome.next)).toBe(true);
  });
});

describe('published', () => {
  const landed = aLanding({ token: { generation: 1, grant: 3 } });
  const confirm = (claim: Partial<Claim>, token = landed.token, checksum = 'c0ffee', system: System = 'old') =>
    planPublished(aClaim(claim), system, token, checksum, LATER);

  it('is accepted once, and answered the same afterwards', () => {
    const outcome = confirm({ production: landed });
    expect(outcome).toMatchObject({ kind: 'accepted', next: { published: { token: landed.token, at: LATER } } });
    if (outcome.kind === 'accepted') expect(confirm(outcome.next)).toEqual({ kind: 'repeated' });
  });

  it('of the accepted landing is accepted also when a newer right is out: the run may finish', () => {
    expect(confirm({ production: landed, grant: 8, rightOutstanding: true }).kind).toBe('accepted');
  });

  it.each<[string, string, ReturnType<typeof confirm>]>([
    ['before anything landed', 'NotLanded', confirm({})],
    ['when only a shadow landed', 'NotLanded', confirm({ shadow: landed })],
    ['under an older token', 'Fenced', confirm({ production: landed }, { generation: 1, grant: 2 })],
    ['under a newer token that has not landed', 'Fenced', confirm({ production: landed }, { generation: 1, grant: 4 })],
    ['by the other system', 'Fenced', confirm({ production: landed }, landed.token, 'c0ffee', 'new')],
    ['of something else', 'ChecksumMismatch', confirm({ production: landed }, landed.token, 'decaf')],
  ])('is refused %s', (_, code, outcome) => {
    expect(outcome).toMatchObject({ kind: 'refused', code });
  });

  it('pays a debt', () => {
    const outcome = confirm({ production: landed, reassignedAt: NOW });
    expect(outcome.kind === 'accepted' && outcome.next).not.toHaveProperty('reassignedAt');
  });
});

it('every guard names the race that it closes', () => {
  expect(Object.keys(GUARD_RACES).sort()).toEqual(Object.keys(guards).sort());
});
