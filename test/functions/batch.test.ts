import { describe, expect, it } from 'vitest';
import { answerEach } from '../../functions/batch.ts';
import { MAX_BATCH } from '../../lib/controller/requests.ts';

const fail = (code: string, message: string, field?: string) => ({ code, message, ...(field && { field }) });

/** Answers what it was asked, and fails where it is told to. */
function batchOf(event: unknown) {
  const asked: unknown[] = [];
  const answer = async (request: unknown) => {
    asked.push(request);
    if (request === 'bad') throw new Error('the store is away');
    return { said: request };
  };
  return { asked, result: answerEach<object>(event, answer, fail) };
}

describe('a handler that takes one or many', () => {
  it.each([[{ jobId: 'a' }], [null], [undefined], ['text'], [7], [[1, 2]]])(
    'hands %j on as one request',
    async (event) => {
      expect(await batchOf(event).result).toEqual({ said: event });
    },
  );

  it('answers a batch in its order', async () => {
    const batch = Array.from({ length: MAX_BATCH }, (_, i) => i);
    expect(await batchOf({ batch }).result).toEqual({ results: batch.map((said) => ({ said })) });
  });

  it('goes on beside a request that fails, and names the failure in its place', async () => {
    const { result } = batchOf({ batch: ['a', 'bad', 'b'] });
    expect(await result).toEqual({
      results: [{ said: 'a' }, { code: 'Failed', message: 'the store is away' }, { said: 'b' }],
    });
  });

  it.each<[string, unknown, string]>([
    ['an empty batch', [], '0 requests; 1 to 100 requests are allowed'],
    ['101 requests', Array(101).fill(1), '101 requests; 1 to 100 requests are allowed'],
    ['a batch that is none', 'all', 'string; 1 to 100 requests are allowed'],
    ['an object for a batch', { length: 1 }, 'object; 1 to 100 requests are allowed'],
  ])('refuses %s as a whole, and carries none of it out', async (_, batch, message) => {
    const { asked, result } = batchOf({ batch });
    expect(await result).toEqual({ code: 'Invalid', message: `batch: ${message}`, field: 'batch' });
    expect(asked).toEqual([]);
  });

  it('refuses a batch of which there is more beside, in few words', async () => {
    const { asked, result } = batchOf({ batch: [1], [`k${'x'.repeat(300_000)}`]: 1 });
    const { message } = (await result) as { message: string };
    expect(message).toMatch(/^kx+: no such field beside batch$/);
    expect(message.length).toBeLessThan(150);
    expect(asked).toEqual([]);
  });
});
