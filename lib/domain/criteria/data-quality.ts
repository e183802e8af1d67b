/** `dataQuality`: row count and checksum are equal, pair by pair; a mismatch is never averaged away. */
import type { Standing } from '../evidence.ts';
import { describeSeconds, toMs } from '../time.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { lackOf, presentPairs, sealedAtMs } from './pairs.ts';
import { verdictOf } from './verdict-of.ts';

/**
 * Mismatches that stand and were sealed since the job entered its phase, whatever their epoch. One of the present epoch
 * counts whatever the clocks say: its landings came from another machine than the transition's time.
 */
export function standingMismatches(facts: Case): Standing[] {
  const since = toMs(facts.job.phaseSince);
  const now = toMs(facts.now);
  return facts.evidence.standing.filter((standing) => {
    if (!standing.mismatch) return false;
    const sealedAt = sealedAtMs(standing, facts.policy);
    return sealedAt <= now && (sealedAt > since || standing.epoch >= facts.job.epoch);
  });
}

export function assessDataQuality(facts: Case): Verdict {
  const { policy, evidence } = facts;
  const pairs = presentPairs(facts);
  const matching = pairs.filter((pair) => pair.outcome === 'match');
  const say = verdictOf('dataQuality', { pairs: matching.length, needed: policy.minPairs });

  const failing = standingMismatches(facts);
  if (failing.length > 0) {
    const [first] = failing;
    const { oldRows, newRows, oldChecksum, newChecksum } = first?.mismatch ?? {};
    return say(
      'fail',
      `${failing.length}${evidence.overflow ? ' or more' : ''} partitions mismatch (0 allowed), e.g. ${first?.partition}: old ${oldRows} rows ${oldChecksum}, new ${newRows} rows ${newChecksum}`,
      failing.map((standing) => standing.partition),
    );
  }
  const unsealed = evidence.standing.filter(
    (standing) => standing.mismatch && sealedAtMs(standing, policy) > toMs(facts.now),
  );
  if (unsealed.length > 0) {
    return say(
      'inconclusive',
      `${unsealed.length} partitions mismatch, and a correction may come for ${describeSeconds(policy.settleSeconds)}`,
      unsealed.map((standing) => standing.partition),
    );
  }
  const incomparable = pairs.filter((pair) => pair.outcome === 'incomparable');
  if (incomparable.length > 0 && pairs[0]?.outcome === 'incomparable') {
    return say(
      'missing',
      `the newest of ${incomparable.length} pairs cannot be compared: checksum algorithm or input version differ`,
      incomparable.map((pair) => pair.partition).slice(0, 6),
    );
  }
  const unanswered = pairs.filter(
    (pair) =>
      pair.outcome === 'new-only' && (pair.newLandedAt ?? 0) + policy.absentGraceSeconds * 1000 < toMs(facts.now),
  );
  if (unanswered.length > 0) {
    const names = unanswered.map((pair) => pair.partition).slice(0, 6);
    return say(
      'missing',
      `new landed ${unanswered.length} partitions that old has not landed for more than ${describeSeconds(policy.absentGraceSeconds)}, e.g. ${names[0]}`,
      names,
    );
  }
  const lack = lackOf(facts, matching);
  if (lack) return say('missing', `${matching.length} of ${policy.minPairs} matching pairs: ${lack}`);
  return say(
    'pass',
    `${matching.length} pairs match, 0 mismatch (${policy.minPairs} pairs needed, 0 mismatches allowed)`,
  );
}
