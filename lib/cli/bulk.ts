/**
 * A verb on many jobs: says how many and where they are, asks, then acts on one after the other. A refusal of one never
 * stops the others; each is reported, and the exit status says whether all went well. All have one request id, so that a
 * run that was cut off may be repeated with it and does nothing twice.
 */
import { createInterface } from 'node:readline/promises';
import pMap from 'p-map';
import type { Deployment } from '../aws/deployment.ts';
import type { Verb } from '../controller/override-request.ts';
import type { Job } from '../domain/job.ts';
import { PHASES } from '../domain/phases.ts';
import { type Acted, invoke, withRequestId } from './act.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { startProgress } from './progress.ts';
import { describeSelector, type Selector, selectJobs } from './select.ts';
import { renderTable } from './table.ts';

interface BulkResult {
  jobId: string;
  ok: boolean;
  phase?: string;
  code?: string;
  message?: string;
}

const CONCURRENCY = 8;
const LISTED = 50;

export async function actOnMany(
  deployment: Deployment,
  verb: Verb,
  selector: Selector,
  { yes, ...request }: Record<string, unknown>,
  output: Output,
): Promise<void> {
  const selected = (await selectJobs(deployment, selector)).filter((job) => isMeant(verb, job, selector));
  if (selected.length === 0) throw new CliError(`no job matches ${describeSelector(selector)}: nothing was done`);
  const preview = `${verb} ${selected.length} jobs (${countPhases(selected)}): ${describeSelector(selector)}`;
  if (yes !== true && request.dryRun !== true) await confirm(preview, selected.length);

  const common = withRequestId(request);
  const progress = startProgress(verb, selected.length);
  let done = 0;
  const results = await pMap(
    selected,
    async (job) => {
      const result = await actOnOne(deployment, verb, job, { ...common, ...specific(verb, job, selector) });
      done += 1;
      progress.update(done);
      return result;
    },
    { concurrency: CONCURRENCY },
  );
  progress.end();
  const failed = results.filter((result) => !result.ok);
  show(output, { verb, requestId: common.requestId, results }, () =>
    describeResults(preview, results, request, output),
  );
  if (failed.length > 0) process.exitCode = 1;
}

/** Recommendations are confirmed by the verb that they recommend. */
function isMeant(verb: Verb, { proposal }: Job, { recommended }: Selector): boolean {
  if (!recommended || (verb !== 'promote' && verb !== 'demote')) return true;
  return proposal?.kind === (verb === 'promote' ? 'promotion' : 'demotion');
}

function specific(verb: Verb, job: Job, { recommended }: Selector): Record<string, unknown> {
  return {
    jobId: job.jobId,
    // The count was confirmed in the place of each name.
    ...(verb === 'retire' && { confirm: job.jobId }),
    ...(recommended && job.proposal && { to: job.proposal.to }),
  };
}

async function actOnOne(
  deployment: Deployment,
  verb: Verb,
  { jobId }: Job,
  request: Record<string, unknown>,
): Promise<BulkResult> {
  try {
    const answer: Acted = await invoke(deployment, verb, request);
    if (!answer.ok) return { jobId, ok: false, code: answer.code, message: answer.message };
    const unmet = answer.unmet ?? [];
    const [first] = unmet;
    if (first)
      return { jobId, ok: false, code: 'NeedsNotMet', message: unmet.map(({ message }) => message).join('; ') };
    const phase = answer.transition?.to ?? answer.job?.phase;
    return { jobId, ok: true, ...(phase && { phase }) };
  } catch (error) {
    return { jobId, ok: false, code: 'Failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function confirm(preview: string, count: number): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CliError(
      `would ${preview}\nthere is no terminal to ask on: --yes goes on without asking, --dry-run only looks`,
      2,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${preview}\ntype ${pc.bold(String(count))} to go on: `);
    if (answer.trim() !== String(count)) throw new CliError('not confirmed: nothing was done');
  } finally {
    terminal.close();
  }
}

function countPhases(jobs: readonly Job[]): string {
  return PHASES.map((phase) => [phase, jobs.filter((job) => job.phase === phase).length] as const)
    .filter(([, count]) => count > 0)
    .map(([phase, count]) => `${count} in ${phase}`)
    .join(', ');
}

function describeResults(
  preview: string,
  results: readonly BulkResult[],
  request: Record<string, unknown>,
  { width }: Output,
): string {
  const failed = results.filter((result) => !result.ok);
  const verbed = request.dryRun === true ? 'would be done' : 'done';
  const rows = [...failed, ...results.filter((result) => result.ok)]
    .slice(0, LISTED)
    .map((result) => [result.jobId, result.ok ? verbed : (result.code ?? ''), result.message ?? result.phase ?? '']);
  const more = results.length > LISTED ? [`and ${results.length - LISTED} more: --json lists all`] : [];
  return [
    preview,
    '',
    renderTable(['job', 'result', ''], rows, width),
    ...more,
    '',
    `${results.length - failed.length} ${verbed}, ${failed.length} refused`,
  ].join('\n');
}
