/**
 * published: invoked by a run after its accepted production landing is visible at the destination. It may come twice; one
 * from a superseded run is refused, since the destination must have refused its publication too.
 */
import { confirmPublished } from '../lib/controller/land.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { publishedSchema } from '../lib/controller/requests.ts';
import { answerEach } from './batch.ts';
import { now } from './runtime.ts';
import { claims } from './stores.ts';
import { admit, type Invocation, systemOf } from './system-alias.ts';

export async function handler(event: unknown, invocation?: Invocation) {
  const spokenFor = systemOf(invocation);
  const ports = { claims: claims() };
  return answerEach<object>(
    event,
    async (input) => {
      const request = admit(parse(publishedSchema, input), spokenFor);
      const outcome = isRefusal(request) ? request : await confirmPublished(ports, request, now());
      return isRefusal(outcome) ? refused(outcome.code, outcome.message, outcome.field) : outcome;
    },
    refused,
  );
}

function refused(code: string, message: string, field?: string) {
  return { ok: false, code, message, ...(field !== undefined && { field }) };
}
