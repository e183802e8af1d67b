/**
 * A `settle` hook: the old pipeline runs exactly while its system writes or is compared. It is told of every transition after it
 * was committed, of demotions too, and sets what the job's present phase wants rather than what changed: of one that is told late
 * the job may be past, and the old system must not stand still while the job is in reverse shadow again. `pass` means that it has
 * taken note; until then it is told again.
 */
import { type Answer, callAirflow, dagOf, pathOf, readRequest, say } from './airflow.ts';

const OLD_IS_STOPPED = new Set(['cleanup', 'complete']);

export async function handler(event: unknown): Promise<Answer> {
  const request = readRequest(event, 'settle');
  const dag = dagOf(request, 'old');
  const { phase } = request.job;
  const paused = OLD_IS_STOPPED.has(phase);
  const path = pathOf(dag);
  const found = await callAirflow<{ is_paused: boolean }>('GET', path);
  // After the end nobody needs it; before that its absence is for a person.
  if (!found) return paused ? say('pass', `${dag} is gone`) : say('fail', `there is no DAG ${dag} to start again`);
  if (found.is_paused !== paused && !request.dryRun) await callAirflow('PATCH', path, { is_paused: paused });
  return say('pass', `${dag} is ${paused ? 'paused' : 'running'} in ${phase}`);
}
