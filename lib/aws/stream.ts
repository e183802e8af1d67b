/**
 * What the streams of `jobs` and `landings` carry, as domain records. Used by the functions behind the streams, and by
 * the local runtime, which hands over the item of every write, of the other tables too, in the same form. A new image is
 * the whole item.
 */
import type { Ledger } from '../controller/ports.ts';
import type { Claim } from '../domain/claim.ts';
import type { Controls } from '../domain/controls.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Job } from '../domain/job.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import { decodeClaim } from './claim-item.ts';
import { decodeEvidence } from './evidence-item.ts';
import { CONTROLS_KEY, decodeControls, decodeLedger, LEDGER } from './fleet-item.ts';
import { decodeHistory, decodeJob, JOB_RECORD } from './job-item.ts';
import type { Item } from './record-body.ts';

/** Attributes by type, as in a Lambda event and in the SDK's low-level client. */
export type NewImage = Record<string, { S?: string | undefined; N?: string | undefined; BOOL?: boolean | undefined }>;

/** As the SDK's low-level client writes it: bytes are bytes, where a Lambda event has text. */
export type WrittenImage = Record<
  string,
  { S?: string | undefined; N?: string | undefined; BOOL?: boolean | undefined; B?: Uint8Array | undefined }
>;

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

export function decodeEvidenceImage(image: WrittenImage): Evidence {
  return decodeEvidence(plain(image));
}

/** What of the `fleet` table tells about the whole fleet; nothing for summaries, accounts and worklists. */
export function decodeFleetImage(
  image: WrittenImage,
): { kind: 'controls'; controls: Controls } | { kind: 'ledger'; ledger: Ledger } | undefined {
  const kind = image.kind?.S;
  if (kind === CONTROLS_KEY.kind) return { kind: 'controls', controls: decodeControls(plain(image)) };
  return kind === LEDGER ? { kind: 'ledger', ledger: decodeLedger(plain(image)) } : undefined;
}

/** Only these types are in the items of the tables. */
export function plain(image: WrittenImage): Item {
  return Object.fromEntries(
    Object.entries(image).map(([name, { S, N, BOOL, B }]) => [name, N === undefined ? (S ?? BOOL ?? B) : Number(N)]),
  );
}
