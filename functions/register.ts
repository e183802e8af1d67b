/**
 * register: brings jobs in or changes their attributes, up to 500 a call. Idempotent, so a batch may be sent again. A bad
 * job is answered with its error; the others are registered.
 */
import pMap from 'p-map';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { register } from '../lib/controller/register.ts';
import { parseRegistration, registerSchema } from '../lib/controller/requests.ts';
import { policies } from './deciding.ts';
import { now } from './runtime.ts';
import { fleet, jobs } from './stores.ts';

const CONCURRENCY = 16;

export async function handler(event: unknown) {
  const request = parse(registerSchema, event);
  if (isRefusal(request)) return { error: { code: request.code, message: request.message, field: request.field } };
  const ports = { jobs: jobs(), fleet: fleet(), policies: policies() };
  const results = await pMap(
    request.jobs,
    async (input) => {
      const jobId =
        input !== null && typeof input === 'object' && 'jobId' in input ? String(input.jobId).slice(0, 256) : undefined;
      try {
        const registration = parseRegistration(input);
        const outcome = isRefusal(registration) ? registration : await register(ports, registration, now(), request);
        if (typeof outcome === 'string') return { jobId, result: outcome };
        const { code, message, field } = outcome;
        return { jobId, error: { code, message, ...(field !== undefined && { field }) } };
      } catch (error) {
        return { jobId, error: { code: 'Failed', message: error instanceof Error ? error.message : String(error) } };
      }
    },
    { concurrency: CONCURRENCY },
  );
  return { results };
}
