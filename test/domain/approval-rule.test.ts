import { describe, expect, it } from 'vitest';
import { approvalRule } from '../../lib/domain/approval-rule.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Job } from '../../lib/domain/job.ts';
import { aJob, NOW } from '../builders/records.ts';
import { DAY, EPOCH } from './cases.ts';
import { aCaseOf, policyOf } from './tested-cases.ts';

const every = (days: number): Pick<Job, 'cadence'> => ({ cadence: { everySeconds: days * DAY, timezone: 'UTC' } });
const weekly = aJob(every(7));

describe('sign-offs of a job whose rhythm is too slow for a test', () => {
  it('are one person’s before its writers are swapped and before old is stopped, though the policy names none', () => {
    expect(approvalRule(policyOf(), weekly, 'reverse-shadow')).toMatchObject({ quorum: 1, byOthers: true });
    expect(approvalRule(policyOf(), weekly, 'cleanup')).toMatchObject({ quorum: 1 });
    for (const to of ['shadow', 'complete'] as const) expect(approvalRule(policyOf(), weekly, to)).toBeUndefined();
  });

  it('begin at a partition in three days', () => {
    expect(approvalRule(policyOf(), aJob(every(3)), 'cleanup')).toBeDefined();
    expect(approvalRule(policyOf(), aJob(every(2)), 'cleanup')).toBeUndefined();
    expect(approvalRule(policyOf(), aJob(), 'cleanup')).toBeUndefined();
  });

  it('are what the policy says where it says anything, also that limits are enough', () => {
    const asks = policyOf({ approvals: { cleanup: { quorum: 3 } } });
    expect(approvalRule(asks, weekly, 'cleanup')).toMatchObject({ quorum: 3 });
    const method = 'hard-limits-only';
    const weighed = policyOf({ criteria: { landingLatency: { method }, resourceUtilization: { method } } });
    expect(approvalRule(weighed, weekly, 'cleanup')).toBeUndefined();
  });

  it('keep the job where it is until one is given', () => {
    const facts = aCaseOf(60, undefined, { job: every(7) });
    const wanted = { kind: 'hold', unmet: [{ need: 'approved', message: '0 of 1 approvals for cleanup' }] };
    expect(evaluate(facts)).toMatchObject(wanted);
    const approvals = [
      { to: 'cleanup' as const, actor: 'arn:aws:iam::1:user/ann', verified: true, epoch: EPOCH, at: NOW },
    ];
    expect(evaluate({ ...facts, job: { ...facts.job, approvals } })).toMatchObject({ kind: 'promote', to: 'cleanup' });
  });
});
