/**
 * A job and its history as items of the `jobs` table. Pure. Used by the job store and, for what the table's stream hands
 * over, by `stream.ts`.
 */

import { ATTENTION_BUCKETS, TEAM_BUCKETS } from '../controller/ports.ts';
import type { AttentionKind } from '../domain/attention.ts';
import { fnv1a32, shardOf } from '../domain/hash.ts';
import type { Job } from '../domain/job.ts';
import { type HistoryRecord, isSettled, isTransition } from '../domain/transition.ts';
import { decodeBody, encodeBody, type Item, requireSize } from './record-body.ts';

export const JOB_RECORD = 'job';
export const HISTORY_PREFIX = 'history#';

export function encodeJob(job: Job): Item {
  const { jobId, phase, epoch, version, phaseSince, team, policy, wave, ...rest } = job;
  const item = {
    jobId,
    record: JOB_RECORD,
    phase,
    epoch,
    version,
    phaseSince,
    team,
    policy,
    wave,
    // A retired job leaves the sweeps' index once its record is copied.
    ...(!(job.retired && isSettled(job)) && { shard: shardOf(jobId) }),
    teamBucket: teamBucket(team, fnv1a32(jobId) % TEAM_BUCKETS),
    teamOrder: `${phase}#${jobId}`,
    ...(job.attention && {
      attentionBucket: attentionBucket(job.attention.kind, fnv1a32(jobId) % ATTENTION_BUCKETS),
      attentionOrder: `${job.attention.since}#${jobId}`,
    }),
    ...encodeBody(rest),
  };
  return requireSize(item, `job ${jobId}`);
}

export function decodeJob(item: Item): Job {
  const { jobId, phase, epoch, version, phaseSince, team, policy, wave } = item;
  const rest = decodeBody(item, `job ${String(jobId)}`);
  return { jobId, ...rest, phase, epoch, version, phaseSince, team, policy, wave } as unknown as Job;
}

export function encodeHistory(record: HistoryRecord): Item {
  const { jobId, version, at, type, epoch, message, ...rest } = record;
  const { actor } = record;
  const item = {
    jobId,
    record: historyKey(version),
    version,
    at,
    type,
    epoch,
    message,
    by: actor.kind === 'operator' ? actor.name : actor.sweepId,
    ...(isTransition(record) && { from: record.from, to: record.to, reason: record.reason }),
    ...encodeBody(rest),
  };
  return requireSize(item, `record ${version} of job ${jobId}`);
}

export function decodeHistory(item: Item): HistoryRecord {
  const { jobId, version, at, type, epoch, message } = item;
  const rest = decodeBody(item, `record ${String(version)} of job ${String(jobId)}`);
  return { jobId, version, at, type, epoch, message, ...rest } as unknown as HistoryRecord;
}

/** Ten digits, so that text order is the order of versions. */
function historyKey(version: number): string {
  return `${HISTORY_PREFIX}${String(version).padStart(10, '0')}`;
}

export function attentionBucket(kind: AttentionKind, bucket: number): string {
  return `${kind}#${String(bucket).padStart(2, '0')}`;
}

export function teamBucket(team: string, bucket: number): string {
  return `${team}#${String(bucket).padStart(2, '0')}`;
}
