/**
 * A committed phase change, the record it leaves, and the next state of the job. Decisions and overrides meet here: the
 * same function plans both, so both keep the same bookkeeping.
 */
import type { Reason } from './decision.ts';
import { isEqual } from './evidence/pair.ts';
import type { Evidence } from './evidence.ts';
import { hooksAfter } from './hook-record.ts';
import { type Baseline, type HandledRequest, type Hold, type Job, rememberRequests, type SeenSplit } from './job.ts';
import { findTransition, type Phase } from './phases.ts';
import type { Policy } from './policy.ts';
import { addSeconds, type Instant, laterOf, secondsBetween } from './time.ts';
import { nameCause, type Outcome } from './verdict.ts';

/** Who did it. `automation` carries the sweep; an operator's identity is `verified` only when AWS vouches for it. */
export type Actor =
  | { kind: 'automation'; sweepId: string }
  | { kind: 'operator'; name: string; verified: boolean; requestId?: string };

interface RecordBase {
  jobId: string;
  /** The job's version that this record made; its key in the history. */
  version: number;
  at: Instant;
  epoch: number;
  actor: Actor;
  message: string;
  /**
   * The record's copy is in the history and, for a transition, the claims that production was taken from were taken over.
   * Until it is set every sweep repeats that.
   */
  settled: boolean;
}

export interface TransitionRecord extends RecordBase {
  type: 'promotion' | 'demotion';
  from: Phase;
  to: Phase;
  reason: Reason;
  forced?: boolean;
  waived?: Waived;
  policy?: { name: string; hash: string };
  verdicts?: { criterion: string; outcome: Outcome; message: string; signature?: string }[];
}

/** What a person passed over who forced a promotion: automation does not undo it for that. */
export interface Waived {
  /** The needs that were not met, by name. */
  needs: string[];
  /** The mismatches that stood. */
  mismatches: { partition: string; landedAt: number }[];
}

export interface OverrideRecord extends RecordBase {
  type: 'held' | 'released' | 'acknowledged' | 'restarted' | 'approved' | 'retired';
  hold?: Hold;
  /** Of an acknowledgement: the partitions with two writers that the person was shown. */
  splits?: SeenSplit[];
}

export type HistoryRecord = TransitionRecord | OverrideRecord;

export function isTransition(record: HistoryRecord): record is TransitionRecord {
  return record.type === 'promotion' || record.type === 'demotion';
}

/** Demotions remembered on the job; more than any policy's flapping limit. */
const DEMOTIONS_KEPT = 10;

export interface Grounds {
  to: Phase;
  reason: Reason;
  message: string;
  actor: Actor;
  policy: Policy;
  evidence: Evidence;
  verdicts?: TransitionRecord['verdicts'];
  forced?: boolean;
  waived?: Waived;
  /** The operator's request, where it named itself. */
  handled?: readonly Omit<HandledRequest, 'version'>[];
}

/** The job after the transition: one version and one epoch on. Throws when `TRANSITIONS` has no such step. */
export function planTransition(job: Job, grounds: Grounds, now: Instant): Job {
  const rule = findTransition(job.phase, grounds.to);
  if (!rule) throw new Error(`no transition leads from ${job.phase} to ${grounds.to}: callers check TRANSITIONS first`);
  const record: TransitionRecord = {
    type: rule.kind,
    jobId: job.jobId,
    version: job.version + 1,
    epoch: job.epoch + 1,
    at: now,
    from: rule.from,
    to: rule.to,
    actor: grounds.actor,
    reason: grounds.reason,
    message: grounds.message,
    policy: { name: grounds.policy.name, hash: grounds.policy.hash },
    ...(grounds.verdicts && { verdicts: grounds.verdicts }),
    ...(grounds.forced && { forced: true }),
    ...(grounds.waived && { waived: grounds.waived }),
    settled: false,
  };
  const { attention: _a, proposal: _p, awaitingOld: _w, approvals: _s, hooks: _h, ...kept } = job;
  const { type: kind, from, to, version, epoch, at, reason } = record;
  const requests = rememberRequests(job, grounds.handled ?? [], record.version);
  return {
    ...kept,
    ...(requests && { requests }),
    // Written with the transition, so that nothing can come between them: a demotion is told of too, but never asked about.
    ...hooksAfter(job, { kind, from, to, version, epoch, at, reason }, grounds.policy),
    phase: rule.to,
    epoch: record.epoch,
    version: record.version,
    phaseSince: now,
    lastTransition: record,
    ...(rule.kind === 'demotion' && coolDown(job, grounds, now)),
    ...(rule.kind === 'demotion' &&
      grounds.actor.kind === 'automation' && {
        attention: { kind: 'regressing' as const, cause: nameCause(grounds.reason, grounds.verdicts), since: now },
      }),
    ...(rule.to === 'cleanup' && { baseline: freezeBaseline(grounds.evidence, now) }),
    ...(rule.from === 'cleanup' && rule.to === 'reverse-shadow' && { awaitingOld: true }),
  };
}

/** A demotion starts a cooldown, longer each time; one by hand does not count as flapping. */
function coolDown(job: Job, { policy, actor }: Grounds, now: Instant): Partial<Job> {
  const automatic = actor.kind === 'automation';
  const demotedAt = automatic ? [...job.demotedAt, now].slice(-DEMOTIONS_KEPT) : job.demotedAt;
  const recent = demotedAt.filter((at) => secondsBetween(at, now) <= policy.flapping.withinSeconds).length;
  const { firstSeconds, maxSeconds } = policy.cooldown;
  const seconds = Math.min(firstSeconds * 2 ** Math.max(0, recent - 1), maxSeconds);
  const until = addSeconds(now, seconds);
  return { demotedAt, cooldownUntil: laterOf(until, job.cooldownUntil ?? until) };
}

/** Medians of the old system's side of the window, as it was when the old system was stopped. */
export function freezeBaseline(evidence: Evidence, now: Instant): Baseline {
  const pairs = evidence.recent.filter((pair) => isEqual(pair) && !pair.backfill);
  const lag = median(pairs.map((pair) => pair.oldLagSeconds));
  const compute = median(pairs.map((pair) => pair.oldComputeSeconds));
  const storage = median(pairs.map((pair) => pair.oldStorageBytes));
  return {
    frozenAt: now,
    pairs: pairs.length,
    ...(lag !== undefined && { lagSeconds: lag }),
    ...(compute !== undefined && { computeSeconds: compute }),
    ...(storage !== undefined && { storageBytes: storage }),
  };
}

function median(values: (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** The job with its record settled; one version on, as every write. */
export function markSettled(job: Job): Job {
  return {
    ...job,
    version: job.version + 1,
    ...(job.lastTransition && { lastTransition: { ...job.lastTransition, settled: true } }),
    ...(job.lastOverride && { lastOverride: { ...job.lastOverride, settled: true } }),
  };
}

export function isSettled(job: Job): boolean {
  return (job.lastTransition?.settled ?? true) && (job.lastOverride?.settled ?? true);
}
