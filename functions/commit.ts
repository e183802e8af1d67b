/**
 * commit: the state machine's step for one promotion. Judges again on what it reads strongly, then makes the one
 * conditional write. It may be retried: it then finds its own transition and finishes it.
 */
import * as z from 'zod';
import { commitPromotion } from '../lib/controller/commit.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { allPorts } from './deciding.ts';
import { now } from './runtime.ts';

const schema = z.object({
  jobId: z.string(),
  to: z.enum(PHASES),
  weight: z.number(),
  sweepId: z.string(),
  expiresAt: z.string(),
});

export async function handler(event: unknown) {
  const request = schema.parse(event);
  const { jobId, to, weight } = request;
  const outcome = await commitPromotion(allPorts(), request, now);
  if (outcome.committed) return { jobId, to, weight, result: 'committed' };
  return { jobId, to, weight, result: 'refused', code: outcome.code, message: outcome.message };
}
