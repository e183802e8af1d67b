/** owed: the partitions that a system still has to publish. A worklist for pipelines, checked against the claims. */
import { owedReason } from '../domain/claim.ts';
import type { System } from '../domain/phases.ts';
import type { OwedPartition, Ports } from './ports.ts';

/** Entries that are looked at: some may be stale, and hide none that is not behind so many. */
const ENTRIES_READ = 1_000;

export async function listOwed(
  ports: Pick<Ports, 'claims' | 'fleet'>,
  { system, jobId, limit = 100 }: { system: System; jobId?: string | undefined; limit?: number | undefined },
): Promise<OwedPartition[]> {
  if (jobId !== undefined) {
    const open = await ports.claims.listOpen(jobId);
    return open
      .flatMap((claim) => {
        const owed = owedReason(claim);
        if (!owed || claim.writer !== system) return [];
        return [{ jobId, partition: claim.partition, system, reason: owed.reason, since: owed.since }];
      })
      .slice(0, limit);
  }
  const listed = await ports.fleet.listOwed(system, ENTRIES_READ);
  const verified: OwedPartition[] = [];
  for (const entry of listed) {
    if (verified.length === limit) break;
    const claim = await ports.claims.get(entry.jobId, entry.partition);
    const owed = claim && claim.writer === system ? owedReason(claim) : undefined;
    if (owed) verified.push({ ...entry, reason: owed.reason, since: owed.since });
  }
  return verified;
}
