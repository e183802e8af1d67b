import { afterAll, beforeAll } from 'vitest';
import type { DocumentClient } from '../../lib/aws/client.ts';
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
