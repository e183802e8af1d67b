/** The fleet's records on DynamoDB. All reads are strongly consistent: limits and pauses are held by what they say. */
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { FleetStore, OwedPartition, ShardSummary } from '../controller/ports.ts';
import { NO_CONTROLS } from '../domain/controls.ts';
import type { DocumentClient } from './client.ts';
import { getItem, putOn, requireNewer, type StoreOptions } from './conditional-put.ts';
import {
  accountKind,
  CONTROLS_KEY,
  decodeAccount,
  decodeControls,
  decodeFleetRecord,
  decodeLedger,
  decodeOwed,
  decodeSummary,
  encodeAccount,
  encodeControls,
  encodeFleetRecord,
  encodeLedger,
  encodeOwed,
  encodeSummary,
  encodeSweep,
  FLEET_HISTORY,
  LEDGER,
  OWED_BUCKETS,
  owedKey,
  owedKind,
  SUMMARY,
  summaryKey,
} from './fleet-item.ts';
import { itemsWith, type Listing, queryItems } from './query.ts';
import type { Item } from './record-body.ts';
import type { TableNames } from './tables.ts';

const LEDGER_DAYS = 7;

export function createFleetStore(client: DocumentClient, tables: TableNames, options: StoreOptions = {}): FleetStore {
  const context = { client, tables, ...options };
  const { ledgerDays = LEDGER_DAYS } = options;
  const put = async (item: Item) => void (await client.send(new PutCommand({ TableName: tables.fleet, Item: item })));
  const putSummary = async (summary: ShardSummary) =>
    putOn(context, 'fleet', encodeSummary(summary), { 'summary-is-newer': summary.readAt });

  return {
    async getControls() {
      const item = await getItem(context, 'fleet', CONTROLS_KEY, true);
      return item ? decodeControls(item) : NO_CONTROLS;
    },

    async replaceControls(next, expectedVersion) {
      requireNewer('the controls', next.version, expectedVersion);
      return putOn(context, 'fleet', encodeControls(next), { 'controls-version-unchanged': expectedVersion });
    },

    putHistory: async (record) => put(encodeFleetRecord(record)),

    async listHistory(limit) {
      const listing = { ...allOfKind(FLEET_HISTORY), ScanIndexForward: false };
      return (await queryItems(context, listing, limit)).map(decodeFleetRecord);
    },

    createLedger: async (ledger) =>
      putOn(context, 'fleet', encodeLedger(ledger, ledgerDays), { 'ledger-is-absent': true }),

    async listLedgers(limit) {
      const listing = { ...allOfKind(LEDGER), ScanIndexForward: false };
      return (await queryItems(context, listing, limit)).map(decodeLedger);
    },

    async ensureShard(shard) {
      // Every registration asks this, of one key: a read that finds it is there spares that key a refused write.
      const known = await getItem(context, 'fleet', summaryKey(shard), false);
      if (!known) await putSummary(emptySummary(shard));
    },

    putSummary,

    async listSummaries() {
      return (await queryItems(context, allOfKind(SUMMARY))).map(decodeSummary);
    },

    putAccount: async (account) => put(encodeAccount(account, ledgerDays)),

    async listAccounts(sweepId) {
      return (await queryItems(context, allOfKind(accountKind(sweepId)))).map(decodeAccount);
    },

    finishSweep: async (sweep) =>
      putOn(context, 'fleet', encodeSweep(sweep, ledgerDays), { 'sweep-is-unfinished': true }),

    putOwed: async (entry) => put(encodeOwed(entry)),

    async deleteOwed(system, jobId, partition) {
      await client.send(new DeleteCommand({ TableName: tables.fleet, Key: owedKey(system, jobId, partition) }));
    },

    async listOwed(system, limit) {
      const buckets = Array.from({ length: OWED_BUCKETS }, (_, bucket) => allOfKind(owedKind(system, bucket)));
      const found = await Promise.all(buckets.map((listing) => queryItems(context, listing, limit)));
      return found.flat().map(decodeOwed).sort(byJobAndPartition).slice(0, limit);
    },
  };
}

/** Older than any that an evaluation writes, so that it never takes the place of one. */
function emptySummary(shard: number): ShardSummary {
  return {
    shard,
    sweepId: '',
    readAt: '1970-01-01T00:00:00.000Z',
    jobs: 0,
    weights: {},
    counts: {},
    attention: {},
    ready: {},
    demoted: 0,
  };
}

function byJobAndPartition(a: OwedPartition, b: OwedPartition): number {
  return compareText(a.jobId, b.jobId) || compareText(a.partition, b.partition);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function allOfKind(kind: string): Listing {
  return { ...itemsWith('fleet', 'kind', kind), ConsistentRead: true };
}
