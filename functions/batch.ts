/**
 * assign, land and published take one request, or up to 100 as `{batch: [...]}`, answered in the same order. A request
 * that is refused, or that fails, never keeps the ones beside it from being carried out.
 */
import pMap from 'p-map';
import { MAX_BATCH } from '../lib/controller/requests.ts';

/** Enough to hide the store's latency, and kind to one Lambda's connections. */
const CONCURRENCY = 16;

export async function answerEach<T>(
  event: unknown,
  answer: (request: unknown) => Promise<T>,
  fail: (code: string, message: string, field?: string) => T,
): Promise<T | { results: T[] }> {
  if (event === null || typeof event !== 'object' || !('batch' in event)) return answer(event);
  const { batch, ...others } = event as { batch: unknown };
  const [extra] = Object.keys(others);
  if (extra !== undefined) return fail('Invalid', `${extra.slice(0, 80)}: no such field beside batch`, 'batch');
  if (!Array.isArray(batch) || batch.length === 0 || batch.length > MAX_BATCH) {
    const seen = Array.isArray(batch) ? `${batch.length} requests` : typeof batch;
    return fail('Invalid', `batch: ${seen}; 1 to ${MAX_BATCH} requests are allowed`, 'batch');
  }
  const results = await pMap(
    batch,
    async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        return fail('Failed', error instanceof Error ? error.message : String(error));
      }
    },
    { concurrency: CONCURRENCY },
  );
  return { results };
}
