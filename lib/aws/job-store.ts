/** Jobs and their history on DynamoDB. */
import type { JobStore } from '../controller/ports.ts';
import type { DocumentClient } from './client.ts';
import { getItem, putOn, requireNewer, type StoreOptions } from './conditional-put.ts';
import {
  attentionBucket,
  decodeHistory,
  decodeJob,
  encodeHistory,
  encodeJob,
  HISTORY_PREFIX,
  JOB_RECORD,
  teamBucket,
} from './job-item.ts';
import { decodePage, itemsWith, type Listing, queryItems, queryPage } from './query.ts';
import { BY_ATTENTION, BY_SHARD, BY_TEAM, type TableNames } from './tables.ts';

export function createJobStore(client: DocumentClient, tables: TableNames, options: StoreOptions = {}): JobStore {
  const context = { client, tables, ...options };
  return {
    async get(jobId, read) {
      const item = await getItem(context, 'jobs', { jobId, record: JOB_RECORD }, read === 'strong');
      return item && decodeJob(item);
    },

    create: async (job) => putOn(context, 'jobs', encodeJob(job), { 'job-is-absent': true }),

    async replace(next, expected) {
      requireNewer(`job ${next.jobId}`, next.version, expected.version);
      return putOn(context, 'jobs', encodeJob(next), {
        'job-version-unchanged': expected.version,
        'job-phase-unchanged': expected.phase,
      });
    },

    putHistory: async (record) => putOn(context, 'jobs', encodeHistory(record), { 'history-is-absent': true }),

    async listHistory(jobId, limit) {
      const ofJob = itemsWith('jobs', 'jobId', jobId);
      const listing: Listing = {
        ...ofJob,
        KeyConditionExpression: '#key = :key AND begins_with(#record, :history)',
        ExpressionAttributeNames: { ...ofJob.ExpressionAttributeNames, '#record': 'record' },
        ExpressionAttributeValues: { ...ofJob.ExpressionAttributeValues, ':history': HISTORY_PREFIX },
        ScanIndexForward: false,
      };
      return (await queryItems(context, listing, limit)).map(decodeHistory);
    },

    async listShard(shard, from) {
      const page = await queryPage(context, { ...itemsWith('jobs', 'shard', shard), IndexName: BY_SHARD }, from);
      return decodePage(page, decodeJob);
    },

    async listAttention(kind, bucket, limit) {
      const ofBucket = itemsWith('jobs', 'attentionBucket', attentionBucket(kind, bucket));
      const listing = { ...ofBucket, IndexName: BY_ATTENTION };
      return (await queryItems(context, listing, limit)).map(decodeJob);
    },

    async listTeam(team, bucket, from) {
      const ofBucket = itemsWith('jobs', 'teamBucket', teamBucket(team, bucket));
      const page = await queryPage(context, { ...ofBucket, IndexName: BY_TEAM }, from);
      return decodePage(page, decodeJob);
    },
  };
}
