/**
 * A deployment for the command line in memory: the stores and use cases of a stage, behind the function names that the
 * verbs invoke. What handlers add (parsing, the answer's shape) is here as they do it; test/e2e runs the real ones.
 */
import type { Deployment } from '../../lib/aws/deployment.ts';
import type { Output } from '../../lib/cli/output.ts';
import { explain } from '../../lib/controller/explain.ts';
import { demote, hold, promote, release, restart, retire } from '../../lib/controller/override.ts';
import { parse } from '../../lib/controller/parse.ts';
import { pause, resume } from '../../lib/controller/pause.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import { register } from '../../lib/controller/register.ts';
import {
  demoteSchema,
  holdSchema,
  parseRegistration,
  pauseSchema,
  promoteSchema,
  releaseSchema,
  restartSchema,
  resumeSchema,
  retireSchema,
} from '../../lib/controller/requests.ts';
import type { Stage } from '../controller/stage.ts';

type Payload = Record<string, unknown>;

export function aMemoryDeployment({ ports, now }: Stage): Deployment & { invoked: [string, Payload][] } {
  const invoked: [string, Payload][] = [];
  const override = async (name: keyof typeof VERBS, payload: Payload) => {
    const [schema, verb] = VERBS[name];
    const request = parse(schema, payload);
    const result = isRefusal(request) ? request : await verb(ports, { ...request, verified: false } as never, now);
    return { ...result, ok: !('refused' in result) };
  };
  const functions: Record<string, (payload: Payload) => Promise<object>> = {
    async explain({ jobId }) {
      const answer = await explain(ports, String(jobId), now());
      return isRefusal(answer) ? { error: answer } : answer;
    },
    async register({ jobs, dryRun }) {
      const results = (jobs as unknown[]).map(async (input) => {
        const registration = parseRegistration(input);
        const outcome = isRefusal(registration)
          ? registration
          : await register(ports, registration, now(), { dryRun: dryRun === true });
        return typeof outcome === 'string' ? { result: outcome } : { error: outcome };
      });
      return { results: await Promise.all(results) };
    },
  };
  return {
    name: 'memory',
    jobs: ports.jobs,
    claims: ports.claims,
    fleet: ports.fleet,
    restoring: () => ({ live: ports, kept: ports }),
    invoked,
    async invoke(name, payload) {
      invoked.push([name, payload as Payload]);
      const answer = await (functions[name] ?? ((given: Payload) => override(name as keyof typeof VERBS, given)))(
        payload as Payload,
      );
      return JSON.parse(JSON.stringify(answer)) as Payload;
    },
  };
}

const VERBS = {
  promote: [promoteSchema, promote],
  demote: [demoteSchema, demote],
  hold: [holdSchema, hold],
  release: [releaseSchema, release],
  restart: [restartSchema, restart],
  retire: [retireSchema, retire],
  pause: [pauseSchema, pause],
  resume: [resumeSchema, resume],
} as const;

/** What a verb printed, as text at this width or as JSON. */
export function anOutput(width = 100, json = false): Output & { text: () => string } {
  const lines: string[] = [];
  return { json, width, print: (line) => lines.push(line), text: () => `${lines.join('\n')}\n` };
}
