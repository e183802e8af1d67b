/** resume: ends a pause of the fleet. Invoked by operators. */
import { parse } from '../lib/controller/parse.ts';
import { resume } from '../lib/controller/pause.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { resumeSchema } from '../lib/controller/requests.ts';
import { answerCall, type CallContext, refused } from './caller.ts';
import { fleet } from './stores.ts';

export function handler(event: unknown, context?: CallContext) {
  return answerCall(event, context, async (input) => {
    const request = parse(resumeSchema, input);
    if (isRefusal(request)) return refused(request);
    return { ok: true, controls: await resume({ fleet: fleet() }) };
  });
}
