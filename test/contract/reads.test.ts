/** What the stores ask DynamoDB for. Embedded ones are always consistent and never slow, so no answer would show it. */
import { expect, it } from 'vitest';
import type { DocumentClient } from '../../lib/aws/client.ts';
import { itemsWith, queryItems, queryPage } from '../../lib/aws/query.ts';
import { tableNames } from '../../lib/aws/tables.ts';
import { storesOn } from './dynamo.ts';
import type { Stores } from './opening.ts';

const TABLES = tableNames('t');
const LISTING = itemsWith('landings', 'jobId', 'flights-atl');

/** A client that answers everything with this, and the requests that it got. */
function answering(answer: object) {
  const requests: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    requests.push(input);
    return answer;
  };
  return { requests, client: { send } as unknown as DocumentClient };
}

const READS: [name: string, read: (stores: Stores) => Promise<unknown>, strong: boolean][] = [
  ['a job that is wanted strongly', ({ jobs }) => jobs.get('j', 'strong'), true],
  ['a job that need not be', ({ jobs }) => jobs.get('j', 'eventual'), false],
  ['the jobs of a shard', ({ jobs }) => jobs.listShard(0), false],
  ['a claim', ({ claims }) => claims.get('j', 'p'), true],
  ['the open claims', ({ claims }) => claims.listOpen('j'), true],
  ['all claims', ({ claims }) => claims.list('j'), true],
  ['evidence that is wanted strongly', ({ evidence }) => evidence.get('j', 'strong'), true],
  ['evidence that need not be', ({ evidence }) => evidence.get('j', 'eventual'), false],
  ['the evidence of a shard', ({ evidence }) => evidence.listShard(0), false],
  ['the controls', ({ fleet }) => fleet.getControls(), true],
  ['the ledgers', ({ fleet }) => fleet.listLedgers(3), true],
  ['the summaries', ({ fleet }) => fleet.listSummaries(), true],
  ['the accounts', ({ fleet }) => fleet.listAccounts('s'), true],
  ['the worklist', ({ fleet }) => fleet.listOwed('old', 3), true],
];

it.each(READS)('%s is read as consistently as it has to be', async (_name, read, strong) => {
  const { client, requests } = answering({});
  await read(storesOn(client, TABLES));
  expect(requests.length).toBeGreaterThan(0);
  for (const request of requests) expect(request.ConsistentRead ?? false).toBe(strong);
});

it('makes sure of a shard without a write when its summary is there', async () => {
  const { client, requests } = answering({ Item: {} });
  await storesOn(client, TABLES).fleet.ensureShard(4);
  expect(requests).toEqual([{ TableName: 't-fleet', Key: { kind: 'summary', id: '004' }, ConsistentRead: false }]);
});

it('a listing that never ends is given up after 10,000 pages, and nothing of it passes for the whole', async () => {
  const { client, requests } = answering({ Items: [], LastEvaluatedKey: { jobId: 'flights-atl' } });
  await expect(queryItems({ client, tables: TABLES }, LISTING)).rejects.toThrow('more than 10000 pages');
  expect(requests).toHaveLength(10_000);
});

it('refuses a position that is none', async () => {
  const { client, requests } = answering({});
  await expect(queryPage({ client, tables: TABLES }, LISTING, 'nonsense')).rejects.toThrow(
    '"nonsense" is not the position of a page: list again from the start',
  );
  expect(requests).toEqual([]);
});

it('asks for no more than it wants', async () => {
  const { client, requests } = answering({ Items: [{ jobId: 'flights-atl' }] });
  const context = { client, tables: TABLES };
  expect(await queryItems(context, LISTING, 0)).toEqual([]);
  expect(requests).toEqual([]);
  await queryItems({ ...context, pageSize: 2 }, LISTING, 5);
  await queryItems({ ...context, pageSize: 9 }, LISTING, 5);
  expect(requests).toMatchObject([{ Limit: 2 }, { Limit: 5 }]);
});
