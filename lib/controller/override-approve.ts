/**
 * approve: a person signs off that a job may enter its next phase, where its policy asks for that. A sign-off that would not
 * count is refused with the reason, so that nobody waits for it.
 */
import { type Approval, countingApprovals, objectionToApprover } from '../domain/approval.ts';
import { approvalRule } from '../domain/approval-rule.ts';
import { type Phase, promotionFrom } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { changeJob } from './override-change.ts';
import type { OverrideRequest, OverrideResult } from './override-request.ts';
import type { Ports } from './ports.ts';
import { refuse } from './refusal.ts';

export async function approve(
  ports: Ports,
  request: OverrideRequest & { to?: Phase | undefined },
  clock: () => Instant,
): Promise<OverrideResult> {
  const { actor, verified } = request;
  const approved = await changeJob(ports, 'approve', request, clock, (job, now) => {
    const next = promotionFrom(job.phase)?.to;
    if (!next || (request.to !== undefined && request.to !== next)) {
      const seen = next ? `a promotion from there leads to ${next}` : 'no promotion leads from there';
      return refuse('NotAllowed', `${job.jobId} is in ${job.phase}: ${seen}`, 'to');
    }
    const policy = ports.policies.find(job.policy);
    const rule = policy && approvalRule(policy, job, next);
    if (!rule) return refuse('NotAsked', `policy ${job.policy} asks for no approval before ${next}`);
    const objection = objectionToApprover(rule, request);
    if (objection !== undefined) return refuse('NotEntitled', `${objection}: this approval would not count`, 'actor');
    const approval: Approval = { to: next, actor, verified, epoch: job.epoch, at: now };
    const others = countingApprovals(job, next, rule, now).filter((known) => known.actor !== actor);
    return { type: 'approved', job: { ...job, approvals: [...others, approval].slice(-APPROVALS_KEPT) } };
  });
  if ('refused' in approved) return approved;
  const { job } = approved;
  const to = promotionFrom(job.phase)?.to;
  const policy = ports.policies.find(job.policy);
  const rule = to && policy && approvalRule(policy, job, to);
  if (!rule || !to) return approved;
  return {
    ...approved,
    next: `${countingApprovals(job, to, rule, clock()).length} of ${rule.quorum} approvals for ${to}`,
  };
}

/** More than any quorum. */
const APPROVALS_KEPT = 10;
