/**
 * assign: invoked by a run before it produces a partition. It may be invoked again for the same partition at any time:
 * each production assign makes a newer right, and older ones die.
 */
import { assign } from '../lib/controller/assign.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal, type Refusal } from '../lib/controller/refusal.ts';
import { assignSchema } from '../lib/controller/requests.ts';
import { answerEach } from './batch.ts';
import { logRefusal } from './refusals.ts';
import { now } from './runtime.ts';
import { claims, jobs } from './stores.ts';
import { admit, type Invocation, systemOf } from './system-alias.ts';

export async function handler(event: unknown, invocation?: Invocation) {
  const spokenFor = systemOf(invocation);
  const ports = { jobs: jobs(), claims: claims() };
  return answerEach<object>(
    event,
    async (input) => {
      const request = admit(parse(assignSchema, input), spokenFor);
      const answer = isRefusal(request) ? request : await assign(ports, request, now());
      if (!isRefusal(answer)) return answer;
      logRefusal('assign refused', answer, isRefusal(request) ? undefined : request);
      return { error: errorOf(answer) };
    },
    (code, message, field) => ({ error: { code, message, ...(field !== undefined && { field }) } }),
  );
}

function errorOf({ code, message, field }: Refusal) {
  return { code, message, ...(field !== undefined && { field }) };
}
