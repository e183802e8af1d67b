/**
 * Compares production with the reference, which neither system's code has touched: every publication that there ever was,
 * from the warehouse's own log, and what every partition holds at the end. Called once, at the end of the story.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import type { PartitionId } from './client.ts';
import { expectedRows, type Reference } from './reference.ts';
import { airportOf, parseTable } from './table.ts';
import type { Manifest, Warehouse } from './warehouse.ts';

/** A publication to production whose content is not the reference's. */
export interface WrongPublication extends PartitionId, Pick<Manifest, 'system' | 'release' | 'run' | 'landedAt'> {}

export interface ProductionFindings {
  publications: number;
  wrong: WrongPublication[];
  /** Partitions that hold nothing, where the reference has rows. */
  empty: PartitionId[];
  /** Partitions that do not hold at the end what they should, with the reason. */
  atEnd: (PartitionId & { why: string })[];
}

export interface ProductionParts {
  warehouse: Warehouse;
  reference: Reference;
  /** Everything that was there to be delivered, by job. */
  partitions: ReadonlyMap<string, readonly string[]>;
  readClaims: (jobId: string) => Promise<Claim[]>;
}

export async function checkProduction(parts: ProductionParts): Promise<ProductionFindings> {
  const findings: ProductionFindings = { publications: 0, wrong: [], empty: [], atEnd: [] };
  for (const [jobId, partitions] of parts.partitions) {
    const claims = new Map((await parts.readClaims(jobId)).map((claim) => [claim.partition, claim]));
    for (const partition of partitions) checkPartition(parts, findings, { jobId, partition }, claims.get(partition));
  }
  return findings;
}

function checkPartition(
  { warehouse, reference }: ProductionParts,
  findings: ProductionFindings,
  id: PartitionId,
  claim: Claim | undefined,
): void {
  const { jobId, partition } = id;
  const table = `${jobId}/production`;
  const expected = expectedRows(reference, airportOf(jobId), partition) ?? [];
  const log = warehouse.history(table, partition);
  const contents = log.map((entry) => parseTable(warehouse.read(table, partition, entry) ?? ''));
  const isRight = (rows: readonly string[]) => rows.join('\n') === expected.join('\n');

  findings.publications += log.length;
  for (const [index, { system, release, run, landedAt }] of log.entries()) {
    if (!isRight(contents[index] ?? [])) findings.wrong.push({ ...id, system, release, run, landedAt });
  }
  const rows = contents.at(-1) ?? [];
  if (rows.length === 0 && expected.length > 0) findings.empty.push(id);
  const why = describeProblem(log.at(-1), isRight(rows), claim);
  if (why !== undefined) findings.atEnd.push({ ...id, why });
}

/** `undefined` where the partition is published, right, and what the controller believes it to be. */
function describeProblem(newest: Manifest | undefined, right: boolean, claim: Claim | undefined): string | undefined {
  if (newest === undefined) return 'nothing was published';
  const { system, release, checksum } = newest;
  if (!right) return `${system} ${release} published something else than the reference`;
  if (claim?.published?.checksum !== checksum || claim.production?.checksum !== checksum) {
    return `the claim holds another landing than the one that ${system} published last`;
  }
  return undefined;
}
