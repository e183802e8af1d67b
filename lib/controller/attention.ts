/**
 * attention: every job that a person should look at, most urgent first. Read from the sparse index, a bounded part of each
 * bucket, so a fleet in trouble costs no more than a quiet one; what was cut off is said. Called by the pages of both
 * consoles; writes nothing.
 */
import pMap from 'p-map';
import { ATTENTION_KINDS, type AttentionKind } from '../domain/attention.ts';
import { type Attention, activeHold, type Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { ATTENTION_BUCKETS, type Ports } from './ports.ts';

interface AttentionEntry {
  jobId: string;
  team: string;
  phase: Phase;
  held: boolean;
  attention: Attention;
}

interface AttentionList {
  /** Most urgent kind first, longest first within a kind. */
  entries: AttentionEntry[];
  /** A bucket was not read to its end: there may be more. */
  more: boolean;
}

/** With sixteen buckets more than a person reads, and at most some 6 MB when every kind is full. */
const READ_PER_BUCKET = 32;
const CONCURRENCY = 16;

export async function listAttention({ jobs }: Pick<Ports, 'jobs'>, now: Instant): Promise<AttentionList> {
  const wanted = ATTENTION_KINDS.flatMap((kind) =>
    Array.from({ length: ATTENTION_BUCKETS }, (_, bucket) => ({ kind, bucket })),
  );
  const read = await pMap(wanted, ({ kind, bucket }) => jobs.listAttention(kind, bucket, READ_PER_BUCKET), {
    concurrency: CONCURRENCY,
  });
  return {
    entries: read
      .flat()
      .flatMap((job) => entryOf(job, now))
      .sort(byUrgency),
    more: read.some((bucket) => bucket.length === READ_PER_BUCKET),
  };
}

/** The index may lag behind the job's item, but what it hands over has an attention, or it would not be in it. */
function entryOf(job: Job, now: Instant): AttentionEntry[] {
  const { jobId, team, phase, attention } = job;
  return attention ? [{ jobId, team, phase, held: activeHold(job, now) !== undefined, attention }] : [];
}

function byUrgency(a: AttentionEntry, b: AttentionEntry): number {
  return (
    rankOf(a.attention.kind) - rankOf(b.attention.kind) ||
    compare(a.attention.since, b.attention.since) ||
    compare(a.jobId, b.jobId)
  );
}

function rankOf(kind: AttentionKind): number {
  return ATTENTION_KINDS.indexOf(kind);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
