/**
 * `backtest`: which jobs another policy would have promoted or demoted, when, and how that differs from what happened. It
 * reads the recorded landings of the selected jobs, a few jobs at a time, and changes nothing.
 */
import { basename, dirname } from 'node:path';
import pMap from 'p-map';
import type { Deployment } from '../aws/deployment.ts';
import { type Backtest, backtest } from '../controller/backtest.ts';
import type { Policies } from '../controller/ports.ts';
import { compareSteps, type StepDifference } from '../domain/compare-steps.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import type { Step } from '../domain/replay.ts';
import { describeSeconds, type Instant, secondsBetween, toInstant } from '../domain/time.ts';
import { loadPolicies } from '../policies/load.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { startProgress } from './progress.ts';
import { describeSelector, type Selector, selectJobs } from './select.ts';
import { moment, printable, renderTable } from './table.ts';

export interface BacktestFlags {
  policy: string;
  /** Seconds from sweep to sweep of the replay. */
  every: number;
  limit: number;
}

/** A replay keeps the landings of its job in memory: weeks of them are some megabytes. */
const PARALLEL = 4;

interface Compared extends Backtest {
  differences: StepDifference[];
}

interface Failed {
  jobId: string;
  message: string;
}

export async function showBacktest(
  deployment: Deployment,
  { policy: file, every, limit }: BacktestFlags,
  selector: Selector,
  output: Output,
  now: Instant = toInstant(Date.now()),
): Promise<void> {
  const policy = readPolicy(file);
  const jobs = await selectJobs(deployment, selector);
  if (jobs.length === 0) {
    throw new CliError(`no job matches ${describeSelector(selector) || 'anything: none is registered'}`);
  }
  const { compared, failed } = await replayAll(deployment, jobs, policy, every, now);
  const differing = compared.filter(({ differences }) => differences.length > 0);
  const counts = countSteps(compared);
  const value = {
    policy: { name: policy.name, hash: policy.hash, file },
    everySeconds: every,
    jobs: compared.length,
    withoutLandings: compared.filter(({ landings }) => landings === 0).length,
    differing: differing.length,
    counts,
    results: compared,
    failed,
  };
  show(output, value, () => {
    const rows = differing
      .slice(0, limit)
      .flatMap(({ jobId, differences }) =>
        differences.map((difference) => [
          jobId,
          `${difference.from} -> ${difference.to}${difference.nth > 1 ? ` (${difference.nth})` : ''}`,
          difference.actualAt === undefined ? '-' : moment(difference.actualAt),
          difference.replayedAt === undefined ? '-' : moment(difference.replayedAt),
          describeDifference(difference),
        ]),
      );
    return [
      `${compared.length} jobs replayed under ${printable(policy.name)} (${policy.hash}), a sweep every ${describeSeconds(every)}; ${value.withoutLandings} of them have no landings`,
      '',
      renderTable(['step', 'happened', 'would have'], counts.map(rowOf), output.width),
      '',
      differing.length === 0
        ? 'no job would have gone another way'
        : renderTable(['job', 'step', 'happened', 'would have', ''], rows, output.width),
      ...(failed[0]
        ? [`${failed.length} jobs could not be replayed, e.g. ${failed[0].jobId}: ${printable(failed[0].message)}`]
        : []),
      ...(differing.length > limit ? [`${limit} of ${differing.length} jobs that differ: --limit shows more`] : []),
      '',
      'Capacity, holds, approvals, gates and hooks are taken as given at once, and corrected landings as they are now.',
      'What differs by no more than a sweep is not shown; --every says how far apart sweeps are.',
    ].join('\n');
  });
}

/** From the folder that the file is in, since a policy may extend others there. */
function readPolicy(file: string): Policy {
  const name = basename(file).replace(/\.ya?ml$/, '');
  const policy = readFolder(file).find(name);
  if (policy) return policy;
  throw new CliError(
    `--policy ${file}: there is no policy ${name} in ${dirname(file)}; name a file such as policies/default.yaml`,
    2,
  );
}

/** A wrong file is no surprise: whoever tries a policy out writes it just then. */
function readFolder(file: string): Policies {
  try {
    return loadPolicies(dirname(file));
  } catch (error) {
    throw new CliError(`--policy ${file}: ${(error as Error).message}`, 2);
  }
}

async function replayAll(
  { jobs: store, claims }: Deployment,
  jobs: readonly Job[],
  policy: Policy,
  everySeconds: number,
  now: Instant,
): Promise<{ compared: Compared[]; failed: Failed[] }> {
  const progress = startProgress('replaying', jobs.length);
  const compared: Compared[] = [];
  const failed: Failed[] = [];
  const replayOne = async (job: Job): Promise<void> => {
    try {
      const result = await backtest({ jobs: store, claims }, job, { policy, everySeconds }, now);
      const { replayed, until } = result;
      compared.push({ ...result, differences: compareSteps(comparable(result), replayed, everySeconds, until) });
    } catch (error) {
      // One job's unreadable claim must not cost the hour in which all others were replayed.
      failed.push({ jobId: job.jobId, message: error instanceof Error ? error.message : String(error) });
    }
    progress.update(compared.length + failed.length);
  };
  await pMap(jobs, replayOne, { concurrency: PARALLEL });
  progress.end();
  // Nothing to show is no answer: then the first failure is the verb's own.
  const [first] = failed;
  if (first && compared.length === 0) throw new CliError(`${first.jobId} could not be replayed: ${first.message}`);
  const byJob = (a: { jobId: string }, b: { jobId: string }) => (a.jobId < b.jobId ? -1 : 1);
  return { compared: compared.sort(byJob), failed: failed.sort(byJob) };
}

/** What the replay could have made, too: nothing from before the first landing, nor after it ended. */
function comparable({ actual, from, until }: Backtest): Step[] {
  return actual.filter(({ at, to }) => from !== undefined && at >= from && at <= until && to !== 'complete');
}

interface StepCount {
  from: Phase;
  to: Phase;
  actual: number;
  replayed: number;
}

function countSteps(compared: readonly Compared[]): StepCount[] {
  const counts = new Map<string, StepCount>();
  const count = ({ from, to }: Step, side: 'actual' | 'replayed') => {
    const known = counts.get(`${from} ${to}`) ?? { from, to, actual: 0, replayed: 0 };
    counts.set(`${from} ${to}`, { ...known, [side]: known[side] + 1 });
  };
  for (const one of compared) {
    for (const step of comparable(one)) count(step, 'actual');
    for (const step of one.replayed) count(step, 'replayed');
  }
  return [...counts.values()];
}

function rowOf({ from, to, actual, replayed }: StepCount): string[] {
  return [`${from} -> ${to}`, String(actual), String(replayed)];
}

function describeDifference({ actualAt, replayedAt }: StepDifference): string {
  if (actualAt === undefined) return 'would have, and did not';
  if (replayedAt === undefined) return 'would not have';
  const seconds = secondsBetween(actualAt, replayedAt);
  return seconds > 0 ? `${describeSeconds(seconds)} later` : `${describeSeconds(-seconds)} earlier`;
}
