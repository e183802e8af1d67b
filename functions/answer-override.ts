/** Parses, calls and answers for the override verbs, which differ only in their schema and use case. */
import type * as z from 'zod';
import type { Overridden, OverrideRequest, OverrideResult } from '../lib/controller/override-request.ts';
import { parse } from '../lib/controller/parse.ts';
import type { Ports } from '../lib/controller/ports.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import type { Instant } from '../lib/domain/time.ts';
import { answerCall, type CallContext, refused } from './caller.ts';
import { allPorts } from './deciding.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';

export function overrideHandler<S extends z.ZodType<Omit<OverrideRequest, 'verified'>>>(
  schema: S,
  verb: (ports: Ports, request: z.output<S> & { verified: boolean }, clock: () => Instant) => Promise<OverrideResult>,
) {
  return (event: unknown, context?: CallContext) =>
    answerCall(event, context, async (input, verified) => {
      const request = parse(schema, input);
      if (isRefusal(request)) return refused(request);
      const result = await verb(allPorts(), { ...request, verified }, now);
      if ('refused' in result) return refused(result);
      if (request.dryRun !== true) tell(request, verified, result);
      return { ok: true, ...result };
    });
}

/** One line for what was done, with the record that it made; of a repeat the same again. */
function tell(
  { jobId, actor, reason, requestId }: Omit<OverrideRequest, 'verified'>,
  verified: boolean,
  { job, transition }: Overridden,
): void {
  const record = transition ?? job.lastOverride;
  log.info('overridden', {
    jobId,
    actor,
    verified,
    requestId,
    change: record?.type,
    version: record?.version,
    ...(transition && { from: transition.from, to: transition.to, forced: transition.forced }),
    reason,
  });
}
