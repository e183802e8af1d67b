/** Parses, calls and answers for the verbs on the fleet. They judge no job, so they get its records and nothing else. */
import type * as z from 'zod';
import { parse } from '../lib/controller/parse.ts';
import type { FleetRequest, FleetResult } from '../lib/controller/pause.ts';
import type { FleetStore } from '../lib/controller/ports.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import type { Instant } from '../lib/domain/time.ts';
import { answerCall, type CallContext, refused } from './caller.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';
import { fleet } from './stores.ts';

export function fleetHandler<S extends z.ZodType<Omit<FleetRequest, 'verified'>>>(
  schema: S,
  verb: (
    ports: { fleet: FleetStore },
    request: z.output<S> & { verified: boolean },
    clock: () => Instant,
  ) => Promise<FleetResult>,
) {
  return (event: unknown, context?: CallContext) =>
    answerCall(event, context, async (input, verified) => {
      const request = parse(schema, input);
      if (isRefusal(request)) return refused(request);
      const result = await verb({ fleet: fleet() }, { ...request, verified }, now);
      if (isRefusal(result)) return refused(result);
      const { actor, reason, requestId, dryRun } = request;
      if (dryRun !== true) {
        const { type, version, pause } = result.record ?? {};
        log.info('fleet changed', { actor, verified, requestId, change: type, version, pause, reason });
      }
      return { ok: true, ...result };
    });
}
