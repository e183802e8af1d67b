/**
 * A gate: the writers are not swapped in the middle of a run of the new pipeline. It only looks, so a dry run is a run, and
 * being asked twice is nothing special. `not-yet` says that time will do; `fail`, that a person has to.
 */
import { type Answer, callAirflow, dagOf, pathOf, readRequest, say } from './airflow.ts';

export async function handler(event: unknown): Promise<Answer> {
  const dag = dagOf(readRequest(event, 'gate'), 'new');
  const found = await callAirflow<{ is_paused: boolean }>('GET', pathOf(dag));
  if (!found) return say('fail', `there is no DAG ${dag}`);
  if (found.is_paused) return say('fail', `${dag} is paused: who swaps to it would swap to nothing`);
  const runs = await callAirflow<{ total_entries: number }>('GET', `${pathOf(dag)}/dagRuns?state=running&limit=1`);
  const running = runs?.total_entries ?? 0;
  if (running > 0) return say('not-yet', `${running} runs of ${dag} are active (0 wanted)`);
  return say('pass', `no run of ${dag} is active`);
}
