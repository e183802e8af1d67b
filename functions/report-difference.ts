/**
 * report-difference: invoked by whoever compared the rows of a mismatching partition, e.g. on the event of its quarantine.
 * A repeat is answered the same, and other words replace what was said before; a pair that was corrected meanwhile is refused with `NoMismatch`.
 */
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { reportDifference } from '../lib/controller/report-difference.ts';
import { differenceSchema } from '../lib/controller/requests.ts';
import { answerEach } from './batch.ts';
import { policies } from './deciding.ts';
import { now } from './runtime.ts';
import { claims, jobs } from './stores.ts';

export async function handler(event: unknown) {
  const ports = { jobs: jobs(), claims: claims(), policies: policies() };
  return answerEach<object>(
    event,
    async (input) => {
      const report = parse(differenceSchema, input, ['sample']);
      const outcome = isRefusal(report) ? report : await reportDifference(ports, report, now());
      if (isRefusal(outcome)) return refused(outcome.code, outcome.message, outcome.field);
      return { ok: true, ...outcome };
    },
    refused,
  );
}

function refused(code: string, message: string, field?: string) {
  return { ok: false, code, message, ...(field !== undefined && { field }) };
}
