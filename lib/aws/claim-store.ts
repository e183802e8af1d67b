/** Claims on DynamoDB. Every read is strongly consistent: a claim is the fence. */
import type { ClaimStore } from '../controller/ports.ts';
import { decodeClaim, encodeClaim } from './claim-item.ts';
import type { DocumentClient } from './client.ts';
import { getItem, putOn, requireNewer, type StoreOptions } from './conditional-put.ts';
import { itemsWith, type Listing, queryItems, queryPage } from './query.ts';
import type { TableNames } from './tables.ts';

const LEAST_DAYS = 90;

export function createClaimStore(client: DocumentClient, tables: TableNames, options: StoreOptions = {}): ClaimStore {
  const context = { client, tables, ...options };
  const keptDays = options.claimDays ?? LEAST_DAYS;
  if (!(keptDays >= LEAST_DAYS)) {
    throw new Error(
      `settled claims are kept for ${keptDays} days, and must be for ${LEAST_DAYS}: a late run must meet its fence`,
    );
  }
  return {
    async get(jobId, partition) {
      const item = await getItem(context, 'landings', { jobId, partition }, true);
      return item && decodeClaim(item);
    },

    create: async (claim) => putOn(context, 'landings', encodeClaim(claim, keptDays), { 'claim-is-absent': true }),

    async replace(next, expected) {
      requireNewer(`the claim of ${next.jobId} ${next.partition}`, next.revision, expected.revision);
      return putOn(context, 'landings', encodeClaim(next, keptDays), {
        'claim-revision-unchanged': expected.revision,
      });
    },

    async listOpen(jobId) {
      const all = claimsOf(jobId);
      const listing: Listing = {
        ...all,
        FilterExpression: '#open = :open',
        ExpressionAttributeNames: { ...all.ExpressionAttributeNames, '#open': 'open' },
        ExpressionAttributeValues: { ...all.ExpressionAttributeValues, ':open': true },
      };
      return (await queryItems(context, listing)).map(decodeClaim);
    },

    async list(jobId, from) {
      const page = await queryPage(context, { ...claimsOf(jobId), ScanIndexForward: false }, from);
      return { ...page, items: page.items.map(decodeClaim) };
    },
  };
}

function claimsOf(jobId: string): Listing {
  return { ...itemsWith('landings', 'jobId', jobId), ConsistentRead: true };
}
