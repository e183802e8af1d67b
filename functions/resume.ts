/** resume: ends a pause of the fleet. */

import { parse } from '../lib/controller/parse.ts';
import { resume } from '../lib/controller/pause.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { resumeSchema } from '../lib/controller/requests.ts';
import { fleet } from './stores.ts';

export async function handler(event: unknown) {
  const request = parse(resumeSchema, event);
  if (isRefusal(request)) return { ok: false, code: request.code, message: request.message, field: request.field };
  return { ok: true, controls: await resume({ fleet: fleet() }) };
}
