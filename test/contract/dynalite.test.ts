import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DocumentClient } from '../../lib/aws/client.ts';
import { createTables } from '../../lib/aws/create-tables.ts';
import { aJob } from '../builders/records.ts';
import { describeStores } from './describe-stores.ts';
import { openDynalite } from './dynalite-server.ts';
import { connectTo, freshTables, storesOn } from './dynamo.ts';

let server: Awaited<ReturnType<typeof openDynalite>>;
let client: DocumentClient;

beforeAll(async () => {
  server = await openDynalite();
  client = connectTo(server.endpoint);
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

describeStores('the stores on dynalite', async (options) => storesOn(client, await freshTables(client), options));

it('tables that are created again keep what is in them', async () => {
  const tables = await freshTables(client);
  const { jobs } = storesOn(client, tables);
  await jobs.create(aJob());
  await createTables(client, tables);
  expect(await jobs.get('flights-atl', 'strong')).toEqual(aJob());
});
