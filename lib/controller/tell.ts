/**
 * tell: what was committed, as events for the outside. A claim does not say whose job it is, so its team is looked up: the
 * only read. Called with changes that may come twice, and answers the same events then.
 */
import { isNews } from '../domain/claim-news.ts';
import type { Event } from '../domain/event.ts';
import { type Change, tellChange } from '../domain/tell.ts';
import { type Instant, toInstant } from '../domain/time.ts';
import type { JobStore } from './ports.ts';

export async function tell(ports: { jobs: Pick<JobStore, 'get'> }, changes: readonly Change[]): Promise<Event[]> {
  const events: Event[] = [];
  for (const change of changes) {
    const asked = change.kind === 'claim' && isNews(change.claim);
    const job = asked ? await ports.jobs.get(change.claim.jobId, 'eventual') : undefined;
    events.push(...tellSafely(change, job?.team));
  }
  return events;
}

/**
 * What cannot be told is told as that: the pipe would try it again for hours, and those behind it would wait. Reading the team
 * is no part of it, since that may be tried again.
 */
function tellSafely(change: Change, team: string | undefined): Event[] {
  try {
    return tellChange(change, team);
  } catch (error) {
    const { table, key, id, at } = nameOf(change);
    const message = `a change of ${table} ${key} could not be told: ${error instanceof Error ? error.message : String(error)}`;
    return tellChange({ kind: 'unreadable', eventId: `${table}#${id}`, table, key, at, message });
  }
}

function nameOf(change: Change): { table: string; key: string; id: string; at: Instant } {
  switch (change.kind) {
    case 'job': {
      const { jobId, version } = change.after;
      return { table: 'jobs', key: JSON.stringify({ jobId }), id: `${jobId}#${version}`, at: change.writtenAt };
    }
    case 'claim': {
      const { jobId, partition, changedAt: at } = change.claim;
      return { table: 'landings', key: JSON.stringify({ jobId, partition }), id: `${jobId}#${partition}#${at}`, at };
    }
    case 'sweep': {
      const { sweepId, finishedAt: at } = change.sweep;
      return { table: 'fleet', key: JSON.stringify({ sweepId }), id: sweepId, at };
    }
    case 'controls': {
      const { version, lastChange } = change.controls;
      return {
        table: 'fleet',
        key: JSON.stringify({ version }),
        id: `controls#${version}`,
        at: lastChange?.at ?? toInstant(0),
      };
    }
    case 'unreadable':
      return { ...change, id: change.eventId };
  }
}
