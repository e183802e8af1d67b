/** `jobs`: the jobs that a selector finds, with where each is and what it waits for. */
import type { Deployment } from '../aws/deployment.ts';
import type { Job } from '../domain/job.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { describeSelector, type Selector, selectJobs } from './select.ts';
import { renderTable } from './table.ts';

export async function showJobs(
  deployment: Deployment,
  { limit, ...selector }: Selector & { limit: number },
  output: Output,
): Promise<void> {
  if (selector.fromFile === '-' && process.stdin.isTTY) throw new CliError('--from-file -: nothing is piped in', 2);
  const found = await selectJobs(deployment, selector);
  const shown = found.slice(0, limit);
  const value = shown.map(({ jobId, team, wave, phase, phaseSince, policy, labels, hold, attention, proposal }) => ({
    ...{ jobId, team, wave, phase, phaseSince, policy, labels },
    ...(hold && { hold }),
    ...(attention && { attention }),
    ...(proposal && { proposal }),
  }));
  show(output, value, () => {
    if (found.length === 0) return `no job matches ${describeSelector(selector) || 'anything: none is registered'}`;
    const rows = shown.map((job) => [
      job.jobId,
      job.team,
      String(job.wave),
      job.phase,
      job.phaseSince.slice(0, 16),
      describe(job),
    ]);
    const more = found.length > shown.length ? `\n${shown.length} of ${found.length}: --limit shows more` : '';
    return renderTable(['job', 'team', 'wave', 'phase', 'since', ''], rows, output.width) + more;
  });
}

/** What is worth a word about a job, in one line. */
function describe({ hold, attention, proposal }: Job): string {
  return [
    attention && `${attention.kind} (${attention.cause})`,
    proposal && `${proposal.kind} to ${proposal.to} recommended`,
    hold && `held (${hold.scope}) by ${hold.actor}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}
