import { type AttributeValue, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTables } from '../../lib/aws/create-tables.ts';
import { type Database, startDatabase } from '../../lib/local/database.ts';
import { TABLE_NAMES } from '../../lib/local/names.ts';
import type { Image } from '../../lib/local/streams.ts';
import { watchWrites } from '../../lib/local/write-watch.ts';

const TableName = TABLE_NAMES.landings;
const KEYS = ['jobId', 'partition'] as const;

describe('a client whose writes are watched', () => {
  let database: Database;
  let jobs = 0;
  let jobId = '';
  beforeAll(async () => {
    database = await startDatabase();
    await createTables(database.connect() as unknown as DynamoDBClient, TABLE_NAMES);
  }, 30_000);
  afterAll(() => database.close());
  beforeEach(() => {
    jobId = `job-${++jobs}`;
  });

  function aWatchedClient(take: (image: Image) => Promise<void> | undefined = () => undefined) {
    const client = database.connect();
    const taken: number[] = [];
    const unknown: string[] = [];
    watchWrites(
      client,
      new Map([
        [
          TableName,
          {
            keys: KEYS,
            take: (image) => {
              taken.push(Number(image.revision?.N));
              return take(image);
            },
          },
        ],
      ]),
      (message) => unknown.push(message),
    );
    const put = (revision: number, expected?: number, partition = 'p1') =>
      client.send(
        new PutCommand({
          TableName,
          Item: { jobId, partition, revision, final: true },
          ...(expected === undefined
            ? { ConditionExpression: 'attribute_not_exists(jobId)' }
            : { ConditionExpression: 'revision = :e', ExpressionAttributeValues: { ':e': expected } }),
        }),
      );
    return { client, taken, unknown, put };
  }

  it('hands over the whole item with its types, after the write', async () => {
    let seen: Image | undefined;
    const { put } = aWatchedClient((image) => {
      seen = image;
      return undefined;
    });
    await put(1);
    expect(seen).toEqual({ jobId: { S: jobId }, partition: { S: 'p1' }, revision: { N: '1' }, final: { BOOL: true } });
  });

  it('hands over the item as it was beside it, where that is wanted', async () => {
    const seen: (Image | null | undefined)[] = [];
    const client = database.connect();
    const take = (_: Image, before?: Image | null) => void seen.push(before);
    watchWrites(client, new Map([[TableName, { keys: KEYS, before: true, take }]]), () => {});
    const write = (revision: number) =>
      client.send(new PutCommand({ TableName, Item: { jobId, partition: 'p1', revision, final: true, body: '1' } }));
    await write(1);
    await write(2);
    const first = {
      jobId: { S: jobId },
      partition: { S: 'p1' },
      revision: { N: '1' },
      final: { BOOL: true },
      body: { S: '1' },
    };
    expect(seen).toEqual([null, first]);
  });

  it('hands over nothing for a write that lost its race, and only what the winner wrote', async () => {
    const { put, taken } = aWatchedClient();
    await put(1);
    const tried = await Promise.allSettled([put(2, 1), put(3, 1), put(4, 1)]);
    expect(tried.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(taken).toEqual([1, 2]);
  });

  it('hands over the writes of one item in the order of their commits, however they were sent', async () => {
    const { put, taken, client } = aWatchedClient();
    await put(0);
    let next = 0;
    const writers = Array.from({ length: 8 }, async () => {
      for (let tries = 0; tries < 200 && next < 40; tries++) {
        const { Item } = await client.send(
          new GetCommand({ TableName, Key: { jobId, partition: 'p1' }, ConsistentRead: true }),
        );
        const expected = Number(Item?.revision);
        next = expected + 1;
        await put(expected + 1, expected).catch(() => {});
      }
    });
    await Promise.all(writers);
    expect(taken.length).toBeGreaterThan(40);
    expect(taken).toEqual([...taken.keys()]);
  });

  it('hands over the earlier commit first, also when its answer comes later', async () => {
    const { put, taken, client } = aWatchedClient();
    let delayMs = 40;
    (client as unknown as DynamoDBClient).middlewareStack.add(
      (next) => async (args) => {
        const output = await next(args);
        const waitMs = delayMs;
        delayMs = 0;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        return output;
      },
      { step: 'finalizeRequest', priority: 'low', name: 'delayFirstAnswer' },
    );
    await Promise.all([put(1), put(2, 1)]);
    expect(taken).toEqual([1, 2]);
  });

  it('makes a writer wait for as long as there is no room', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { put } = aWatchedClient(() => gate);
    let answered = false;
    const writing = put(1).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    open();
    await writing;
  });

  describe('whose answers are lost', () => {
    /** Loses the answer to the first so many attempts of a put, each after it took place. */
    function loseAnswers(client: ReturnType<typeof aWatchedClient>['client'], count: number) {
      let left = count;
      const stack = (client as unknown as DynamoDBClient).middlewareStack;
      stack.add(
        (next, context) => async (args) => {
          const output = await next(args);
          if ((context as { commandName?: string }).commandName === 'PutItemCommand' && left-- > 0) {
            throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
          }
          return output;
        },
        { step: 'finalizeRequest', priority: 'low', name: 'loseAnswers' },
      );
    }

    it('reads back what a repeat met of its own first attempt', async () => {
      const { client, put, taken, unknown } = aWatchedClient();
      loseAnswers(client, 1);
      await expect(put(1)).rejects.toThrow('conditional request failed');
      expect([taken, unknown]).toEqual([[1], []]);
    });

    it('reads back what was never answered', async () => {
      const { client, put, taken, unknown } = aWatchedClient();
      loseAnswers(client, 100);
      await expect(put(1)).rejects.toThrow();
      expect([taken, unknown]).toEqual([[1], []]);
    }, 40_000);
  });

  it('refuses the writes that it could not hand over', async () => {
    const { client } = aWatchedClient();
    const Key: Record<string, AttributeValue> = { jobId: { S: jobId }, partition: { S: 'p1' } };
    const update = new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE x' });
    await expect((client as unknown as DynamoDBClient).send(update)).rejects.toThrow('write them with PutItem');
  });

  it('lets an item be deleted only of a table where nobody wants to see it', async () => {
    const remove = new DeleteCommand({ TableName, Key: { jobId, partition: 'p1' } });
    await expect(aWatchedClient().client.send(remove)).rejects.toThrow('write them with PutItem');
    const client = database.connect();
    watchWrites(client, new Map([[TableName, { keys: KEYS, deletes: true, take: () => undefined }]]), () => {});
    await client.send(remove);
  });
});
