import { describe, expect, it } from 'vitest';
import { countingRules } from '../../lib/domain/counting.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { countSettled, emptyEvidence, foldClaim } from '../../lib/domain/evidence.ts';
import { aLanding, aPolicy, aPublishedClaim } from '../builders/records.ts';
import { ago, aReadyCase, EPOCH, HOUR } from './cases.ts';

const MINUTE = 60;

/** The evidence after both systems have landed every partition of the last day and a half, and no content was the same. */
function mismatchesEvery(seconds: number, settleSeconds: number) {
  const rules = countingRules(aPolicy({ settleSeconds }));
  let evidence = emptyEvidence('flights-atl');
  for (let left = 36 * HOUR; left > 0; left -= seconds) {
    const at = ago(left);
    const claim = aPublishedClaim({
      ...{ partition: at, epoch: EPOCH, writer: 'new', claimedAt: at, readyAt: at, changedAt: at },
      production: aLanding({ system: 'new', acceptedAt: at, landedAt: at, checksum: 'bad' }),
      shadow: aLanding({ system: 'old', acceptedAt: at, landedAt: at }),
    });
    const outcome = foldClaim(evidence, claim, 'streamed', rules);
    if (outcome.kind === 'folded') evidence = countSettled(outcome.evidence, rules, at);
  }
  return aReadyCase('reverse-shadow', { evidence, policy: { settleSeconds } });
}

describe('a job whose every pair mismatches is demoted', () => {
  it.each([
    ['every hour, sealed within a quarter of one', HOUR, 15 * MINUTE],
    ['every minute, so that more come than are kept before one is sealed', MINUTE, 15 * MINUTE],
    ['every hour, and corrections may come for a day', HOUR, 24 * HOUR],
  ])('%s', (_, every, settleSeconds) => {
    const decision = evaluate(mismatchesEvery(every, settleSeconds));
    expect(decision).toMatchObject({ kind: 'demote', reason: 'data-quality-failed' });
  });
});
