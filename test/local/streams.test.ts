import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type StreamOptions, TableStream } from '../../lib/local/streams.ts';

const imageOf = (jobId: string, revision: number) => ({
  jobId: { S: jobId },
  partition: { S: `p${revision % 3}` },
  revision: { N: String(revision) },
});
const nameOf = ({ dynamodb }: DynamoDBRecord) => `${dynamodb?.Keys?.jobId?.S}${dynamodb?.NewImage?.revision?.N}`;

/** A stream whose deliveries are recorded as `a1 a2 b1`, and what each answers. */
function aStream(
  answer: (names: string[], event: DynamoDBStreamEvent) => unknown,
  options: Partial<StreamOptions> = {},
) {
  const batches: string[][] = [];
  const logged: string[] = [];
  const stream = new TableStream({
    table: 'landings',
    keys: ['jobId', 'partition'],
    now: () => 1_000,
    log: (message) => logged.push(message),
    retryDelayMs: 1,
    windowMs: 0,
    async deliver(event) {
      const names = event.Records.map(nameOf);
      batches.push(names);
      return (await answer(names, event)) as undefined;
    },
    ...options,
  });
  const pushAll = (...names: string[]) => {
    for (const name of names) void stream.push(imageOf(name[0] ?? '', Number(name.slice(1))));
  };
  return { stream, batches, logged, pushAll };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 2));

describe('the stream of a table', () => {
  it('hands over new images as Lambda does', async () => {
    let seen: DynamoDBStreamEvent | undefined;
    const { stream } = aStream((_names, event) => {
      seen = event;
    });
    await stream.push(imageOf('a', 7));
    await stream.idle(1_000);
    expect(seen?.Records).toHaveLength(1);
    expect(seen?.Records[0]).toMatchObject({
      eventSource: 'aws:dynamodb',
      dynamodb: {
        Keys: { jobId: { S: 'a' }, partition: { S: 'p1' } },
        NewImage: imageOf('a', 7),
        SequenceNumber: expect.stringMatching(/^\d+$/),
      },
    });
  });

  it("keeps a job's records in order and out of two batches at once, and lets other jobs pass", async () => {
    const inFlight = new Set<string>();
    const inTwoBatches: string[] = [];
    const { stream, batches, pushAll } = aStream(async (names) => {
      const jobs = new Set(names.map((name) => name[0] ?? ''));
      for (const job of jobs) {
        if (inFlight.has(job)) inTwoBatches.push(job);
        inFlight.add(job);
      }
      await soon();
      for (const job of jobs) inFlight.delete(job);
    });
    for (let revision = 1; revision <= 60; revision++) {
      pushAll(`a${revision}`, `b${revision}`, `c${revision}`);
      if (revision % 9 === 0) await soon();
    }
    await stream.idle(5_000);
    expect(inTwoBatches).toEqual([]);
    const delivered = batches.flat();
    for (const job of ['a', 'b', 'c']) {
      expect(delivered.filter((name) => name.startsWith(job))).toEqual(
        Array.from({ length: 60 }, (_, index) => `${job}${index + 1}`),
      );
    }
    expect(batches.length).toBeLessThan(120);
  });

  it('lets the records of a short while share a batch', async () => {
    const { stream, batches, pushAll } = aStream(() => undefined, { windowMs: 30 });
    pushAll('a1');
    await soon();
    pushAll('a2', 'b1');
    await stream.idle(5_000);
    expect(batches).toEqual([['a1', 'a2', 'b1']]);
  });

  it('puts at most a hundred records in a batch', async () => {
    const { stream, batches } = aStream(soon, { concurrency: 1 });
    for (let revision = 1; revision <= 350; revision++) void stream.push(imageOf('a', revision));
    await stream.idle(5_000);
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(100);
    expect(batches.flat()).toHaveLength(350);
  });

  it('tries a failing record again, alone, while the other jobs go on, and then goes on with its job', async () => {
    let failures = 2;
    const { stream, batches, pushAll } = aStream(
      async (names) => {
        await soon();
        if (names.includes('a2') && failures-- > 0) throw new Error('throttled');
      },
      { concurrency: 1 },
    );
    pushAll('x1', 'a1', 'a2', 'b1', 'a3');
    await stream.idle(5_000);
    expect(batches.flat().filter((name) => name.startsWith('b'))).not.toHaveLength(0);
    const last = batches
      .flat()
      .filter((name) => name.startsWith('a'))
      .slice(-2);
    expect(last).toEqual(['a2', 'a3']);
    expect(stream.status()).toMatchObject({ waiting: 0, delivered: 5, failed: 0 });
  });

  it('resumes where the function says that it failed, as an event source does', async () => {
    let failed = false;
    const { stream, batches, pushAll } = aStream(
      async (names, event) => {
        await soon();
        const at = names.indexOf('a2');
        if (at < 0 || failed) return undefined;
        failed = true;
        return { batchItemFailures: [{ itemIdentifier: event.Records[at]?.dynamodb?.SequenceNumber }] };
      },
      { concurrency: 1 },
    );
    pushAll('x1', 'a1', 'a2', 'a3');
    await stream.idle(5_000);
    expect(batches).toEqual([['x1', 'a1', 'a2', 'a3'], ['a2'], ['a3']]);
  });

  it('gives a record up after so many deliveries, keeps it visible, and delivers those behind it', async () => {
    const { stream, batches, logged, pushAll } = aStream(
      (names) => {
        if (names.includes('a1')) throw new Error('no such release');
      },
      { maxAttempts: 3 },
    );
    pushAll('a1', 'a2', 'a3');
    await stream.idle(5_000);
    expect(batches.filter((batch) => batch.includes('a1'))).toHaveLength(3);
    expect(batches.flat().slice(-2)).toEqual(['a2', 'a3']);
    expect(stream.status()).toMatchObject({
      delivered: 2,
      failed: 1,
      failures: [{ key: 'a p1', message: 'no such release' }],
    });
    expect(logged).toEqual(['stream of landings: gave up a p1 after 3 deliveries: no such release']);
  });

  it('makes writers wait when too much is waiting, until there is room', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { stream, pushAll } = aStream(() => gate, { maxWaiting: 3 });
    pushAll('a1', 'b1');
    let through = false;
    const third = stream.push(imageOf('c', 1)).then(() => {
      through = true;
    });
    await soon();
    expect(through).toBe(false);
    open();
    await third;
    await stream.idle(1_000);
  });

  it('says how much is left when it does not come to rest in time, and delivers nothing after its end', async () => {
    const { stream, batches, pushAll } = aStream(() => new Promise(() => {}));
    pushAll('a1', 'a2');
    await expect(stream.idle(10)).rejects.toThrow('2 records of the stream are still under way after 0.01 s');
    stream.stop();
    pushAll('b1');
    await soon();
    expect(batches).toEqual([['a1', 'a2']]);
  });
});
