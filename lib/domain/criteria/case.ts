/** What a criterion is judged on: one job, its evidence, its policy and the time. */
import type { Evidence } from '../evidence.ts';
import type { Job } from '../job.ts';
import type { Policy } from '../policy.ts';
import type { Instant } from '../time.ts';

export interface Case {
  job: Job;
  evidence: Evidence;
  policy: Policy;
  now: Instant;
}
