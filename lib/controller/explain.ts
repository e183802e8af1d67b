/**
 * explain: why is this job where it is, and what would change it? The same facts and the same pure decision as a sweep's, read
 * strongly, and nothing written.
 */
import { assessAttention } from '../domain/attention.ts';
import { owedReason } from '../domain/claim.ts';
import type { Decision } from '../domain/decision.ts';
import { evaluate } from '../domain/evaluate.ts';
import type { Pair } from '../domain/evidence.ts';
import type { Attention, Job } from '../domain/job.ts';
import type { System } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { readFacts } from './commit.ts';
import type { Ports } from './ports.ts';
import { isRefusal, type Refusal } from './refusal.ts';

export interface OpenPartition {
  partition: string;
  writer: System;
  /** Why it is owed; absent when only a right is outstanding. */
  reason?: string;
  since: Instant;
}

export interface Explanation {
  job: Job;
  policy: { name: string; hash: string; automation: string };
  decision: Decision;
  attention?: Attention;
  /** The pairs that changed last, newest first. */
  pairs: Pair[];
  open: OpenPartition[];
}

const PAIRS_SHOWN = 12;
const OPEN_SHOWN = 100;

export async function explain(ports: Ports, jobId: string, now: Instant): Promise<Explanation | Refusal> {
  const facts = await readFacts(ports, jobId, now);
  if (isRefusal(facts)) return facts;
  const openClaims = await ports.claims.listOpen(jobId);
  const decision = evaluate({ ...facts, openClaims });
  const attention = assessAttention(facts, decision);
  const { name, hash, automation } = facts.policy;
  return {
    job: facts.job,
    policy: { name, hash, automation },
    decision,
    ...(attention && { attention }),
    pairs: facts.evidence.recent.slice(0, PAIRS_SHOWN),
    open: openClaims.slice(0, OPEN_SHOWN).map((claim) => {
      const owed = owedReason(claim);
      const { partition, writer, claimedAt } = claim;
      return { partition, writer, since: owed?.since ?? claimedAt, ...(owed && { reason: owed.reason }) };
    }),
  };
}
