/**
 * The four tables as data: keys, indexes, stream, expiry. The one place that knows their shape: `create-tables.ts` makes
 * them from it where there is no CloudFormation (the local runtime, the contract tests), the CDK construct everywhere
 * else. What is in the items is said by the codec of each (`job-item.ts`, `claim-item.ts`, ...).
 */

/** The names that the tables have in one deployment. */
export interface TableNames {
  jobs: string;
  landings: string;
  evidence: string;
  fleet: string;
}
export type Table = keyof TableNames;

export interface KeyAttribute {
  name: string;
  type: 'S' | 'N';
}

/** Every index projects the whole item: its readers want the records, and an index never costs them a second read. */
export interface IndexShape {
  name: string;
  partitionKey: KeyAttribute;
  sortKey: KeyAttribute;
}

export interface TableShape {
  partitionKey: KeyAttribute;
  sortKey: KeyAttribute;
  /** Global secondary indexes. An item without an index's key attributes is not in it. */
  indexes: readonly IndexShape[];
  /** What the table's stream carries; `undefined` where nothing listens. */
  stream?: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** Holds epoch seconds; DynamoDB deletes the item some time after. An item without it stays. */
  expiryAttribute?: string;
}

export const BY_SHARD = 'by-shard';
export const BY_ATTENTION = 'by-attention';
export const BY_TEAM = 'by-team';

export const TABLES: Record<Table, TableShape> = {
  jobs: {
    partitionKey: { name: 'jobId', type: 'S' },
    // `job`, or `history#` and the version that the record made.
    sortKey: { name: 'record', type: 'S' },
    indexes: [
      // Only `job` items have a shard, so that a sweep does not read the history.
      {
        name: BY_SHARD,
        partitionKey: { name: 'shard', type: 'N' },
        sortKey: { name: 'jobId', type: 'S' },
      },
      // Sparse. Sixteen buckets a kind, because everything regresses at once when it does.
      {
        name: BY_ATTENTION,
        partitionKey: { name: 'attentionBucket', type: 'S' },
        sortKey: { name: 'attentionOrder', type: 'S' },
      },
      {
        name: BY_TEAM,
        partitionKey: { name: 'teamBucket', type: 'S' },
        sortKey: { name: 'teamOrder', type: 'S' },
      },
    ],
    // That attention is gone shows only beside the item as it was.
    stream: 'NEW_AND_OLD_IMAGES',
  },
  landings: {
    partitionKey: { name: 'jobId', type: 'S' },
    sortKey: { name: 'partition', type: 'S' },
    indexes: [],
    stream: 'NEW_IMAGE',
    expiryAttribute: 'expiresAt',
  },
  evidence: {
    partitionKey: { name: 'shard', type: 'N' },
    sortKey: { name: 'jobId', type: 'S' },
    indexes: [],
  },
  fleet: {
    partitionKey: { name: 'kind', type: 'S' },
    sortKey: { name: 'id', type: 'S' },
    indexes: [],
    stream: 'NEW_IMAGE',
    expiryAttribute: 'expiresAt',
  },
};

/** `crossfade` -> `crossfade-jobs` and so on. */
export function tableNames(prefix: string): TableNames {
  return {
    jobs: `${prefix}-jobs`,
    landings: `${prefix}-landings`,
    evidence: `${prefix}-evidence`,
    fleet: `${prefix}-fleet`,
  };
}
