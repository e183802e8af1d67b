/**
 * A `prepare` hook: the new pipeline runs before the job enters shadow. It sets a state and counts nothing, so repeats under one
 * key, or two at once, come to the same. It must be harmless if the promotion is not committed after all.
 */
import { type Answer, callAirflow, dagOf, pathOf, readRequest, say } from './airflow.ts';

export async function handler(event: unknown): Promise<Answer> {
  const request = readRequest(event, 'prepare');
  const dag = dagOf(request, 'new');
  const found = await callAirflow<{ is_paused: boolean }>('GET', pathOf(dag));
  if (!found) return say('fail', `there is no DAG ${dag}: deploy it first`);
  if (found.is_paused && !request.dryRun) await callAirflow('PATCH', pathOf(dag), { is_paused: false });
  return say('pass', found.is_paused ? `${dag} was paused and runs now` : `${dag} runs`);
}
