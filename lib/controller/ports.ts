/**
 * What the controller needs from the outside. Every write replaces one whole record on named conditions (`clauses.ts`);
 * a write that loses its race answers so, it does not throw. `lib/aws` implements these on DynamoDB, `test/memory` in
 * memory for the model; both pass `test/contract`.
 */
import type { AttentionKind } from '../domain/attention.ts';
import type { Claim } from '../domain/claim.ts';
import type { Comparisons, WaveGate } from '../domain/comparison.ts';
import type { Controls, FleetRecord } from '../domain/controls.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { HookRequest } from '../domain/hook.ts';
import type { Job } from '../domain/job.ts';
import type { Phase, System } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import type { FinishedSweep } from '../domain/sweep.ts';
import type { Instant } from '../domain/time.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import type { Written } from './clauses.ts';

/** `strong` sees every acknowledged write; `eventual` is half the price. */
export type Read = 'strong' | 'eventual';

/** One page of a longer listing; `next` is handed back to get the following one. */
export interface Page<T> {
  items: T[];
  next?: string;
  /** Items that cannot be decoded, named: the ones beside them are in `items`. */
  unreadable?: { jobId: string; message: string }[];
}

export interface JobStore {
  get(jobId: string, read: Read): Promise<Job | undefined>;
  /** Condition: `job-is-absent`. */
  create(job: Job): Promise<Written>;
  /** Conditions: `job-version-unchanged` and `job-phase-unchanged` against `expected`; `next.version` is one more. */
  replace(next: Job, expected: Job): Promise<Written>;
  /** Condition: `history-is-absent`; losing it means that the copy is there. */
  putHistory(record: HistoryRecord): Promise<Written>;
  /** Newest first. */
  listHistory(jobId: string, limit: number): Promise<HistoryRecord[]>;
  /** Eventually consistent, in order of job id. */
  listShard(shard: number, from?: string): Promise<Page<Job>>;
  /** One bucket (0 to `ATTENTION_BUCKETS` - 1) of the sparse index, oldest first. */
  listAttention(kind: AttentionKind, bucket: number, limit: number): Promise<Job[]>;
  listTeam(team: string, bucket: number, from?: string): Promise<Page<Job>>;
}
export const ATTENTION_BUCKETS = 16;
export const TEAM_BUCKETS = 16;

export interface ClaimStore {
  /** Always strongly consistent. */
  get(jobId: string, partition: string): Promise<Claim | undefined>;
  /** Condition: `claim-is-absent`. */
  create(claim: Claim): Promise<Written>;
  /** Condition: `claim-revision-unchanged` against `expected`; `next.revision` is greater. */
  replace(next: Claim, expected: Claim): Promise<Written>;
  /** Every open claim (`isOpen`) of the job, strongly consistent, all pages. */
  listOpen(jobId: string): Promise<Claim[]>;
  /** Partitions in descending order (newest first); strongly consistent. */
  list(jobId: string, from?: string): Promise<Page<Claim>>;
}

export interface EvidenceStore {
  get(jobId: string, read: Read): Promise<Evidence | undefined>;
  /** Condition: `evidence-version-unchanged` against `expectedVersion` (0: absent); `next.version` is one more. */
  replace(next: Evidence, expectedVersion: number): Promise<Written>;
  /** Eventually consistent, in order of job id. */
  listShard(shard: number, from?: string): Promise<Page<Evidence>>;
}

/** What a sweep may promote into each phase, in weight. */
export type Grants = Partial<Record<Phase, number>>;

export interface LedgerGroup {
  group: number;
  shards: number[];
  grants: Grants;
}

/** Grants of earlier sweeps that may have been used without showing in the summaries yet. */
export interface Outstanding {
  shards: number[];
  grants: Grants;
  /** They are seen when every shard was read after this. */
  since: Instant;
  /** Whose they are, as long as that group may still account for them. */
  account?: { sweepId: string; group: number };
}

/** One sweep, written once: what a second delivery starts from. */
export interface Ledger {
  /** One more than the ledger before it, whose grants it has counted: so no two sweeps can give the same room away. */
  sequence: number;
  sweepId: string;
  scheduledAt: Instant;
  createdAt: Instant;
  /** After this no promotion under these grants is committed. */
  expiresAt: Instant;
  groups: LedgerGroup[];
  /** A wave is not equal or better as a whole: jobs of later waves are not swapped. */
  waveGate?: WaveGate;
  outstanding: Outstanding[];
}

/** What an evaluation saw of one shard. */
export interface ShardSummary {
  shard: number;
  sweepId: string;
  /** When its reading began: every commit before it is in the counts. */
  readAt: Instant;
  jobs: number;
  /** Weights by phase. */
  weights: Partial<Record<Phase, number>>;
  counts: Partial<Record<Phase, number>>;
  attention: Partial<Record<AttentionKind, number>>;
  /** Jobs ready for a promotion into each phase, in weight, whether granted or not. */
  ready: Grants;
  demoted: number;
  /** New against old, by wave and team. */
  compared?: Comparisons;
}

/** What a group's execution used of its grants; until it is there, all of them count as used. */
export interface Account {
  sweepId: string;
  group: number;
  used: Grants;
  at: Instant;
}

export interface FleetStore {
  /** Always strongly consistent. */
  getControls(): Promise<Controls>;
  /** Condition: `controls-version-unchanged`. */
  replaceControls(next: Controls, expectedVersion: number): Promise<Written>;
  /** A record of the controls, by its time and version: again is no change. */
  putHistory(record: FleetRecord): Promise<void>;
  /** What was done to the whole fleet, newest first. Strongly consistent. */
  listHistory(limit: number): Promise<FleetRecord[]>;
  /** Condition: `ledger-is-absent`, by its sequence. */
  createLedger(ledger: Ledger): Promise<Written>;
  /** Highest sequence first. Strongly consistent. */
  listLedgers(limit: number): Promise<Ledger[]>;
  /** Makes sure that a summary of this shard is there, so that the fan-out sees a shard from its first job on. */
  ensureShard(shard: number): Promise<void>;
  /** Condition: `summary-is-newer` by `readAt`. */
  putSummary(summary: ShardSummary): Promise<Written>;
  /** All of them (at most 256), strongly consistent. */
  listSummaries(): Promise<ShardSummary[]>;
  putAccount(account: Account): Promise<void>;
  listAccounts(sweepId: string): Promise<Account[]>;
  /** Condition: `sweep-is-unfinished`. */
  finishSweep(sweep: FinishedSweep): Promise<Written>;
  /** The worklist of a system: partitions that were taken over or quarantined. Entries may be stale; readers verify. */
  putOwed(entry: OwedPartition): Promise<void>;
  deleteOwed(system: System, jobId: string, partition: string): Promise<void>;
  /** In order of job id and partition; at most `limit`. */
  listOwed(system: System, limit: number): Promise<OwedPartition[]>;
}

export interface Executions {
  /** Starts the evaluation of one group. The same name with the same input is a success, also when it has ended. */
  start(name: string, input: object): Promise<void>;
}

/** A team's own functions. */
export interface Hooks {
  /**
   * Asks once, at most for so long; what carries the call may repeat it, always as it is. What the function does wrong is a
   * value: silence, an exception, too long an answer.
   * @param name as a policy names the function.
   */
  call(name: string, request: HookRequest, timeoutSeconds: number): Promise<{ answered: unknown } | { failed: string }>;
}

export interface DeadLetters {
  /** Keeps what was rejected, with the reason. */
  send(body: string, reason: string): Promise<void>;
}

export interface Policies {
  /** The policy of that name; `undefined` when there is none. */
  find(name: string): Policy | undefined;
  fleet: FleetLimits;
}

export interface Ports {
  jobs: JobStore;
  claims: ClaimStore;
  evidence: EvidenceStore;
  fleet: FleetStore;
  policies: Policies;
}

export interface OwedPartition {
  jobId: string;
  partition: string;
  system: System;
  reason: string;
  since: Instant;
}
