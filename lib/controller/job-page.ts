/** What a page about one job shows: what `explain` answers, and the newest of its history. Reads only. */
import type { Instant } from '../domain/time.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import { type Explanation, explain } from './explain.ts';
import type { Ports } from './ports.ts';
import { isRefusal, type Refusal } from './refusal.ts';

interface JobPage extends Explanation {
  /** Newest first. */
  history: HistoryRecord[];
  /** There are older records than these. */
  olderHistory: boolean;
  at: Instant;
}

/** More than a migration that goes well has. */
const HISTORY_SHOWN = 50;

export async function readJobPage(ports: Ports, jobId: string, now: Instant): Promise<JobPage | Refusal> {
  const [explanation, history] = await Promise.all([
    explain(ports, jobId, now),
    ports.jobs.listHistory(jobId, HISTORY_SHOWN + 1),
  ]);
  if (isRefusal(explanation)) return explanation;
  return {
    ...explanation,
    history: history.slice(0, HISTORY_SHOWN),
    olderHistory: history.length > HISTORY_SHOWN,
    at: now,
  };
}
