/** pause: stops promotions of the whole fleet, or with `scope: all` (break-glass, at most 4 h) every transition. */

import { parse } from '../lib/controller/parse.ts';
import { pause } from '../lib/controller/pause.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { pauseSchema } from '../lib/controller/requests.ts';
import { now } from './runtime.ts';
import { fleet } from './stores.ts';

export async function handler(event: unknown) {
  const request = parse(pauseSchema, event);
  if (isRefusal(request)) return { ok: false, code: request.code, message: request.message, field: request.field };
  return { ok: true, controls: await pause({ fleet: fleet() }, request, now()) };
}
