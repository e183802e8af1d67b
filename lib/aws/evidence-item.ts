/** A job's evidence as an item of the `evidence` table: two packed attributes, and what its conditions and keys need. */
import type { Evidence } from '../domain/evidence.ts';
import { packPairs, packStanding, unpackPairs, unpackStanding } from './evidence-pack.ts';
import { type Item, LAYOUT, requireLayout, requireSize } from './record-body.ts';

/**
 * A usual item takes 1.5 KB, and the largest that printable ASCII names can make fits into the 4 KB that one read unit
 * covers. A release named in another script can take it past that; this is where it ends.
 */
const EVIDENCE_LIMIT_BYTES = 8_192;

export function encodeEvidence(evidence: Evidence): Item {
  const { shard, jobId, version, recent, standing, overflow } = evidence;
  const item = {
    shard,
    jobId,
    version,
    layout: LAYOUT,
    overflow,
    recent: packPairs(recent),
    standing: packStanding(standing),
  };
  return requireSize(item, `the evidence of ${jobId}`, EVIDENCE_LIMIT_BYTES);
}

export function decodeEvidence(item: Item): Evidence {
  const { shard, jobId, version, overflow, recent, standing } = item;
  requireLayout(item, `the evidence of ${String(jobId)}`);
  return {
    jobId: jobId as string,
    shard: shard as number,
    version: version as number,
    recent: unpackPairs(recent as Uint8Array),
    standing: unpackStanding(standing as Uint8Array),
    overflow: overflow as boolean,
  };
}
