/** The job: what is registered, where it is in its lifecycle, and who holds it. One item, changed one version at a time. */
import type { Approval } from './approval.ts';
import type { AttentionKind } from './attention.ts';
import type { JobHooks } from './hook-record.ts';
import type { Phase } from './phases.ts';
import type { Instant } from './time.ts';
import type { HistoryRecord, TransitionRecord } from './transition.ts';

/** What an integration can do: `fenced` end to end; `claimed` asks first but cannot fence at the destination; `reported` only lands. */
export const INTEGRATIONS = ['fenced', 'claimed', 'reported'] as const;
export type Integration = (typeof INTEGRATIONS)[number];

export interface Cadence {
  /** Seconds between partitions; or a cron expression. */
  everySeconds?: number;
  cron?: string;
  timezone: string;
  partitionFormat?: string;
}

/** What a registration sets and may change later, without touching the lifecycle. */
export interface JobAttributes {
  team: string;
  policy: string;
  wave: number;
  /** How many slots of capacity the job takes. */
  weight: number;
  labels: Record<string, string>;
  targets?: { production: string; shadow: string };
  cadence?: Cadence;
  shape: 'partitioned' | 'snapshot';
  /** The deadline of a partition, counted from its `readyAt`. */
  dueAfterSeconds?: number;
  integration: Integration;
}

export interface Hold {
  /** `promotions`: no automatic promotion. `all`: no automatic transition at all. */
  scope: 'promotions' | 'all';
  actor: string;
  reason: string;
  at: Instant;
  until?: Instant;
}

/** Medians of the old system over the pairs that let it be stopped; what cleanup is held against. */
export interface Baseline {
  frozenAt: Instant;
  lagSeconds?: number;
  computeSeconds?: number;
  storageBytes?: number;
  pairs: number;
}

export interface Attention {
  kind: AttentionKind;
  /** Stable while the cause is the same, so that a sweep writes only when something changes. */
  cause: string;
  /** What was said of it last, for people. It may change while the cause stays, so nothing is compared by it. */
  message?: string;
  since: Instant;
}

/**
 * One partition that both systems wrote, as a person saw it. Whatever is written to the partition afterwards gives it
 * another `changedAt` (epoch milliseconds), and so makes it one that nobody has seen.
 */
export interface SeenSplit {
  partition: string;
  changedAt: number;
}

/** What automation would do, where the policy's `automation` does not let it. */
export interface Proposal {
  to: Phase;
  kind: 'promotion' | 'demotion';
  reason: string;
  at: Instant;
}

/** A request that was carried out, with the version that it made: how its repeat is known. */
export interface HandledRequest {
  id: string;
  verb: string;
  version: number;
  /** Where it was to lead, when it moves the job: it may have taken only some of its steps. */
  to?: Phase;
}

/** What a retirement leaves on the job. */
export interface Retirement {
  actor: string;
  reason: string;
  at: Instant;
}

export interface Job extends JobAttributes {
  jobId: string;
  phase: Phase;
  /** Rises with every phase change (and restart): evidence of another epoch does not count for a promotion. */
  epoch: number;
  /** Rises with every write of this item. */
  version: number;
  registeredAt: Instant;
  /** When the job entered its phase, or was restarted in it: the soak clock. */
  phaseSince: Instant;
  lastTransition?: TransitionRecord;
  /** The last thing an operator did that was not a transition (hold, release, acknowledge, restart, approve, retire). */
  lastOverride?: HistoryRecord;
  /** Automatic demotions that count for cooldown and flapping, newest last, bounded. */
  demotedAt: Instant[];
  cooldownUntil?: Instant;
  hold?: Hold;
  attention?: Attention;
  /** Split writers that a person has looked at: they ask for no attention any more. Newest last, bounded. */
  seenSplits?: SeenSplit[];
  proposal?: Proposal;
  baseline?: Baseline;
  /** Back from cleanup: the old system was stopped, and has not landed since. */
  awaitingOld?: boolean;
  /** Sign-offs for the next phase; those of another epoch count no more. */
  approvals?: Approval[];
  /** What the team's gates and hooks said, and what they are still to be told. */
  hooks?: JobHooks;
  /** The last requests that named themselves, newest last, bounded by `REQUESTS_KEPT`. */
  requests?: HandledRequest[];
  /** Deleted or abandoned: no sweep judges it and no verb changes it any more. */
  retired?: Retirement;
}

/** A repeat comes soon after its request, if at all: one that comes after so many others is taken for a new one. */
const REQUESTS_KEPT = 5;

export function rememberRequests(
  { requests }: { requests?: HandledRequest[] },
  handled: readonly Omit<HandledRequest, 'version'>[],
  version: number,
): HandledRequest[] | undefined {
  if (handled.length === 0) return requests;
  const others = (requests ?? []).filter((known) => handled.every((one) => one.id !== known.id));
  return [...others, ...handled.map((one) => ({ ...one, version }))].slice(-REQUESTS_KEPT);
}

/** A hold that is in force; an expired one is as none. */
export function activeHold(job: Pick<Job, 'hold'>, now: Instant): Hold | undefined {
  return job.hold && (job.hold.until === undefined || job.hold.until > now) ? job.hold : undefined;
}

/** Rarer than this, and no test of pairs comes to an end in the time of a migration. */
const SPARSE_SECONDS = 3 * 86_400;

/** Weekly and monthly jobs; of a cron rhythm this is not known, and the policy says `hard-limits-only`. */
export function isSparse({ cadence }: Pick<Job, 'cadence'>): boolean {
  return (cadence?.everySeconds ?? 0) >= SPARSE_SECONDS;
}

export function createJob(jobId: string, attributes: JobAttributes, phase: Phase, now: Instant): Job {
  return { jobId, ...attributes, phase, epoch: 1, version: 1, registeredAt: now, phaseSince: now, demotedAt: [] };
}
