/**
 * One claim as a pair: what both systems landed of one partition, as far as evidence goes by it. The evidence's fold
 * makes a pair of every new image of a claim; criteria read it. It must not know of policies or of the present time.
 */
import type { Claim } from '../claim.ts';
import { isExcused } from '../difference.ts';
import { fingerprint, fnv1a32 } from '../hash.ts';
import { isComparable, type Landing, landingsMatch } from '../landing.ts';
import type { System } from '../phases.ts';
import { toMs } from '../time.ts';

/**
 * `none`: no pair is to be expected. The claim was taken over, which ended the other side's run: its absence says nothing
 * about the system. `excused`: it mismatches, as a known difference of the policy.
 */
export type PairOutcome = 'match' | 'mismatch' | 'excused' | 'incomparable' | 'old-only' | 'new-only' | 'none';

/** One claim as evidence. Instants are epoch milliseconds here, since sweeps decode fifty thousand windows of these. */
export interface Pair {
  /** The partition's name, shortened where it is long (`shortName`). */
  partition: string;
  epoch: number;
  outcome: PairOutcome;
  /** Of the claim; rises with every change of it, so it also tells an old image from a new one. */
  changedAt: number;
  oldLandedAt?: number;
  newLandedAt?: number;
  oldLagSeconds?: number;
  newLagSeconds?: number;
  oldComputeSeconds?: number;
  newComputeSeconds?: number;
  oldStorageBytes?: number;
  newStorageBytes?: number;
  /** The new system's release that landed it, shortened likewise; empty when it named none. */
  release: string;
  /** Every landing that is there was the last word (`final`). */
  final: boolean;
  backfill: boolean;
  /** When the claim was made, to the second. */
  claimedAt: number;
  /** Its measures are in the tally, or were too late for it: no later image of it is counted again. */
  counted: boolean;
  /** Metrics that the policy judges, by name, each of the sides that report it. */
  metrics?: Readonly<Record<string, MetricPair>>;
}

export interface MetricPair {
  old?: number;
  new?: number;
}

/**
 * Text order that keeps a name readable and its size bounded: `2026-11-22T13` as it is, a longer one as its beginning, a
 * tilde and a hash of the whole.
 */
export function shortName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = limit >= 24 ? fingerprint(name) : fnv1a32(name).toString(16).padStart(8, '0');
  return `${name.slice(0, limit - hash.length - 1)}~${hash}`;
}

/** A claim enters the window with its first landing; one that was taken over stays in it, so none ever leaves a hole. */
export function isObserved(claim: Claim): boolean {
  return claim.production !== undefined || claim.shadow !== undefined || claim.takenOverAt !== undefined;
}

/** @param metrics names of the landings' metrics to keep. */
export function observePair(claim: Claim, metrics: readonly string[] = []): Pair {
  const landings = [claim.production, claim.shadow].filter((landing) => landing !== undefined);
  const old = landings.find((landing) => landing.system === 'old');
  const next = landings.find((landing) => landing.system === 'new');
  return {
    partition: shortName(claim.partition, 20),
    epoch: claim.epoch,
    outcome: claim.takenOverAt !== undefined && !(old && next) ? 'none' : outcomeOf(claim, old, next),
    changedAt: toMs(claim.changedAt),
    ...sided('old', old, claim),
    ...sided('new', next, claim),
    release: shortName(next?.release ?? '', 14),
    final: landings.length > 0 && landings.every((landing) => landing.final),
    backfill: landings.some((landing) => landing.kind === 'backfill'),
    claimedAt: Math.floor(toMs(claim.claimedAt) / 1000) * 1000,
    counted: false,
    ...(metrics.length > 0 && observeMetrics(metrics, old, next)),
  };
}

function observeMetrics(names: readonly string[], old: Landing | undefined, next: Landing | undefined): Partial<Pair> {
  const reported = names.flatMap((name) => {
    const [before, after] = [readMetric(old, name), readMetric(next, name)];
    if (before === undefined && after === undefined) return [];
    const pair: MetricPair = {
      ...(before !== undefined && { old: Math.fround(before) }),
      ...(after !== undefined && { new: Math.fround(after) }),
    };
    return [[name, pair] as const];
  });
  return reported.length > 0 ? { metrics: Object.fromEntries(reported) } : {};
}

/** A job's metrics can have any name, and so can what every object inherits. */
function readMetric(landing: Landing | undefined, name: string): number | undefined {
  const metrics = landing?.metrics;
  return metrics && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function outcomeOf(claim: Claim, old: Landing | undefined, next: Landing | undefined): PairOutcome {
  if (!next) return old ? 'old-only' : 'none';
  if (!old) return 'new-only';
  if (!isComparable(old, next)) return 'incomparable';
  if (landingsMatch(old, next)) return 'match';
  return isExcused(claim) ? 'excused' : 'mismatch';
}

function sided(side: System, landing: Landing | undefined, claim: Claim): Partial<Pair> {
  if (!landing) return {};
  // Float32, as the packed form keeps it: so that a fold in memory and one from the store are the same numbers.
  // Of a claim that changed hands it says when that was, and of neither system how fast it is.
  const lag =
    claim.takenOverAt === undefined
      ? Math.fround(Math.max(0, (toMs(landing.landedAt) - toMs(claim.readyAt)) / 1000))
      : undefined;
  const compute = landing.computeSeconds === undefined ? undefined : Math.fround(landing.computeSeconds);
  const storage = landing.storageBytes === undefined ? undefined : Math.fround(landing.storageBytes);
  const at = toMs(landing.acceptedAt);
  if (side === 'old') {
    return {
      oldLandedAt: at,
      ...(lag !== undefined && { oldLagSeconds: lag }),
      ...(compute !== undefined && { oldComputeSeconds: compute }),
      ...(storage !== undefined && { oldStorageBytes: storage }),
    };
  }
  return {
    newLandedAt: at,
    ...(lag !== undefined && { newLagSeconds: lag }),
    ...(compute !== undefined && { newComputeSeconds: compute }),
    ...(storage !== undefined && { newStorageBytes: storage }),
  };
}

/** Negative when `a` changed later than `b`; the name breaks ties, so the order is total. */
export function byNewest(
  a: { changedAt: number; partition: string },
  b: { changedAt: number; partition: string },
): number {
  return b.changedAt - a.changedAt || (a.partition < b.partition ? 1 : a.partition > b.partition ? -1 : 0);
}

/** When the last of a pair's landings was accepted, in epoch milliseconds. */
export function landedAtOf({ oldLandedAt = 0, newLandedAt = 0 }: Pair): number {
  return Math.max(oldLandedAt, newLandedAt);
}

/** Both systems' content is the same, or differs as the policy expects. */
export function isEqual({ outcome }: Pair): boolean {
  return outcome === 'match' || outcome === 'excused';
}

/** Both landed, and the same input: what its measures are worth does not hang on its content. */
export function isComparablePair({ outcome }: Pair): boolean {
  return outcome === 'match' || outcome === 'mismatch' || outcome === 'excused';
}
