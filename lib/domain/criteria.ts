/**
 * From evidence to verdicts, one per criterion. Called by `evaluate`; pure. `fail` only on what is proven, `pass` only on
 * enough valid, fresh, matching pairs of the job's present epoch and of the new system's present release.
 */
import { type Evidence, lastLandedAt, type Pair, presentRelease, type Standing } from './evidence.ts';
import type { Job } from './job.ts';
import type { Policy } from './policy.ts';
import { describeSeconds, type Instant, toMs } from './time.ts';
import type { Criterion, Outcome, Verdict } from './verdict.ts';

export interface Case {
  job: Job;
  evidence: Evidence;
  policy: Policy;
  now: Instant;
}

export function assessCriteria(facts: Case): Verdict[] {
  const { phase } = facts.job;
  if (phase === 'pending' || phase === 'complete') return [];
  const verdicts = phase === 'cleanup' ? [] : [assessDataQuality(facts)];
  const { landingLatency, resourceUtilization } = facts.policy.criteria;
  if (landingLatency) verdicts.push(assessLatency(facts, landingLatency));
  if (resourceUtilization) verdicts.push(assessResources(facts, resourceUtilization));
  return verdicts;
}

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

/** The newest landing of that system is within the policy's freshness limit. */
export function isFresh(facts: Case, system: 'old' | 'new'): boolean {
  const at = lastLandedAt(facts.evidence, system);
  return at !== undefined && toMs(facts.now) - at <= facts.policy.maxAgeSeconds * 1000;
}

/** Only a landing can be a correction: that somebody asked for the partition again seals nothing off and opens nothing. */
function sealedAtMs(observed: { final: boolean; landedAt: number }, policy: Policy): number {
  return observed.final ? observed.landedAt : observed.landedAt + policy.settleSeconds * 1000;
}

/** When the last of a pair's landings was accepted, in epoch milliseconds. */
function landedAtOf({ oldLandedAt = 0, newLandedAt = 0 }: Pair): number {
  return Math.max(oldLandedAt, newLandedAt);
}

/** Sealed pairs of the present epoch and release, those that landed last first. */
function presentPairs(facts: Case): Pair[] {
  const release = presentRelease(facts.evidence);
  const now = toMs(facts.now);
  return facts.evidence.recent
    .filter(
      (pair) =>
        pair.epoch === facts.job.epoch &&
        (pair.newLandedAt === undefined || pair.release === release) &&
        sealedAtMs({ final: pair.final, landedAt: landedAtOf(pair) }, facts.policy) <= now,
    )
    .sort((a, b) => landedAtOf(b) - landedAtOf(a));
}

function assessDataQuality(facts: Case): Verdict {
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

/** Why these pairs are not enough; `undefined` when they are. */
function lackOf(facts: Case, pairs: readonly Pair[]): string | undefined {
  const { policy, job } = facts;
  const newest = Math.max(...pairs.map(landedAtOf));
  const ageSeconds = (toMs(facts.now) - newest) / 1000;
  if (pairs.length > 0 && ageSeconds > policy.maxAgeSeconds) {
    return `the newest is ${describeSeconds(ageSeconds)} old, ${describeSeconds(policy.maxAgeSeconds)} allowed`;
  }
  if (pairs.length < policy.minPairs) {
    const release = presentRelease(facts.evidence);
    return `of epoch ${job.epoch}${release ? ` and release ${release}` : ''}, more have to land`;
  }
  return undefined;
}

type LatencyLimits = Exclude<Policy['criteria']['landingLatency'], false>;
type ResourceLimits = Exclude<Policy['criteria']['resourceUtilization'], false>;

/** What the old system needed for a pair: measured beside it, or frozen when it was stopped. */
interface Reference {
  lagSeconds?: number | undefined;
  computeSeconds?: number | undefined;
  storageBytes?: number | undefined;
}

function referenceFor(facts: Case, pair: Pair): Reference {
  if (facts.job.phase === 'cleanup') return facts.job.baseline ?? {};
  return { lagSeconds: pair.oldLagSeconds, computeSeconds: pair.oldComputeSeconds, storageBytes: pair.oldStorageBytes };
}

function assessLatency(facts: Case, limits: LatencyLimits): Verdict {
  const { policy, job } = facts;
  const due = job.dueAfterSeconds;
  const graceEnds = (pair: Pair) => (pair.oldLandedAt ?? 0) + policy.absentGraceSeconds * 1000;
  const measured = presentPairs(facts)
    .filter((pair) => !pair.backfill)
    .map((pair) => {
      const old = referenceFor(facts, pair).lagSeconds;
      const late = pair.newLagSeconds;
      if (late === undefined) {
        const absent = pair.outcome === 'old-only' && graceEnds(pair) < toMs(facts.now);
        return absent
          ? { pair, breach: `old landed, new is absent for more than ${describeSeconds(policy.absentGraceSeconds)}` }
          : undefined;
      }
      if (old === undefined) return undefined;
      return { pair, breach: describeLatencyBreach(old, late, due, limits) };
    })
    .filter((measure) => measure !== undefined);
  return judgeBreaches('landingLatency', facts, measured, limits, 'new lands as old does');
}

function describeLatencyBreach(
  old: number,
  late: number,
  due: number | undefined,
  limits: LatencyLimits,
): string | undefined {
  const lags = `lag ${describeSeconds(late)} against ${describeSeconds(old)}`;
  if (due !== undefined && late > due && old <= due)
    return `${lags}: new missed the deadline of ${describeSeconds(due)}, old met it`;
  if (late > old * limits.lag.ratio && late - old >= limits.lag.floor) return `${lags} (x ${limits.lag.ratio} allowed)`;
  if (late - old > limits.maxExtraSeconds) return `${lags} (${describeSeconds(limits.maxExtraSeconds)} more allowed)`;
  return undefined;
}

function assessResources(facts: Case, limits: ResourceLimits): Verdict {
  const measured = presentPairs(facts)
    .map((pair) => {
      const old = referenceFor(facts, pair);
      const compute = exceeds(old.computeSeconds, pair.newComputeSeconds, limits.compute, 's compute');
      const storage = exceeds(old.storageBytes, pair.newStorageBytes, limits.storage, ' bytes stored');
      const breach = (compute ?? '') || (storage ?? '') || undefined;
      // A breach is proven by one figure; that there is none, only by all that either side reports.
      const oneSided =
        isOneSided(facts, old.computeSeconds, pair.newComputeSeconds) ||
        isOneSided(facts, old.storageBytes, pair.newStorageBytes);
      const silent = compute === undefined && storage === undefined;
      return breach !== undefined || !(oneSided || silent) ? { pair, breach } : undefined;
    })
    .filter((measure) => measure !== undefined);
  return judgeBreaches('resourceUtilization', facts, measured, limits, 'new uses no more than old');
}

/** One side says what it used and the other does not: that pair is not measured. A baseline holds what it holds. */
function isOneSided({ job }: Case, old: number | undefined, next: number | undefined): boolean {
  if (job.phase === 'cleanup') return old !== undefined && next === undefined;
  return (old === undefined) !== (next === undefined);
}

/** The breach in words, '' when there is none, `undefined` when a side reported nothing. */
function exceeds(
  old: number | undefined,
  next: number | undefined,
  limit: { ratio: number; floor: number },
  unit: string,
): string | undefined {
  if (old === undefined || next === undefined) return undefined;
  const breached = next > old * limit.ratio && next - old >= limit.floor;
  const figure = (n: number) => Number(n.toPrecision(4));
  return breached ? `${figure(next)}${unit} against ${figure(old)} (x ${limit.ratio} allowed)` : '';
}

function judgeBreaches(
  criterion: Criterion,
  facts: Case,
  measured: { pair: Pair; breach: string | undefined }[],
  limits: { breaches: number; of: number },
  fine: string,
): Verdict {
  const { policy, job } = facts;
  const needed = job.phase === 'cleanup' ? Math.min(3, policy.minPairs) : policy.minPairs;
  const say = verdictOf(criterion, { pairs: measured.length, needed });
  if (job.phase === 'cleanup' && !job.baseline) {
    return say('not-applicable', 'the job came in at cleanup, so no baseline of the old system was frozen');
  }
  const window = measured.slice(0, limits.of);
  const breaches = window.filter((measure) => measure.breach !== undefined);
  const names = breaches.map((measure) => measure.pair.partition).slice(0, 6);
  const counted = `${breaches.length} of the newest ${window.length} pairs breach a hard limit (${limits.breaches} fail)`;
  const example = breaches[0] ? `, e.g. ${breaches[0].pair.partition}: ${breaches[0].breach}` : '';
  if (breaches.length >= limits.breaches) return say('fail', counted + example, names);
  const pairs = measured.map((measure) => measure.pair);
  const lack =
    pairs.length === 0
      ? 'both systems have to report it'
      : lackOf({ ...facts, policy: { ...policy, minPairs: needed } }, pairs);
  if (lack) return say('missing', `${measured.length} of ${needed} measured pairs: ${lack}`, names);
  if (breaches.length > 0) return say('inconclusive', counted + example, names);
  return say('pass', `${fine}: 0 of the newest ${window.length} pairs breach a hard limit (${limits.breaches} fail)`);
}

function verdictOf(criterion: Criterion, sample: Verdict['sample']) {
  return (outcome: Outcome, message: string, partitions?: string[]): Verdict => ({
    criterion,
    outcome,
    message,
    sample,
    ...(partitions && partitions.length > 0 && { partitions }),
  });
}
