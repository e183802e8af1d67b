/**
 * evaluate: the state machine's first task, one group of shards. Commits demotions itself and answers the promotions to be
 * made. It may be retried or run beside another sweep: all it writes is conditional.
 */
import { z } from 'zod';
import { evaluateGroup } from '../lib/controller/evaluate-group.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { allPorts } from './deciding.ts';
import { now } from './runtime.ts';

const schema = z.object({
  sweepId: z.string(),
  group: z.int(),
  shards: z.array(z.int()),
  grants: z.partialRecord(z.enum(PHASES), z.number()),
  expiresAt: z.string(),
});

export async function handler(event: unknown) {
  return evaluateGroup(allPorts(), schema.parse(event), now);
}
