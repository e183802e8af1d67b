/**
 * evaluate: the state machine's first task, one group of shards. Commits demotions itself and answers the promotions to be
 * made. It may be retried or run beside another sweep: all it writes is conditional.
 */
import * as z from 'zod';
import { evaluateGroup } from '../lib/controller/evaluate-group.ts';
import { nameExecution } from '../lib/controller/fan-out.ts';
import type { GroupResult } from '../lib/controller/group-result.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { secondsBetween } from '../lib/domain/time.ts';
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
  lastWave: z.number().optional(),
});

/** What it says about each job goes to the log: fifty thousand messages would not fit into a state's payload. */
export async function handler(event: unknown) {
  const request = schema.parse(event);
  const beganAt = now();
  const evaluated = await evaluateGroup(allPorts(), request, now);
  const endedAt = now();
  publishCounts(evaluated, endedAt);
  tell(evaluated, secondsBetween(beganAt, endedAt));
  const { sweepId, group, expiresAt, promotions, jobs, demotions, failed } = evaluated;
  return { sweepId, group, expiresAt, promotions, jobs, demoted: demotions.length, failed: failed.length };
}

/** A line for each job that something changed for, and one for the group. `message` is the line's own name for itself. */
function tell({ sweepId, group, demotions, noted, failed, jobs, promotions }: GroupResult, seconds: number): void {
  const found = { sweepId, execution: nameExecution(sweepId, group) };
  for (const { reason, message, ...demotion } of demotions) {
    log.info('demoted', { ...found, ...demotion, code: reason, reason: message });
  }
  for (const note of noted) log.info('noted', { ...found, ...note });
  for (const { jobId, message } of failed) log.error('not evaluated', { ...found, jobId, reason: message });
  log.info('evaluated', {
    ...found,
    group,
    jobs,
    seconds,
    demoted: demotions.length,
    noted: noted.length,
    failed: failed.length,
    promotions: promotions.length,
  });
}
