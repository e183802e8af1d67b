/**
 * explain: why is this job where it is, and what would change it? The same facts and the same pure decision as a sweep's, read
 * strongly, and nothing written.
 */
import { type Approval, countingApprovals } from '../domain/approval.ts';
import { approvalRule } from '../domain/approval-rule.ts';
import { assessAttention } from '../domain/attention.ts';
import { type Claim, owedReason } from '../domain/claim.ts';
import type { Decision } from '../domain/decision.ts';
import { isSameContent, mismatchOf, type SampledValue } from '../domain/difference.ts';
import { evaluate } from '../domain/evaluate.ts';
import type { Pair } from '../domain/evidence/pair.ts';
import type { Standing } from '../domain/evidence/standing.ts';
import type { Attention, Job } from '../domain/job.ts';
import { type Phase, promotionFrom, type System } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import { describeGuarantee } from '../domain/sequential/guarantee.ts';
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
  /** All that the evidence remembers, what changed last first. */
  pairs: readonly Pair[];
  /** What stands out, by name: mismatches, quarantined and owed partitions, two writers. */
  standing: readonly Standing[];
  /** More stand out than are kept by name. */
  overflow: boolean;
  /** Bounded; `openCount` says how many there are. */
  open: OpenPartition[];
  openCount: number;
  /** What comparisons of the rows brought, of the mismatches that are open; bounded. */
  samples: DifferenceSample[];
  /** What the sequential tests promise of this job, in words; one for each regression that they are asked about. */
  guarantees: string[];
  /** The sign-offs that the next phase wants, where the policy asks for any. */
  signOffs?: SignOffs;
}

export interface DifferenceSample {
  partition: string;
  signature: string;
  values: SampledValue[];
}

export interface SignOffs {
  to: Phase;
  quorum: number;
  from: readonly string[];
  /** Who is not vouched for by AWS may sign, too. */
  allowClaimed: boolean;
  /** Those that count now. */
  given: Approval[];
}

const OPEN_SHOWN = 100;
const SAMPLES_SHOWN = 5;

export async function explain(ports: Ports, jobId: string, now: Instant): Promise<Explanation | Refusal> {
  const facts = await readFacts(ports, jobId, now);
  if (isRefusal(facts)) return facts;
  const openClaims = await ports.claims.listOpen(jobId);
  const decision = evaluate({ ...facts, openClaims });
  const attention = assessAttention(facts, decision);
  const { name, hash, automation } = facts.policy;
  const signOffs = readSignOffs(facts.job, facts.policy, now);
  return {
    job: facts.job,
    policy: { name, hash, automation },
    decision,
    ...(attention && { attention }),
    pairs: facts.evidence.recent,
    standing: facts.evidence.standing,
    overflow: facts.evidence.overflow,
    openCount: openClaims.length,
    open: openClaims.slice(0, OPEN_SHOWN).map((claim) => {
      const owed = owedReason(claim);
      const { partition, writer, claimedAt } = claim;
      return { partition, writer, since: owed?.since ?? claimedAt, ...(owed && { reason: owed.reason }) };
    }),
    samples: openClaims.flatMap(readSample).slice(0, SAMPLES_SHOWN),
    guarantees: describeGuarantees(facts.job, decision),
    ...(signOffs && { signOffs }),
  };
}

/** A sample of content that was replaced since says nothing any more. */
function readSample(claim: Claim): DifferenceSample[] {
  const { partition, difference } = claim;
  const mismatch = mismatchOf(claim);
  if (!difference || !mismatch) return [];
  if (!isSameContent(difference.content, mismatch)) return [];
  return [{ partition, signature: difference.signature, values: difference.sample }];
}

const HOURLY = 8_760;
const YEAR_SECONDS = 365 * 86_400;

function describeGuarantees({ cadence }: Job, { verdicts }: Decision): string[] {
  const numbers = verdicts.flatMap((verdict) => verdict.numbers ?? []);
  const landingsPerYear = cadence?.everySeconds ? YEAR_SECONDS / cadence.everySeconds : HOURLY;
  const fleet = { jobs: 1, landingsPerYear, measures: numbers.length };
  const told = numbers.map(({ tolerance, detectableRatio, floor, threshold, neededHealth, neededPairs }) =>
    describeGuarantee(
      { tolerance, detectableRatio, floor, threshold, alpha: 1 / neededHealth, minPairs: neededPairs },
      fleet,
    ),
  );
  return [...new Set(told)];
}

function readSignOffs(job: Job, policy: Policy, now: Instant): SignOffs | undefined {
  const to = promotionFrom(job.phase)?.to;
  const rule = to && approvalRule(policy, job, to);
  if (!to || !rule) return undefined;
  const { quorum, from, allowClaimed } = rule;
  return { to, quorum, from, allowClaimed, given: countingApprovals(job, to, rule, now) };
}
