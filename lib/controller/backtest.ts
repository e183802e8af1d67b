/**
 * backtest: what another policy would have made of a job's recorded landings, beside what happened. Reads the job, its
 * history and its landings, and writes nothing. It ends where the job's old system was stopped: there is nothing to
 * compare from then on.
 */
import type { Claim } from '../domain/claim.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import { replay, type Step } from '../domain/replay.ts';
import { addSeconds, earlierOf, type Instant } from '../domain/time.ts';
import { isTransition, type TransitionRecord } from '../domain/transition.ts';
import { readClaims } from './gather.ts';
import type { Ports } from './ports.ts';

export interface BacktestSettings {
  policy: Policy;
  /** From sweep to sweep of the replay. */
  everySeconds: number;
}

export interface Backtest {
  jobId: string;
  landings: number;
  from?: Instant;
  until: Instant;
  actual: Step[];
  replayed: Step[];
}

/** Transitions that are read of a job's history; more than any job that is not flapping has. */
const HISTORY_READ = 500;

export async function backtest(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  job: Job,
  { policy, everySeconds }: BacktestSettings,
  now: Instant,
): Promise<Backtest> {
  const { jobId } = job;
  const claims = await readClaims(ports, jobId);
  const history = (await ports.jobs.listHistory(jobId, HISTORY_READ)).reverse();
  const transitions = history.filter(isTransition);
  const from = beginningOf(claims);
  const start = findStart(job, transitions, from ?? now);
  const restarts = history.filter(({ type, at }) => type === 'restarted' && at > start.since).map(({ at }) => at);
  const until = endOf(job, transitions, start.since, everySeconds, now);
  return {
    jobId,
    landings: claims.reduce((sum, { production, shadow }) => sum + (production ? 1 : 0) + (shadow ? 1 : 0), 0),
    ...(from !== undefined && { from }),
    until,
    actual: transitions.map(stepOf),
    replayed: replay(job, claims, { policy, ...start, restarts, everySeconds, until }),
  };
}

/** Where the job was when the first claim was made that is kept, and since when: older ones have expired. */
function findStart(
  { phase, registeredAt }: Job,
  transitions: readonly TransitionRecord[],
  from: Instant,
): { phase: Phase; since: Instant } {
  const before = transitions.findLast(({ at }) => at <= from);
  if (before) return { phase: before.to, since: before.at };
  return { phase: transitions[0]?.from ?? phase, since: earlierOf(registeredAt, from) };
}

/** Where there was no more to compare; one sweep later, since the replay's sweeps are not those that were. */
function endOf(
  { retired }: Job,
  transitions: readonly TransitionRecord[],
  since: Instant,
  everySeconds: number,
  now: Instant,
): Instant {
  const stopped = transitions.find(({ to, at }) => to === 'cleanup' && at > since)?.at;
  const ends = [stopped, retired?.at].filter((at) => at !== undefined).map((at) => addSeconds(at, everySeconds));
  return ends.reduce(earlierOf, now);
}

function stepOf({ at, from, to, message }: TransitionRecord): Step {
  return { at, from, to, message };
}

/** When the oldest claim was made that is kept: its first landings may have been replaced since. */
function beginningOf(claims: readonly Claim[]): Instant | undefined {
  return claims
    .flatMap(({ claimedAt, production, shadow }) => [claimedAt, production?.acceptedAt, shadow?.acceptedAt])
    .filter((at) => at !== undefined)
    .sort()[0];
}
