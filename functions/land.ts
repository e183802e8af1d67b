/**
 * land: invoked by a run when its output is staged, before anything is published. The same landing may be sent again and is
 * answered the same; one that comes too late is refused with `Fenced`, and its output has to be thrown away.
 */
import { land } from '../lib/controller/land.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { landSchema, refuseFuture, reportOf } from '../lib/controller/requests.ts';
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
      const request = admit(parse(landSchema, input), spokenFor);
      if (isRefusal(request)) {
        logRefusal('landing refused', request);
        return refused(request.code, request.message, request.field);
      }
      const at = now();
      const { jobId, partition, system, token } = request;
      const outcome =
        refuseFuture(request, at) ??
        (await land(ports, { jobId, partition, system, token, report: reportOf(request) }, at));
      if (isRefusal(outcome)) {
        logRefusal('landing refused', outcome, request);
        return refused(outcome.code, outcome.message, outcome.field);
      }
      return { accepted: true, table: outcome.table };
    },
    refused,
  );
}

function refused(code: string, message: string, field?: string) {
  return { accepted: false, code, message, ...(field !== undefined && { field }) };
}
