/**
 * What one evaluation came to: filled shard by shard, added up for its answer, its log lines and its metrics. Used by
 * `evaluate-group.ts` alone, which reads, decides and writes; nothing here does.
 */
import type { AttentionKind } from '../domain/attention.ts';
import type { Decision } from '../domain/decision.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import type { ShardSummary } from './ports.ts';

/** One item of the state machine's Map. */
export interface Promotion {
  jobId: string;
  to: Phase;
  weight: number;
  /**
   * `commit`: at once. `ask`: its gate and hooks are asked on the way. `again`: a hook that did not pass is asked again, and
   * `settle`: one is told of a past transition; both promote nothing, and take no grant.
   */
  step: 'commit' | 'ask' | 'again' | 'settle';
}

export interface GroupResult {
  sweepId: string;
  group: number;
  expiresAt: Instant;
  promotions: Promotion[];
  demotions: Demotion[];
  jobs: number;
  /** Jobs by phase, after the demotions. */
  counts: ShardSummary['counts'];
  /** Jobs that could not be judged, with the reason: the others went on. */
  failed: { jobId: string; message: string }[];
  /** Jobs that want a person, by the most urgent reason. */
  attention: ShardSummary['attention'];
  /** Since when the oldest stuck job is stuck. */
  oldestStuckAt?: Instant;
  /** Jobs whose attention or proposal this evaluation changed. */
  noted: Noted[];
}

/** A demotion as it was committed: `jobId` and `version` name its record, and its event. */
export interface Demotion {
  jobId: string;
  from: Phase;
  to: Phase;
  version: number;
  reason: string;
  message: string;
}

/** What was written beside a job's phase: without attention or proposal there is none any more. */
export interface Noted {
  jobId: string;
  version: number;
  attention?: AttentionKind;
  cause?: string;
  proposed?: Phase;
}

export interface Candidate extends Promotion {
  wave: number;
  phaseSince: Instant;
}

/** What is left to do with a hook, since when. */
export interface HookCall extends Promotion {
  since: Instant;
}

/** What is known of one shard so far. */
export interface ShardWork {
  summary: ShardSummary;
  candidates: Candidate[];
  hookCalls: HookCall[];
  demotions: Demotion[];
  failed: GroupResult['failed'];
  noted: Noted[];
  stuckSince: Instant[];
}

/** All that the shards have in common, as the answer has it. */
export function addUp(works: readonly ShardWork[]) {
  const [oldestStuckAt] = works.flatMap((work) => work.stuckSince).sort();
  return {
    demotions: works.flatMap((work) => work.demotions),
    jobs: works.reduce((sum, work) => sum + work.summary.jobs, 0),
    failed: works.flatMap((work) => work.failed),
    counts: sumCounts(works.map((work) => work.summary.counts)),
    attention: sumCounts(works.map((work) => work.summary.attention)),
    ...(oldestStuckAt !== undefined && { oldestStuckAt }),
    noted: works.flatMap((work) => work.noted),
  };
}

function sumCounts<K extends string>(all: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>> {
  const sum: Partial<Record<K, number>> = {};
  for (const [key, jobs] of all.flatMap((counts) => Object.entries(counts) as [K, number][])) {
    sum[key] = (sum[key] ?? 0) + jobs;
  }
  return sum;
}

/** The job as it is after its evaluation. */
export function countJob({ summary, stuckSince }: ShardWork, job: Job): void {
  const last = job.lastTransition;
  // From the job, so that a repeated evaluation says the same.
  const demoted =
    last?.type === 'demotion' && last.actor.kind === 'automation' && last.actor.sweepId === summary.sweepId;
  if (demoted) summary.demoted += 1;
  summary.counts[job.phase] = (summary.counts[job.phase] ?? 0) + 1;
  summary.weights[job.phase] = (summary.weights[job.phase] ?? 0) + job.weight;
  const kind: AttentionKind | undefined = job.attention?.kind;
  if (kind) summary.attention[kind] = (summary.attention[kind] ?? 0) + 1;
  if (job.attention?.kind === 'stuck') stuckSince.push(job.attention.since);
}

export function describeDemotion({ jobId, phase }: Job, after: Job, { reason, message }: Decision): Demotion {
  const { lastTransition, version } = after;
  return {
    jobId,
    from: lastTransition?.from ?? phase,
    to: after.phase,
    version: lastTransition?.version ?? version,
    reason,
    message,
  };
}

export function describeNote({ jobId, version, attention, proposal }: Job): Noted {
  return {
    jobId,
    version,
    ...(attention && { attention: attention.kind, cause: attention.cause }),
    ...(proposal && { proposed: proposal.to }),
  };
}
