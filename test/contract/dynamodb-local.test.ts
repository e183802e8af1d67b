import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentClient } from '../../lib/aws/client.ts';
import { decodeClaimImage, decodeJobImage } from '../../lib/aws/stream.ts';
import { aClaim, aJob, aPublishedClaim, aTransition } from '../builders/records.ts';
import { describeStores } from './describe-stores.ts';
import { connectTo, freshTables, storesOn } from './dynamo.ts';
import { hasJava, openDynamoDbLocal } from './dynamodb-local-server.ts';
import { eventually } from './opening.ts';
import { readStream } from './stream-reader.ts';

// A gate that leaves this out without a word would be green on a machine that cannot know.
const skipped = !hasJava() && !process.env.CI;
if (skipped) {
  process.stderr.write(
    '\nSKIPPED: the store contract on DynamoDB Local, with its streams: `java` (17 or newer) is not there\n\n',
  );
}

describe.skipIf(skipped)('on DynamoDB Local', () => {
  let server: Awaited<ReturnType<typeof openDynamoDbLocal>>;
  let client: DocumentClient;

  beforeAll(async () => {
    server = await openDynamoDbLocal();
    client = connectTo(server.endpoint);
  });

  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });

  describeStores('the stores', async (options) => storesOn(client, await freshTables(client), options));

  describe('the streams', () => {
    it('carry every claim as it was written, in order, and nothing of the writes that were lost', async () => {
      const tables = await freshTables(client);
      const { claims } = storesOn(client, tables);
      const first = aClaim();
      const second = { ...first, grant: 2, revision: 2 };
      const third = aPublishedClaim();
      await claims.create(first);
      await claims.create(aClaim({ writer: 'new' }));
      await claims.replace(second, first);
      await claims.replace({ ...second, writer: 'new' }, first);
      await claims.replace(third, second);
      await eventually(async () => {
        const records = await readStream(client, server.endpoint, tables.landings);
        expect(records.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY', 'MODIFY']);
        expect(records.map(({ dynamodb }) => decodeClaimImage(dynamodb.NewImage!))).toStrictEqual([
          first,
          second,
          third,
        ]);
        expect(records[1]?.dynamodb).toMatchObject({ StreamViewType: 'NEW_IMAGE' });
        expect(records[1]?.dynamodb.OldImage).toBeUndefined();
      });
    });

    it('carry jobs and the records of their history, told apart', async () => {
      const tables = await freshTables(client);
      const { jobs } = storesOn(client, tables);
      const first = aJob();
      const transition = aTransition();
      const second = aJob({ phase: 'shadow', epoch: 2, version: 2, lastTransition: transition });
      await jobs.create(first);
      await jobs.replace(second, first);
      await jobs.putHistory(transition);
      await jobs.putHistory({ ...transition, message: 'a late copy' });
      await eventually(async () => {
        const records = await readStream(client, server.endpoint, tables.jobs);
        const images = records.map(({ dynamodb }) => decodeJobImage(dynamodb.NewImage!));
        expect(images).toHaveLength(3);
        expect(images).toEqual(
          expect.arrayContaining([
            { kind: 'job', job: first },
            { kind: 'job', job: second },
            { kind: 'history', record: transition },
          ]),
        );
      });
    });
  });
});
