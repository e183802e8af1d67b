/**
 * Coverage: what evidence there is of a job at this moment, so that silence is seen as silence. Pure; the local dashboard's
 * read model keeps `EvidenceFacts` of every job and asks again whenever time has passed. It judges nothing: whether the
 * evidence is good enough is for the criteria, and the job page shows their verdicts.
 */
import { isComparablePair, isEqual, type Pair } from '../domain/evidence/pair.ts';
import { type Evidence, lastLandedAt, presentRelease } from '../domain/evidence.ts';
import { type Phase, type System, shadowWriter, writerMayStand } from '../domain/phases.ts';

/**
 * `paired`: both systems land, and their newest partitions are compared and match. `mismatching`: a difference stands.
 * `one-sided`: one system lands and the other does not. `incomparable`: both land what cannot be compared. `stale`: what
 * there is, is older than the policy allows. `missing`: nothing has landed. `not-compared`: in this phase nobody compares.
 * Only `paired` is ever shown as well. The position is what the browser is sent: append, never reorder.
 */
export const COVERAGES = [
  'mismatching',
  'missing',
  'one-sided',
  'stale',
  'incomparable',
  'not-compared',
  'paired',
] as const;
export type Coverage = (typeof COVERAGES)[number];

/** Of a job's evidence, what coverage depends on. Instants are epoch milliseconds, and absent where nothing landed. */
export interface EvidenceFacts {
  oldAt: number | undefined;
  newAt: number | undefined;
  /** When a partition was last compared. */
  comparedAt: number | undefined;
  /** When a partition last was there twice and could not be compared. */
  incomparableAt: number | undefined;
  /** Since when the longest waiting partition of the newest epoch has been landed by one system alone. */
  aloneSince: number | undefined;
  /** Mismatches that stand. */
  mismatches: number;
  /** Matching pairs of the newest epoch and of the new system's present release, and which epoch that is. */
  matching: number;
  epoch: number;
}

export interface CoverageLimits {
  maxAgeSeconds: number;
  absentGraceSeconds: number;
  /** Matching pairs that a promotion needs. */
  minPairs: number;
}

export function summarizeEvidence(evidence: Evidence): EvidenceFacts {
  const { recent, standing, tally } = evidence;
  const release = presentRelease(evidence);
  const epoch = recent.reduce((newest, pair) => Math.max(newest, pair.epoch), 0);
  const counted = tally?.epoch === epoch && tally.release === release ? tally.equal : 0;
  const facts: EvidenceFacts = {
    oldAt: lastLandedAt(evidence, 'old'),
    newAt: lastLandedAt(evidence, 'new'),
    comparedAt: undefined,
    incomparableAt: undefined,
    aloneSince: undefined,
    mismatches: standing.filter(({ mismatch }) => mismatch !== undefined).length,
    matching: counted + recent.filter((pair) => isOf(pair, epoch, release) && !pair.counted && isEqual(pair)).length,
    epoch,
  };
  for (const pair of recent) {
    const { outcome } = pair;
    const landedAt = Math.max(pair.oldLandedAt ?? 0, pair.newLandedAt ?? 0);
    if (isComparablePair(pair)) facts.comparedAt = Math.max(facts.comparedAt ?? 0, landedAt);
    if (outcome === 'incomparable') facts.incomparableAt = Math.max(facts.incomparableAt ?? 0, landedAt);
    const alone = outcome === 'old-only' || outcome === 'new-only';
    // Before it was in shadow, the new system was not expected.
    if (alone && pair.epoch === epoch) facts.aloneSince = Math.min(facts.aloneSince ?? landedAt, landedAt);
  }
  return facts;
}

function isOf(pair: Pair, epoch: number, release: string | undefined): boolean {
  return pair.epoch === epoch && pair.release === release;
}

/** How a system's newest landing stands: `idle` where the phase does not have it run. */
export type Freshness = 'fresh' | 'stale' | 'never' | 'idle';

export function freshnessOf(
  system: System,
  phase: Phase,
  facts: EvidenceFacts | undefined,
  { maxAgeSeconds }: CoverageLimits,
  nowMs: number,
): Freshness {
  const runs = shadowWriter(phase) !== undefined || writerMayStand(phase, system);
  if (!runs || phase === 'complete') return 'idle';
  const at = system === 'old' ? facts?.oldAt : facts?.newAt;
  if (at === undefined) return 'never';
  return nowMs - at > maxAgeSeconds * 1000 ? 'stale' : 'fresh';
}

/** @param limits of the job's policy; where there is none, nothing is known, which is `missing`. */
export function assessCoverage(
  phase: Phase,
  facts: EvidenceFacts | undefined,
  limits: CoverageLimits | undefined,
  nowMs: number,
): Coverage {
  if (phase === 'complete') return 'not-compared';
  if (limits === undefined) return 'missing';
  const sides = (['old', 'new'] as const).map((system) => freshnessOf(system, phase, facts, limits, nowMs));
  const running = sides.filter((side) => side !== 'idle');
  if (running.every((side) => side === 'never')) return 'missing';
  if (running.every((side) => side !== 'fresh')) return running.includes('never') ? 'one-sided' : 'stale';
  if (running.length === 1) return 'not-compared';
  if (facts === undefined || running.some((side) => side !== 'fresh')) return 'one-sided';

  if (facts.mismatches > 0) return 'mismatching';
  const isRecent = (at: number | undefined, seconds: number) => at !== undefined && nowMs - at <= seconds * 1000;
  if (facts.aloneSince !== undefined && !isRecent(facts.aloneSince, limits.absentGraceSeconds)) return 'one-sided';
  if (isRecent(facts.comparedAt, limits.maxAgeSeconds)) return 'paired';
  return isRecent(facts.incomparableAt, limits.maxAgeSeconds) ? 'incomparable' : 'one-sided';
}
