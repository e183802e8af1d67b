/** account: the state machine's last task; says what of its grants a group used. It may run twice and says the same. */
import * as z from 'zod';
import { accountForGrants } from '../lib/controller/account.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { now } from './runtime.ts';
import { fleet } from './stores.ts';

const schema = z.object({
  sweepId: z.string(),
  group: z.int(),
  results: z.array(
    z.object({
      jobId: z.string(),
      to: z.enum(PHASES),
      weight: z.number(),
      result: z.enum(['committed', 'refused', 'unknown']),
    }),
  ),
});

export async function handler(event: unknown) {
  return accountForGrants({ fleet: fleet() }, schema.parse(event), now());
}
