/** Evidence on DynamoDB, by shard, as sweeps read it. */
import type { EvidenceStore } from '../controller/ports.ts';
import { shardOf } from '../domain/hash.ts';
import type { DocumentClient } from './client.ts';
import { getItem, putOn, requireNewer, type StoreOptions } from './conditional-put.ts';
import { decodeEvidence, encodeEvidence } from './evidence-item.ts';
import { decodePage, itemsWith, queryPage } from './query.ts';
import type { TableNames } from './tables.ts';

export function createEvidenceStore(
  client: DocumentClient,
  tables: TableNames,
  options: StoreOptions = {},
): EvidenceStore {
  const context = { client, tables, ...options };
  return {
    async get(jobId, read) {
      const item = await getItem(context, 'evidence', { shard: shardOf(jobId), jobId }, read === 'strong');
      return item && decodeEvidence(item);
    },

    async replace(next, expectedVersion) {
      requireNewer(`the evidence of ${next.jobId}`, next.version, expectedVersion);
      return putOn(context, 'evidence', encodeEvidence(next), { 'evidence-version-unchanged': expectedVersion });
    },

    async listShard(shard, from) {
      const page = await queryPage(context, itemsWith('evidence', 'shard', shard), from);
      return decodePage(page, decodeEvidence);
    },
  };
}
