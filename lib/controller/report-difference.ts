/**
 * report-difference: what a comparison of the rows found about a mismatch, kept with the claim: a signature, which groups
 * mismatches of one cause, and a few values. Values of columns that the job's policy does not list are redacted here, so
 * that they are never stored. It may be repeated, which writes nothing; of different ones the last counts.
 */
import type { SampledValue } from '../domain/difference.ts';
import { planDifference } from '../domain/plan-difference.ts';
import type { Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse, unknownJob } from './refusal.ts';

export interface DifferenceReport {
  jobId: string;
  partition: string;
  signature: string;
  sample: SampledValue[];
}

export const REDACTED = '[redacted]';

export async function reportDifference(
  ports: Pick<Ports, 'jobs' | 'claims' | 'policies'>,
  { jobId, partition, signature, sample }: DifferenceReport,
  now: Instant,
): Promise<{ redacted: number } | Refusal> {
  const job = await ports.jobs.get(jobId, 'eventual');
  if (!job) return unknownJob(jobId);
  const shown = new Set(ports.policies.find(job.policy)?.criteria.dataQuality.sampleColumns);
  const kept = sample.map((value) =>
    shown.has(value.column) ? value : { ...value, key: REDACTED, old: REDACTED, new: REDACTED },
  );
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const claim = await ports.claims.get(jobId, partition);
    if (!claim) {
      return refuse(
        'NotClaimed',
        `partition ${partition} of ${jobId} has no claim: compare what has landed`,
        'partition',
      );
    }
    const outcome = planDifference(claim, { signature, sample: kept }, now);
    if (outcome.kind === 'refused') return refuse(outcome.code, outcome.message);
    const answer = { redacted: sample.filter(({ column }) => !shown.has(column)).length };
    if (outcome.kind === 'repeated') return answer;
    const written = await ports.claims.replace(outcome.next, claim);
    if (written.written) return answer;
  }
  throw contended('report-difference', jobId, partition);
}
