/**
 * commit: the state machine's step for one promotion. Judges again on what it reads strongly, then makes the one
 * conditional write. It may be retried: it then finds its own transition and finishes it.
 */
import * as z from 'zod';
import { type Committed, commitPromotion } from '../lib/controller/commit.ts';
import { nameExecution } from '../lib/controller/fan-out.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { allPorts } from './deciding.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';

const schema = z.object({
  jobId: z.string(),
  to: z.enum(PHASES),
  weight: z.number(),
  sweepId: z.string(),
  /** Absent in an execution that began before the state machine handed it over. */
  group: z.int().optional(),
  expiresAt: z.string(),
});

export async function handler(event: unknown) {
  const request = schema.parse(event);
  const { jobId, to, weight } = request;
  const outcome = await commitPromotion(allPorts(), request, now);
  tell(request, outcome);
  if (outcome.committed) return { jobId, to, weight, result: 'committed' };
  return { jobId, to, weight, result: 'refused', code: outcome.code, message: outcome.message };
}

function tell({ jobId, to, sweepId, group }: z.output<typeof schema>, outcome: Committed): void {
  const found = { sweepId, ...(group !== undefined && { execution: nameExecution(sweepId, group) }), jobId, to };
  if (!outcome.committed) {
    log.info('promotion refused', { ...found, code: outcome.code, reason: outcome.message });
    return;
  }
  const { lastTransition } = outcome.job;
  const { from, version, reason, message } = lastTransition ?? {};
  log.info('promoted', { ...found, from, version, code: reason, reason: message });
}
