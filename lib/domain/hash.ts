/** Two small non-cryptographic hashes, written out so that a job's shard never depends on a runtime's library. */

/** FNV-1a, 32 bits, over the UTF-16 code units. Source: Fowler, Noll, Vo; draft-eastlake-fnv. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** 64 bits as 16 hex digits: two differently seeded passes. For telling a job's own few partitions apart, no more. */
export function fingerprint(text: string): string {
  const hex = (n: number) => n.toString(16).padStart(8, '0');
  return hex(fnv1a32(text)) + hex(fnv1a32(`${text}\u0001`.split('').reverse().join('')));
}

export const SHARDS = 256;

/** The virtual shard of a job, for ever. */
export function shardOf(jobId: string): number {
  return fnv1a32(jobId) % SHARDS;
}
