/** Parses, calls and answers for the override verbs, which differ only in their schema and use case. */
import type * as z from 'zod';
import type { OverrideRequest, OverrideResult } from '../lib/controller/override-request.ts';
import { parse } from '../lib/controller/parse.ts';
import type { Ports } from '../lib/controller/ports.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import type { Instant } from '../lib/domain/time.ts';
import { answerCall, type CallContext, refused } from './caller.ts';
import { allPorts } from './deciding.ts';
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
      return 'refused' in result ? refused(result) : { ok: true, ...result };
    });
}
