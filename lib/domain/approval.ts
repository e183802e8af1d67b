/**
 * Sign-offs that a policy asks for before a job enters a phase: by whom, how many, for how long. They are bound to the epoch
 * in which they were given, so that nobody's word for one body of evidence stands for another. Pure.
 */
import * as z from 'zod';
import { seconds } from './duration.ts';
import type { Job } from './job.ts';
import type { Phase } from './phases.ts';
import { addSeconds, type Instant } from './time.ts';

const rule = z
  .strictObject({
    quorum: z.int().min(1).max(5).default(1).describe('so many different people'),
    from: z
      .array(z.string().min(1).max(128))
      .max(20)
      .default([])
      .describe('IAM roles or users, or actors where `allowClaimed`; empty: anybody who may call `approve`'),
    expiresSeconds: seconds('7d', 'a sign-off counts for this long'),
    allowClaimed: z.boolean().default(false).describe('also who is not vouched for by AWS counts'),
    byOthers: z.boolean().default(true).describe('whoever promotes the job by hand does not count'),
  })
  .refine(({ quorum, from }) => from.length === 0 || !from.every(isOnePerson) || new Set(from).size >= quorum, {
    error: 'more different people than `from` names can never sign off',
    path: ['quorum'],
  });
export type ApprovalRule = z.output<typeof rule>;

export const approvalsSchema = z
  .strictObject({
    'reverse-shadow': rule.optional().describe('sign-offs before the writers are swapped; absent: none'),
    cleanup: rule.optional().describe('... before the old system is stopped'),
    complete: rule.optional().describe('... before the migration of the job ends'),
  })
  .prefault({});

export interface Approval {
  to: Phase;
  actor: string;
  verified: boolean;
  epoch: number;
  at: Instant;
}

/** One other person's word, where a policy asks for a sign-off without saying more. */
export const USUAL_RULE: ApprovalRule = rule.parse({});

/** Whether this person's word counts towards the quorum; if not, why. */
export function objectionToApprover(
  { from, allowClaimed }: ApprovalRule,
  { actor, verified }: Pick<Approval, 'actor' | 'verified'>,
): string | undefined {
  if (!verified && !allowClaimed) return `${actor} is not vouched for by AWS, which the policy wants`;
  if (from.length === 0 || namesOf(actor, verified).some((name) => from.includes(name))) return undefined;
  return `${actor} is none of ${from.join(', ')}`;
}

/** The sign-offs that count now, one of each person; not that of `promoter`, where the policy wants others. */
export function countingApprovals(
  job: Pick<Job, 'approvals' | 'epoch'>,
  to: Phase,
  wanted: ApprovalRule,
  now: Instant,
  promoter?: string,
): Approval[] {
  const counting = (job.approvals ?? []).filter(
    (approval) =>
      approval.to === to &&
      approval.epoch === job.epoch &&
      addSeconds(approval.at, wanted.expiresSeconds) > now &&
      objectionToApprover(wanted, approval) === undefined &&
      !(wanted.byOthers && approval.actor === promoter),
  );
  return [...new Map(counting.map((approval) => [approval.actor, approval])).values()];
}

/** An ARN of one user or of one session; any other name can be a role, which several people may assume. */
function isOnePerson(name: string): boolean {
  return /^arn:[^:]*:(iam::\d+:user\/|sts::\d+:assumed-role\/[^/]+\/)./.test(name);
}

/** The parts of an ARN that its bearer did not choose: the role, not the session; the user, not its path. */
function namesOf(actor: string, verified: boolean): string[] {
  if (!verified) return [actor];
  const role = /^arn:[^:]*:sts::\d+:assumed-role\/([^/]+)\//.exec(actor)?.[1];
  const user = /^arn:[^:]*:iam::\d+:user\/(?:.*\/)?([^/]+)$/.exec(actor)?.[1];
  return [actor, role, user].filter((name) => name !== undefined);
}
