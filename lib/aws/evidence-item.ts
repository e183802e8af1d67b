/** A job's evidence as an item of the `evidence` table: three packed attributes, and what its conditions and keys need. */
import type { Evidence } from '../domain/evidence.ts';
import { packPairs, unpackPairs } from './evidence-pack.ts';
import { type Item, LAYOUT, requireLayout, requireSize } from './record-body.ts';
import { packStanding, unpackStanding } from './standing-pack.ts';
import { packTally, unpackTally } from './tally-pack.ts';

/**
 * A usual item takes 1.7 KB, and the largest that printable ASCII names can make fits into the 4 KB that one read unit
 * covers. A release named in another script can take it past that; this is where it ends.
 */
const EVIDENCE_LIMIT_BYTES = 8_192;

export function encodeEvidence(evidence: Evidence): Item {
  const { shard, jobId, version, recent, standing, overflow, tally } = evidence;
  const item = {
    shard,
    jobId,
    version,
    layout: LAYOUT,
    overflow,
    pairs: packPairs(recent),
    standing: packStanding(standing),
    ...(tally && { tally: packTally(tally) }),
  };
  return requireSize(item, `the evidence of ${jobId}`, EVIDENCE_LIMIT_BYTES);
}

/** An item from before pairs were counted has `recent` in place of `pairs`: nothing of it is counted yet. */
export function decodeEvidence(item: Item): Evidence {
  const { shard, jobId, version, overflow, pairs, recent, standing, tally } = item;
  requireLayout(item, `the evidence of ${String(jobId)}`);
  return {
    jobId: jobId as string,
    shard: shard as number,
    version: version as number,
    recent: pairs ? unpackPairs(pairs as Uint8Array) : unpackPairs(recent as Uint8Array, 'before-tally'),
    standing: unpackStanding(standing as Uint8Array),
    overflow: overflow as boolean,
    ...(tally !== undefined && { tally: unpackTally(tally as Uint8Array) }),
  };
}
