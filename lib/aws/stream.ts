/**
 * What the streams of `jobs` and `landings` carry, as domain records. Used by the functions behind the streams, and by
 * the local runtime, which hands over the item of every write in the same form. A new image is the whole item.
 */
import type { Claim } from '../domain/claim.ts';
import type { Job } from '../domain/job.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import { decodeClaim } from './claim-item.ts';
import { decodeHistory, decodeJob, JOB_RECORD } from './job-item.ts';
import type { Item } from './record-body.ts';

/** Attributes by type, as in a Lambda event and in the SDK's low-level client. */
export type NewImage = Record<string, { S?: string | undefined; N?: string | undefined; BOOL?: boolean | undefined }>;

export type JobImage = { kind: 'job'; job: Job } | { kind: 'history'; record: HistoryRecord };

export function decodeJobImage(image: NewImage): JobImage {
  const item = plain(image);
  return item.record === JOB_RECORD
    ? { kind: 'job', job: decodeJob(item) }
    : { kind: 'history', record: decodeHistory(item) };
}

export function decodeClaimImage(image: NewImage): Claim {
  return decodeClaim(plain(image));
}

/** Only these types are in the items of the two tables. */
function plain(image: NewImage): Item {
  return Object.fromEntries(
    Object.entries(image).map(([name, { S, N, BOOL }]) => [name, N === undefined ? (S ?? BOOL) : Number(N)]),
  );
}
