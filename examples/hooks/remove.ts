/**
 * A `remove` hook: the end of a migration. It answers `removed: true` when the old pipeline is gone, whoever removed it, and
 * never because it has asked for that: the next call looks again.
 */
import { type Answer, callAirflow, dagOf, pathOf, readRequest, say } from './airflow.ts';

export async function handler(event: unknown): Promise<Answer> {
  const request = readRequest(event, 'remove');
  const dag = dagOf(request, 'old');
  const found = await callAirflow<{ is_paused: boolean }>('GET', pathOf(dag));
  if (!found) return say('pass', `${dag} is gone`, { removed: true });
  if (!found.is_paused)
    return say('fail', `${dag} still runs: it should have been paused when the job came to cleanup`);
  if (!request.dryRun) await callAirflow('DELETE', pathOf(dag));
  return say('not-yet', `${dag} is being deleted`, { retryAfterSeconds: 300 });
}
