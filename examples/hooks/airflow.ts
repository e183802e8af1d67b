/**
 * What these hooks share, to be copied with them: a request as docs/hooks.md describes it, and a client for the orchestrator that
 * runs both systems' pipelines, here Airflow's REST API. Which DAG is which is in the job's labels, `oldDag` and `newDag`.
 */
export interface Request {
  step: 'gate' | 'prepare' | 'remove' | 'settle';
  idempotencyKey: string;
  dryRun: boolean;
  job: { jobId: string; labels: Record<string, string>; phase: string };
  transition: { kind: 'promotion' | 'demotion'; from: string; to: string };
}

export interface Answer {
  schemaVersion: 1;
  answer: 'pass' | 'fail' | 'not-yet';
  message?: string;
  retryAfterSeconds?: number;
  removed?: boolean;
}

export const say = (answer: Answer['answer'], message: string, more: Partial<Answer> = {}): Answer => ({
  schemaVersion: 1,
  answer,
  message,
  ...more,
});

/** Throws on what this hook was not written for: an exception keeps the job where it is, a guess might not. */
export function readRequest(event: unknown, ...steps: Request['step'][]): Request {
  const { schemaVersion, step, idempotencyKey, job, transition } = (event ?? {}) as Record<string, unknown>;
  if (schemaVersion !== 1) throw new Error(`schemaVersion ${String(schemaVersion)} is not known here, 1 is`);
  if (!steps.includes(step as Request['step'])) throw new Error(`step ${String(step)} is not for this hook`);
  if (typeof idempotencyKey !== 'string' || !job || !transition) throw new Error('key, job or transition is missing');
  return event as Request;
}

export function dagOf({ job }: Request, system: 'old' | 'new'): string {
  const label = `${system}Dag`;
  const dag = job.labels[label];
  if (!dag) throw new Error(`${job.jobId} has no label ${label}: register it with one`);
  return dag;
}

/** One call; `undefined` where there is no such thing. Below the 60 s that a hook has, so that a hang is told as what it is. */
export async function callAirflow<T>(method: string, path: string, body?: object): Promise<T | undefined> {
  const { AIRFLOW_URL, AIRFLOW_TOKEN = '' } = process.env;
  if (!AIRFLOW_URL) throw new Error('AIRFLOW_URL is not set');
  const response = await fetch(`${AIRFLOW_URL}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${AIRFLOW_TOKEN}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return (response.status === 204 ? {} : await response.json()) as T;
}

export const pathOf = (dag: string) => `/dags/${encodeURIComponent(dag)}`;
