/** pause: stops promotions of the whole fleet, or with `scope: all` (break-glass, at most 4 h) every transition. Invoked by operators. */
import { parse } from '../lib/controller/parse.ts';
import { pause } from '../lib/controller/pause.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { pauseSchema } from '../lib/controller/requests.ts';
import { answerCall, type CallContext, refused } from './caller.ts';
import { now } from './runtime.ts';
import { fleet } from './stores.ts';

export function handler(event: unknown, context?: CallContext) {
  return answerCall(event, context, async (input) => {
    const request = parse(pauseSchema, input);
    if (isRefusal(request)) return refused(request);
    const controls = await pause({ fleet: fleet() }, request, now());
    return isRefusal(controls) ? refused(controls) : { ok: true, controls };
  });
}
