import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { countingRules } from '../../lib/domain/counting.ts';
import { countSettled, type Evidence, emptyEvidence, foldClaim } from '../../lib/domain/evidence.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLanding, aPolicy, aPublishedClaim, NOW } from '../builders/records.ts';

const RULES = countingRules(aPolicy());

function landed(index: number, minute: number, given: Partial<Landing> = {}): Claim {
  const at = addSeconds(NOW, minute * 60);
  const claimedAt = addSeconds(NOW, index * 60 - 30);
  return aPublishedClaim({
    ...{ partition: `p${index}`, claimedAt, readyAt: claimedAt, changedAt: at, revision: minute },
    production: aLanding({ acceptedAt: addSeconds(NOW, index * 60 - 10) }),
    shadow: aLanding({ system: 'new', release: 'a', acceptedAt: at, ...given }),
  });
}

const gather = (evidence: Evidence, claims: readonly Claim[]) =>
  claims.reduce((known, claim) => {
    const outcome = foldClaim(known, claim, 'current', RULES);
    return countSettled(outcome.kind === 'folded' ? outcome.evidence : known, RULES, addSeconds(NOW, 90 * 86_400));
  }, evidence);

const all = (count: number, from: number, given: Partial<Landing> = {}) =>
  Array.from({ length: count }, (_, index) => landed(index, from + index, given));

describe('what was counted as equal', () => {
  const counted = gather(emptyEvidence('flights-atl'), all(60, 0));

  it('is counted once, however many are landed wrong and then right again after the window has forgotten them', () => {
    expect(counted.tally?.equal).toBe(60);
    const wrong = gather(counted, all(20, 1_000, { checksum: 'wrong' }));
    expect(wrong).toMatchObject({ overflow: true, tally: { equal: 40 } });
    expect(gather(wrong, all(20, 2_000)).tally?.equal).toBeLessThanOrEqual(60);
  });

  it('is equal no longer when it can no longer be compared, and again when it can', () => {
    const other = gather(counted, [landed(59, 1_000, { checksumAlgorithm: 'crc' })]);
    expect(other.tally?.equal).toBe(59);
    const again = gather(other, [landed(59, 2_000)]);
    expect(again.tally).toMatchObject({ equal: 60, states: counted.tally?.states });
  });

  it('is taken off when another release lands it again, and this one goes on', () => {
    const other = landed(58, 1_000, { release: 'b', acceptedAt: addSeconds(NOW, 58 * 60 + 1) });
    expect(gather(counted, [other]).tally).toMatchObject({ release: 'a', equal: 59 });
  });
});
