/**
 * The environment that handlers and the SDK's clients read: the deployment's variables, and credentials that open nothing,
 * so that no mistake can reach a real AWS account from here.
 */

import { OFFERED_VERBS } from '../view/actions.ts';
import { DEAD_LETTER_QUEUE, functionArn, REGION, STATE_MACHINE_ARN, TABLE_NAMES } from './names.ts';
import { queueUrl } from './sqs-endpoint.ts';

/** What a client in another process sets to reach this machine's AWS. */
export interface ClientEnvironment extends Record<string, string> {
  AWS_ENDPOINT_URL: string;
  AWS_REGION: string;
  /** The same for boto3 and the first AWS CLI, which do not look at the other. */
  AWS_DEFAULT_REGION: string;
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
}

export function clientEnvironment(url: string): ClientEnvironment {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}

export interface DeploymentSettings {
  url: string;
  policiesDir: string;
  /** Of the clock's time, from sweep to sweep: how long a sweep's grants may live. */
  intervalSeconds: number;
}

/** Sets the variables for this process; the function that it answers puts everything back. */
export function enterEnvironment({ url, policiesDir, intervalSeconds }: DeploymentSettings): () => void {
  const before = { ...process.env };
  const set: Record<string, string> = {
    ...clientEnvironment(url),
    CROSSFADE_TABLE_JOBS: TABLE_NAMES.jobs,
    CROSSFADE_TABLE_LANDINGS: TABLE_NAMES.landings,
    CROSSFADE_TABLE_EVIDENCE: TABLE_NAMES.evidence,
    CROSSFADE_TABLE_FLEET: TABLE_NAMES.fleet,
    CROSSFADE_POLICIES: policiesDir,
    CROSSFADE_VERBS: JSON.stringify(Object.fromEntries(OFFERED_VERBS.map((verb) => [verb, functionArn(verb)]))),
    CROSSFADE_STATE_MACHINE_ARN: STATE_MACHINE_ARN,
    CROSSFADE_DEAD_LETTER_QUEUE_URL: queueUrl(url, DEAD_LETTER_QUEUE),
    CROSSFADE_SWEEP_INTERVAL_SECONDS: String(intervalSeconds),
    // One line a decision is for CloudWatch; here transitions are told as they come.
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: process.env.POWERTOOLS_LOG_LEVEL ?? 'ERROR',
  };
  // Each of these would win over the ones that are set: a profile over keys, a service's endpoint over the general one.
  const unset = Object.keys(process.env).filter(
    (name) => name === 'AWS_PROFILE' || name === 'AWS_SESSION_TOKEN' || name.startsWith('AWS_ENDPOINT_URL_'),
  );
  for (const name of unset) delete process.env[name];
  Object.assign(process.env, set);
  return () => {
    for (const name of [...Object.keys(set), ...unset]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  };
}
