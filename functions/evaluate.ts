/**
 * evaluate: the state machine's first task, one group of shards. Commits demotions itself and answers the promotions to be
 * made. It may be retried or run beside another sweep: all it writes is conditional.
 */
import * as z from 'zod';
import { evaluateGroup } from '../lib/controller/evaluate-group.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { allPorts } from './deciding.ts';
import { log } from './log.ts';
import { publishCounts } from './metrics.ts';
import { now } from './runtime.ts';

const schema = z.object({
  sweepId: z.string(),
  group: z.int(),
  shards: z.array(z.int()),
  grants: z.partialRecord(z.enum(PHASES), z.number()),
  expiresAt: z.string(),
});

/** What it says about each job goes to the log: fifty thousand messages would not fit into a state's payload. */
export async function handler(event: unknown) {
  const request = schema.parse(event);
  const evaluated = await evaluateGroup(allPorts(), request, now);
  publishCounts(evaluated);
  const { demotions, failed, attention: _, ...result } = evaluated;
  for (const demotion of demotions) log.info('demoted', { sweepId: request.sweepId, ...demotion });
  for (const failure of failed) log.error('not evaluated', { sweepId: request.sweepId, ...failure });
  log.info('evaluated', {
    sweepId: request.sweepId,
    group: request.group,
    jobs: result.jobs,
    demoted: demotions.length,
    failed: failed.length,
    promotions: result.promotions.length,
  });
  return { ...result, demoted: demotions.length, failed: failed.length };
}
