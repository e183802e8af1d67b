/** Changes of a job for the tests of what is told: as they are written, by automation and by an operator. */
import type { Job } from '../../lib/domain/job.ts';
import type { Change } from '../../lib/domain/tell.ts';
import type { HistoryRecord, OverrideRecord, TransitionRecord } from '../../lib/domain/transition.ts';
import { aJob, aTransition, NOW } from '../builders/records.ts';

export const LATER = '2026-11-22T14:00:00.000Z';
export const ana = { kind: 'operator' as const, name: 'ana', verified: true, requestId: 'ticket-7' };

export const written = (after: Job, before: Job | undefined = aJob()): Change => ({
  kind: 'job',
  before,
  after,
  writtenAt: LATER,
});

export function transited(record: Partial<TransitionRecord>, job: Partial<Job> = {}): Job {
  const lastTransition = aTransition(record);
  return aJob({ phase: lastTransition.to, epoch: 2, version: 2, lastTransition, ...job });
}

export function overridden(
  type: OverrideRecord['type'],
  record: Partial<OverrideRecord> = {},
  job: Partial<Job> = {},
): Job {
  const base: HistoryRecord = {
    type,
    jobId: 'flights-atl',
    version: 2,
    at: NOW,
    epoch: 1,
    actor: ana,
    message: 'a holiday',
    settled: false,
  };
  return aJob({ version: 2, lastOverride: { ...base, ...record } as OverrideRecord, ...job });
}
