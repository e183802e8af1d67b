/**
 * `dataQuality`: row count and checksum are equal, pair by pair, but for the policy's known differences. A mismatch is never
 * averaged away, and an excused one is never silent.
 */
import { findExcuse } from '../difference.ts';
import { isEqual } from '../evidence/pair.ts';
import type { Standing } from '../evidence/standing.ts';
import { describeSeconds, toInstant, toMs } from '../time.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { lackOf, type Present, sealedAtMs } from './pairs.ts';
import { verdictOf } from './verdict-of.ts';

/**
 * Mismatches that stand and were sealed since the job entered its phase, whatever their epoch. One of the present epoch
 * counts whatever the clocks say: its landings came from another machine than the transition's time. What the policy
 * excuses is not among them, whether the excuse is on the claim already or not.
 */
export function standingMismatches(facts: Case): Standing[] {
  const since = toMs(facts.job.phaseSince);
  const now = toMs(facts.now);
  return facts.evidence.standing.filter((standing) => {
    if (!standing.mismatch || isExcusable(facts, standing)) return false;
    const sealedAt = sealedAtMs(standing, facts.policy);
    return sealedAt <= now && (sealedAt > since || standing.epoch >= facts.job.epoch);
  });
}

/** The policy excuses this mismatch, which the next sweep writes on its claim. */
export function isExcusable({ policy }: Case, { mismatch, landedAt }: Standing): boolean {
  const rules = policy.criteria.dataQuality.knownDifferences;
  return mismatch !== undefined && findExcuse(mismatch, rules, toInstant(landedAt)) !== undefined;
}

/** What has left the window was counted before; only what is in it has a name and a date. */
export function assessDataQuality(facts: Case, { pairs, tally }: Present): Verdict {
  const { policy, evidence } = facts;
  const matching = pairs.filter(isEqual);
  const count = tally?.equal ?? 0;
  const say = verdictOf('dataQuality', { pairs: count, needed: policy.minPairs });

  const failing = standingMismatches(facts);
  if (failing.length > 0) {
    const [first] = failing;
    const { oldRows, newRows, oldChecksum, newChecksum } = first?.mismatch ?? {};
    const signatures = countSignatures(failing);
    const message = `${failing.length}${evidence.overflow ? ' or more' : ''} partitions mismatch (0 allowed): ${describeSignatures(signatures)}, e.g. ${first?.partition}: old ${oldRows} rows ${oldChecksum}, new ${newRows} rows ${newChecksum}`;
    const partitions = failing.map((standing) => standing.partition);
    return { ...say('fail', message, partitions), ...(signatures[0] && { signature: signatures[0].signature }) };
  }
  const unsealed = evidence.standing.filter(
    (standing) => standing.mismatch && !isExcusable(facts, standing) && sealedAtMs(standing, policy) > toMs(facts.now),
  );
  if (unsealed.length > 0) {
    return say(
      'inconclusive',
      `${unsealed.length} partitions mismatch, and a correction may come for ${describeSeconds(policy.settleSeconds)}`,
      unsealed.map((standing) => standing.partition),
    );
  }
  const excusable = evidence.standing.filter((standing) => isExcusable(facts, standing));
  if (evidence.overflow && excusable.length > 0) {
    return say(
      'inconclusive',
      `${excusable.length} partitions differ as the policy expects, and more stand out than are known by name: sweeps go through them`,
      excusable.map((standing) => standing.partition),
    );
  }
  const incomparable = pairs.filter((pair) => pair.outcome === 'incomparable');
  // A landing that waits for its other side says nothing about whether the two can be compared.
  const newest = pairs.find(({ outcome }) => !['old-only', 'new-only', 'none'].includes(outcome));
  if (newest?.outcome === 'incomparable') {
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
  const lack = lackOf(facts, matching, count);
  if (lack) return say('missing', `${count} of ${policy.minPairs} matching pairs: ${lack}`);
  const excused = pairs.filter((pair) => pair.outcome === 'excused').map((pair) => pair.partition);
  return say(
    'pass',
    `${count - excused.length} pairs match, 0 mismatch (${policy.minPairs} pairs needed, 0 mismatches allowed)${describeExcused(facts, excused.length)}`,
    excused.slice(0, 6),
  );
}

interface SignatureCount {
  signature: string;
  count: number;
}

/** Most frequent first. */
function countSignatures(failing: readonly Standing[]): SignatureCount[] {
  const bySignature = Map.groupBy(failing, ({ mismatch }) => mismatch?.signature ?? 'unknown');
  return [...bySignature]
    .map(([signature, standing]) => ({ signature, count: standing.length }))
    .sort((a, b) => b.count - a.count || (a.signature < b.signature ? -1 : 1));
}

/** `fewer-rows (4), mean_delay (2)` */
function describeSignatures(counts: readonly SignatureCount[]): string {
  return counts.map(({ signature, count }) => `${signature} (${count})`).join(', ');
}

function describeExcused({ policy }: Case, excused: number): string {
  if (excused === 0) return '';
  const rules = policy.criteria.dataQuality.knownDifferences.map(
    ({ name, owner, expires }) => `${name}, owner ${owner}, until ${expires}`,
  );
  const by = rules.length > 0 ? `by ${rules.join('; ')}` : 'by a known difference that the policy no longer names';
  return `; ${excused} differ and are excused ${by}`;
}
