import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { DeadLetters } from '../../lib/local/dead-letters.ts';
import { LandingsQueue, newMessage } from '../../lib/local/queue.ts';

const aMessage = (body: string) => newMessage(body, {}, 5_000);

/** A queue whose deliveries are recorded, and what each answers. */
function aQueue(answer: (bodies: string[], event: SQSEvent) => unknown, deadLetters = new DeadLetters()) {
  const deliveries: string[][] = [];
  const queue = new LandingsQueue({
    deadLetters,
    log: () => {},
    retryDelayMs: 1,
    async ingest(event) {
      const bodies = event.Records.map((record) => record.body);
      deliveries.push(bodies);
      return (await answer(bodies, event)) as undefined;
    },
  });
  const letters = () =>
    deadLetters.receive(100, 0, 0).map(({ body, attributes }) => ({ body, reason: attributes.reason?.StringValue }));
  return { queue, deliveries, letters };
}

/** What ingest answers when it failed on these bodies. */
function failing(event: SQSEvent, ...bodies: string[]) {
  const failed = event.Records.filter((record) => bodies.includes(record.body));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

describe('the landings queue', () => {
  it('answers a sender only after its message was ingested', async () => {
    let ingested = false;
    const { queue } = aQueue(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ingested = true;
    });
    await queue.send([aMessage('a')]);
    expect(ingested).toBe(true);
  });

  it('delivers again only what failed, counting its receives', async () => {
    const counts: (string | undefined)[] = [];
    const { queue, deliveries, letters } = aQueue((bodies, event) => {
      counts.push(event.Records[0]?.attributes.ApproximateReceiveCount);
      return bodies.length === 3 ? failing(event, 'b') : undefined;
    });
    await queue.send(['a', 'b', 'c'].map(aMessage));
    expect(deliveries).toEqual([['a', 'b', 'c'], ['b']]);
    expect([counts, letters()]).toEqual([['1', '2'], []]);
  });

  it('makes a message that fails every time a dead letter with the reason, and no other', async () => {
    const { queue, deliveries, letters } = aQueue((_bodies, event) => failing(event, 'b'));
    await queue.send(['a', 'b'].map(aMessage));
    expect(deliveries).toEqual([['a', 'b'], ['b'], ['b']]);
    expect(letters()).toEqual([{ body: 'b', reason: 'ingest failed 3 times: reported as failed by its function' }]);
  });

  it('takes an exception, and a failure of a message that it does not know, for a failure of all', async () => {
    let call = 0;
    const { queue, deliveries, letters } = aQueue(() => {
      call += 1;
      if (call > 1) throw new Error('no table');
      return { batchItemFailures: [{ itemIdentifier: '' }] };
    });
    await queue.send(['a', 'b'].map(aMessage));
    expect(deliveries).toHaveLength(3);
    expect(letters().map(({ body, reason }) => [body, reason])).toEqual([
      ['a', 'ingest failed 3 times: no table'],
      ['b', 'ingest failed 3 times: no table'],
    ]);
  });

  it('refuses more than it can have under way', async () => {
    const { queue } = aQueue(() => new Promise(() => {}));
    void queue.send(Array.from({ length: 2_000 }, () => aMessage('a')));
    await expect(queue.send([aMessage('b')])).rejects.toMatchObject({ code: 'RequestThrottled' });
  });
});

describe('dead letters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-letters-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are hidden for a while once received, and gone when deleted', () => {
    const letters = new DeadLetters();
    const letter = aMessage('a');
    letters.add(letter);
    expect(letters.receive(10, 30, 0)).toHaveLength(1);
    expect(letters.receive(10, 30, 29_999)).toHaveLength(0);
    expect(letters.receive(10, 30, 30_000)).toMatchObject([{ body: 'a', receives: 2 }]);
    letters.delete(letter.messageId);
    expect([letters.size, letters.receive(10, 30, 90_000)]).toEqual([0, []]);
  });

  it('are there again after a restart, also when the last line was cut off', () => {
    const file = join(folder, 'letters.jsonl');
    const [first, second] = [aMessage('a'), aMessage('b\n"ü"')];
    const letters = new DeadLetters({ file });
    letters.add(first);
    letters.add(second);
    letters.delete(first.messageId);
    appendFileSync(file, '{"letter":{"messageId":"to');
    const restarted = new DeadLetters({ file });
    restarted.add(aMessage('c'));
    expect(new DeadLetters({ file }).receive(10, 0, 0).map(({ body }) => body)).toEqual(['b\n"ü"', 'c']);
  });

  it('refuses one more than it keeps, so that none is lost unseen', () => {
    const letters = new DeadLetters({ limit: 1 });
    letters.add(aMessage('a'));
    expect(() => letters.add(aMessage('b'))).toThrow(expect.objectContaining({ code: 'OverLimit' }));
  });
});
