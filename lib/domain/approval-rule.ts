/**
 * Which sign-offs a job wants before it enters a phase: those of its policy, or, where its rhythm leaves the noisy
 * criteria to hard limits alone, one person's, since limits let a job pass that is twice as slow. A policy that says
 * `hard-limits-only` itself has weighed that. Pure; asked by `needs`, `approve` and `explain`, so that all three agree.
 */
import { type ApprovalRule, USUAL_RULE } from './approval.ts';
import { isSparse, type Job } from './job.ts';
import type { Phase } from './phases.ts';
import type { Policy } from './policy.ts';

export function approvalRule({ approvals, criteria }: Policy, job: Job, to: Phase): ApprovalRule | undefined {
  if (to === 'pending' || to === 'shadow') return undefined;
  const { landingLatency, resourceUtilization } = criteria;
  const untested = [landingLatency, resourceUtilization].some(
    (criterion) => criterion !== false && criterion.gate && criterion.method === undefined,
  );
  const stoodFor = untested && isSparse(job) && to !== 'complete' ? USUAL_RULE : undefined;
  return approvals[to] ?? stoodFor;
}
