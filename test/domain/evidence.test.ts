import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { observePair } from '../../lib/domain/evidence/pair.ts';
import { STANDING_LIMIT } from '../../lib/domain/evidence/standing.ts';
import {
  type Evidence,
  emptyEvidence,
  foldClaim,
  lastLandedAt,
  presentRelease,
  recomputeEvidence,
  WINDOW,
} from '../../lib/domain/evidence.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { aClaim, aLanding, anEvidence, aPair, aPublishedClaim, aStanding, NOW } from '../builders/records.ts';

const JOB = 'flights-atl';

/** Old in production and new in shadow, published; `later` seconds after `NOW`. */
function aPairOf(partition: string, later: number, shadow: Partial<Landing> = {}, given: Partial<Claim> = {}): Claim {
  return aPublishedClaim({
    partition,
    revision: 4,
    changedAt: addSeconds(NOW, later),
    shadow: aLanding({ system: 'new', ...shadow }),
    ...given,
  });
}

const aMismatch = (partition: string, later: number, given: Partial<Claim> = {}) =>
  aPairOf(partition, later, { checksum: 'decaf' }, given);

/** ... of which the last was accepted then. */
const landedAt = (later: number) => ({
  shadow: aLanding({ system: 'new', checksum: 'decaf', acceptedAt: addSeconds(NOW, later) }),
});

function foldAll(claims: readonly Claim[], from: Evidence = emptyEvidence(JOB)): Evidence {
  let evidence = from;
  for (const claim of claims) {
    const outcome = foldClaim(evidence, claim, 'streamed');
    if (outcome.kind !== 'folded') throw new Error(`the fold of ${claim.partition} asked to ${outcome.kind}`);
    evidence = outcome.evidence;
  }
  return evidence;
}

const nameOf = (i: number) => `p${String(i).padStart(3, '0')}`;
const fullWindow = () => foldAll(Array.from({ length: WINDOW }, (_, i) => aPairOf(nameOf(i), i)));
const outcomeOf = (claim: Claim) => observePair(claim).outcome;

describe('one claim as evidence', () => {
  const old = aLanding();
  const twin = aLanding({ system: 'new' });
  it.each<[string, string, Partial<Claim>]>([
    ['a match when row count and checksum are equal', 'match', { production: old, shadow: twin }],
    ['a match whichever side is production', 'match', { production: twin, shadow: old }],
    ['a mismatch when one row is missing', 'mismatch', { production: old, shadow: { ...twin, rowCount: 999 } }],
    ['a mismatch when a checksum differs', 'mismatch', { production: old, shadow: { ...twin, checksum: 'x' } }],
    [
      'incomparable, never a mismatch, with another checksum algorithm',
      'incomparable',
      { production: old, shadow: { ...twin, checksum: 'x', checksumAlgorithm: 'crc' } },
    ],
    [
      'incomparable, never a mismatch, from another input version',
      'incomparable',
      { production: old, shadow: { ...twin, rowCount: 1, inputVersion: 'v2' } },
    ],
    ['old only', 'old-only', { production: old }],
    ['new only', 'new-only', { shadow: twin }],
    ['none when it was taken over before anybody landed', 'none', { takenOverAt: NOW }],
  ])('is %s', (_, outcome, given) => expect(outcomeOf(aClaim(given))).toBe(outcome));

  it('measures both sides from the same instant, the claim’s readyAt', () => {
    const claim = aClaim({
      readyAt: NOW,
      production: aLanding({ landedAt: addSeconds(NOW, 100), computeSeconds: 7, storageBytes: 11 }),
      shadow: aLanding({ system: 'new', landedAt: addSeconds(NOW, 40) }),
    });
    expect(observePair(claim)).toMatchObject({ oldLagSeconds: 100, newLagSeconds: 40, oldComputeSeconds: 7 });
    expect(observePair(claim)).not.toHaveProperty('newComputeSeconds');
  });

  it('a landing from before it was ready lags by nothing, not by less', () => {
    const claim = aClaim({ readyAt: NOW, production: aLanding({ landedAt: addSeconds(NOW, -100) }) });
    expect(observePair(claim).oldLagSeconds).toBe(0);
  });

  it('is final only when every landing that is there is', () => {
    const final = aLanding({ final: true });
    expect(observePair(aClaim({ production: final })).final).toBe(true);
    expect(observePair(aClaim({ production: final, shadow: twin })).final).toBe(false);
    expect(observePair(aClaim({ production: final, shadow: { ...twin, final: true } })).final).toBe(true);
  });

  it('keeps of the metrics what the policy judges, of the sides that report it, and nothing that is inherited', () => {
    const claim = aClaim({
      production: aLanding({ metrics: { rejected: 0.1, other: 5 } }),
      shadow: { ...twin, metrics: { rejected: 7, late: 3 } },
    });
    expect(observePair(claim, ['rejected', 'late', 'constructor']).metrics).toStrictEqual({
      rejected: { old: Math.fround(0.1), new: 7 },
      late: { new: 3 },
    });
    expect(observePair(claim)).not.toHaveProperty('metrics');
  });

  it('has no lag when its claim changed hands: that measures when it did', () => {
    const both = aPairOf('p', 0);
    expect(observePair(both)).toMatchObject({ oldLagSeconds: 1_800, newLagSeconds: 1_800 });
    const taken = observePair({ ...both, takenOverAt: NOW });
    expect(taken.outcome).toBe('match');
    expect(taken).not.toHaveProperty('oldLagSeconds');
    expect(taken).not.toHaveProperty('newLagSeconds');
  });

  it('is a backfill as soon as one side is', () => {
    expect(observePair(aPairOf('p', 0, { kind: 'backfill' })).backfill).toBe(true);
  });
});

describe('folding one image', () => {
  it('of a claim that nobody has landed changes nothing: no write at each claim’s birth', () => {
    const evidence = anEvidence();
    const outcome = foldClaim(evidence, aClaim(), 'streamed');
    expect(outcome.kind === 'folded' && outcome.evidence === evidence).toBe(true);
  });

  it('that it has already, or an older one, answers the very same evidence', () => {
    const evidence = foldAll([aPairOf('p', 60)]);
    for (const later of [60, 59, 0]) {
      const outcome = foldClaim(evidence, aMismatch('p', later), 'streamed');
      expect(outcome.kind === 'folded' && outcome.evidence === evidence).toBe(true);
    }
  });

  it('that is too old for the window and stands out by nothing answers the very same evidence', () => {
    const evidence = fullWindow();
    const outcome = foldClaim(evidence, aPairOf('late', -60), 'streamed');
    expect(outcome.kind === 'folded' && outcome.evidence === evidence).toBe(true);
  });

  it('keeps the most recently changed pairs, newest first', () => {
    const evidence = foldAll([aPairOf('newest', 999)], fullWindow());
    expect(evidence.recent.length).toBe(WINDOW);
    expect(evidence.recent[0]?.partition).toBe('newest');
    expect(evidence.recent.at(-1)?.partition).toBe(nameOf(1));
  });

  it('of a partition that changes again moves it up instead of counting it twice', () => {
    const evidence = foldAll([aPairOf(nameOf(0), 999)], fullWindow());
    expect(evidence.recent.length).toBe(WINDOW);
    expect(evidence.recent[0]).toMatchObject({ partition: nameOf(0) });
  });

  it('asks for the claim itself when an image from before the window stands out: it may be an old one', () => {
    expect(foldClaim(fullWindow(), aMismatch('late', -60), 'streamed')).toEqual({ kind: 'reread' });
  });

  it('takes the claim itself at its word', () => {
    const outcome = foldClaim(fullWindow(), aMismatch('late', -60), 'current');
    expect(outcome.kind === 'folded' && outcome.evidence.standing[0]?.partition).toBe('late');
  });

  it('counts a correction that comes late: a mismatch from before the window ends', () => {
    const evidence = foldAll([aMismatch('p', -60)]);
    const full = foldAll(
      Array.from({ length: WINDOW }, (_, i) => aPairOf(nameOf(i), i)),
      evidence,
    );
    expect(full.standing.map((one) => one.partition)).toEqual(['p']);
    expect(foldAll([aPairOf('p', 500, {}, { revision: 9 })], full).standing).toEqual([]);
  });
});

describe('what stands out', () => {
  it('names the mismatch with both numbers', () => {
    const claim = aMismatch('p', 0, { shadow: aLanding({ system: 'new', rowCount: 5, checksum: 'd'.repeat(64) }) });
    expect(foldAll([claim]).standing[0]).toMatchObject({
      partition: 'p',
      mismatch: { oldRows: 1_000, newRows: 5, oldChecksum: 'c0ffee', newChecksum: 'd'.repeat(12) },
    });
  });

  it.each<[string, Partial<Claim>, object]>([
    ['a landing that was not published', {}, { by: 'old', reason: 'not-published' }],
    ['a partition that was taken over', { reassignedAt: NOW }, { by: 'old', reason: 'reassigned' }],
    [
      'a quarantine',
      { quarantine: { openedAt: NOW, old: { rowCount: 1, checksum: 'a' }, new: { rowCount: 2, checksum: 'b' } } },
      { by: 'old', reason: 'quarantined' },
    ],
  ])('%s is owed by its writer', (_, given, owed) => {
    expect(foldAll([aClaim({ production: aLanding(), ...given })]).standing[0]?.owed).toMatchObject(owed);
  });

  it('a mismatch is kept before what is merely in flight, however new that is', () => {
    const inFlight = Array.from({ length: 10 }, (_, i) =>
      aClaim({ partition: nameOf(i), production: aLanding(), changedAt: addSeconds(NOW, 100 + i) }),
    );
    const { standing, overflow } = foldAll([aMismatch('bad', 0), ...inFlight]);
    expect(standing.length).toBe(STANDING_LIMIT - 1);
    expect(standing[0]?.partition).toBe('bad');
    expect(overflow).toBe(true);
  });

  it('the mismatch of the newest epoch that landed first is kept: where they come fast, it is sealed and the newest are not', () => {
    const before = Array.from({ length: 3 }, (_, i) => aMismatch(`before-${i}`, i, { epoch: 1 }));
    const many = Array.from({ length: 20 }, (_, i) => aMismatch(nameOf(i), 10 + i, { ...landedAt(10 + i), epoch: 2 }));
    const { standing } = foldAll([...before, ...many]);
    expect(standing.map((one) => one.partition)).toEqual([19, 18, 17, 16, 15, 0].map(nameOf));
  });

  it('is built again from the landings when that one is landed again and mismatches still', () => {
    const many = foldAll(Array.from({ length: 9 }, (_, i) => aMismatch(nameOf(i), i, landedAt(i))));
    expect(foldClaim(many, aMismatch(nameOf(0), 99, { ...landedAt(99), revision: 9 }), 'streamed').kind).toBe(
      'recompute',
    );
    expect(foldClaim(many, aMismatch(nameOf(8), 99, { ...landedAt(99), revision: 9 }), 'streamed').kind).toBe('folded');
  });

  it('is built again from the landings when one that was kept ends and others did not fit', () => {
    const many = foldAll(Array.from({ length: STANDING_LIMIT + 1 }, (_, i) => aMismatch(nameOf(i), i)));
    expect(many.overflow).toBe(true);
    expect(foldClaim(many, aPairOf(nameOf(6), 99, {}, { revision: 9 }), 'streamed')).toEqual({ kind: 'recompute' });
  });

  it('recomputation sees the one that did not fit come up', () => {
    const claims = Array.from({ length: STANDING_LIMIT + 1 }, (_, i) => aMismatch(nameOf(i), i));
    const repaired = [...claims.slice(0, -1), aPairOf(nameOf(6), 99, {}, { revision: 9 })];
    const evidence = recomputeEvidence(JOB, repaired, 3);
    expect(evidence).toMatchObject({ version: 3, overflow: false });
    expect(evidence.standing.map((one) => one.partition)).toEqual([5, 4, 3, 2, 1, 0].map(nameOf));
  });

  it('of a claim taken over before anybody landed, the writer owes it', () => {
    const claim = aClaim({ writer: 'old', takenOverAt: NOW, rightOutstanding: false });
    expect(foldAll([claim]).standing[0]?.owed).toMatchObject({ by: 'old', reason: 'not-landed' });
  });
});

describe('the sides of the window', () => {
  const at = toMs(NOW);
  it('each side’s newest landing counts, wherever it stands in the window', () => {
    const recent = [
      aPair({ newLandedAt: at - 5, oldLandedAt: at - 50 }),
      aPair({ newLandedAt: at - 9, oldLandedAt: at - 1 }),
    ];
    expect(lastLandedAt(anEvidence({ recent }), 'old')).toBe(at - 1);
    expect(lastLandedAt(anEvidence({ recent }), 'new')).toBe(at - 5);
    expect(lastLandedAt(anEvidence({ standing: [aStanding()] }), 'new')).toBeUndefined();
  });

  it('the present release is that of the landing accepted last, not of the pair that changed last', () => {
    const recent = [
      aPair({ changedAt: at, newLandedAt: at - 50, release: 'v1' }),
      aPair({ changedAt: at - 20, newLandedAt: at - 20, release: 'v2' }),
    ];
    expect(presentRelease(anEvidence({ recent }))).toBe('v2');
    expect(presentRelease(anEvidence())).toBeUndefined();
  });
});
