/** Parses, calls and answers for the override verbs, which differ only in their schema and use case. */
import type { z } from 'zod';
import type { OverrideRequest, OverrideResult } from '../lib/controller/override-request.ts';
import { parse } from '../lib/controller/parse.ts';
import type { Ports } from '../lib/controller/ports.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import type { Instant } from '../lib/domain/time.ts';
import { allPorts } from './deciding.ts';
import { now } from './runtime.ts';

export function overrideHandler<S extends z.ZodType<Omit<OverrideRequest, 'verified'>>>(
  schema: S,
  verb: (ports: Ports, request: z.output<S> & { verified: boolean }, clock: () => Instant) => Promise<OverrideResult>,
) {
  return async (event: unknown) => {
    const request = parse(schema, event);
    if (isRefusal(request)) return refused(request);
    // A plain invoke tells nobody's identity, so the actor is only claimed.
    const result = await verb(allPorts(), { ...request, verified: false }, now);
    if ('refused' in result) return refused(result);
    return { ok: true, ...result };
  };
}

function refused(refusal: Exclude<OverrideResult, { refused?: never }>) {
  const { refused: _, ...rest } = refusal as { refused: true };
  return { ok: false, ...rest };
}
