/**
 * register: brings jobs in or changes their attributes, up to 500 a call. Idempotent, so a batch may be sent again. A bad
 * job is answered with its error; the others are registered.
 */
import pMap from 'p-map';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { register } from '../lib/controller/register.ts';
import { parseRegistration, registerSchema } from '../lib/controller/requests.ts';
import type { JobAttributes } from '../lib/domain/job.ts';
import { adviseOnCadence } from '../lib/domain/policy-advice.ts';
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
        if (typeof outcome === 'string') {
          const warnings = isRefusal(registration) ? [] : warningsOf(registration.attributes);
          return { jobId, result: outcome, ...(warnings.length > 0 && { warnings }) };
        }
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

/** What the job's policy will hardly let it do, which is no reason to refuse it. */
function warningsOf({ policy, cadence }: JobAttributes): string[] {
  const found = policies().find(policy);
  return found ? adviseOnCadence(found, cadence).map(({ field, message }) => `${field}: ${message}`) : [];
}
