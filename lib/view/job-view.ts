/** What the job page is made of: what `explain` of the controller answers, and the job's history. */
import type { Approval } from '../domain/approval.ts';
import type { Decision } from '../domain/decision.ts';
import type { SampledValue } from '../domain/difference.ts';
import type { Pair } from '../domain/evidence/pair.ts';
import type { Standing } from '../domain/evidence/standing.ts';
import type { Attention, Job } from '../domain/job.ts';
import type { Phase, System } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import type { HistoryRecord } from '../domain/transition.ts';

export interface JobView {
  job: Job;
  policy: { name: string; hash: string; automation: string };
  decision: Decision;
  attention?: Attention;
  /** The whole window, newest change first. */
  pairs: readonly Pair[];
  /** What stands out by name: mismatches, quarantined and owed partitions, two writers. */
  standing: readonly Standing[];
  /** More stand out than are kept by name. */
  overflow: boolean;
  /** Open claims, bounded; `openCount` says how many there are. */
  open: readonly { partition: string; writer: System; reason?: string; since: Instant }[];
  openCount: number;
  /** What comparisons of the rows brought, of the mismatches that are open; bounded. */
  samples: readonly { partition: string; signature: string; values: readonly SampledValue[] }[];
  /** The sign-offs that the next phase wants, where the policy asks for any. */
  signOffs?: { to: Phase; quorum: number; from: readonly string[]; allowClaimed: boolean; given: readonly Approval[] };
  /** Newest first. */
  history: readonly HistoryRecord[];
  /** There are older records than these. */
  olderHistory: boolean;
  at: Instant;
}
