/**
 * account: the state machine's last task; says what of its grants a group used, in the ledger's terms, and what came of its
 * promotions, in a log line and as metrics. It may run twice and says the same.
 */
import * as z from 'zod';
import { accountForGrants } from '../lib/controller/account.ts';
import { nameExecution, scheduleOf } from '../lib/controller/fan-out.ts';
import { finishSweep } from '../lib/controller/finish-sweep.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { log } from './log.ts';
import { publishAccount } from './metrics.ts';
import { now } from './runtime.ts';
import { fleet } from './stores.ts';

const schema = z.object({
  sweepId: z.string(),
  group: z.int(),
  /** The execution's own; one that an older release started does not say of how many it is. */
  input: z.object({ groups: z.int().min(1).optional() }).default({}),
  results: z.array(
    z.object({
      jobId: z.string(),
      to: z.enum(PHASES),
      weight: z.number(),
      result: z.enum(['committed', 'refused', 'unknown', 'settled']),
    }),
  ),
});

export async function handler(event: unknown) {
  const request = schema.parse(event);
  const { sweepId, group, results } = request;
  const at = now();
  const account = await accountForGrants({ fleet: fleet() }, request, at);
  const { groups } = request.input;
  if (groups !== undefined) await finishSweep({ fleet: fleet() }, { sweepId, groups }, at);
  publishAccount(results, scheduleOf(sweepId), at);
  const jobsOf = (how: string) => results.filter(({ result }) => result === how).map(({ jobId }) => jobId);
  log.info('accounted', {
    sweepId,
    execution: nameExecution(sweepId, group),
    group,
    used: account.used,
    promoted: jobsOf('committed').length,
    refused: jobsOf('refused').length,
    // Named, since nobody else says what became of them: the step that would have failed.
    unknown: jobsOf('unknown'),
  });
  return account;
}
