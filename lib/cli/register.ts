/**
 * `register FILE`: brings a file of jobs in, in batches through the `register` function. It may be run again at any time:
 * what is there already is unchanged, so a run that was cut off goes on where it was. A bad line is listed with its field
 * and reason, and never stops the others.
 */
import pMap from 'p-map';
import type { Deployment } from '../aws/deployment.ts';
import { isRefusal } from '../controller/refusal.ts';
import type { Registered } from '../controller/register.ts';
import { parseRegistration, REGISTER_BATCH } from '../controller/requests.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { startProgress } from './progress.ts';
import { type Format, type Row, readRegistrations } from './registration-file.ts';
import { printable, renderTable } from './table.ts';

/** A line that was not registered, and why. */
export interface RefusedLine {
  line: number;
  jobId?: string;
  field?: string;
  message: string;
}

/** What a job's policy will hardly let it do: registered all the same. Each is told once, for all jobs it holds for. */
export interface Warning {
  message: string;
  jobs: number;
  /** One of them. */
  jobId: string;
}

export type RegisterReport = Record<Registered, number> & {
  dryRun: boolean;
  refused: RefusedLine[];
  warnings: Warning[];
};

interface Line {
  line: number;
  jobId: string;
  value: unknown;
}

/** Batches under way at once: a function registers sixteen jobs at a time. */
const CONCURRENCY = 4;
const REFUSED_SHOWN = 50;
const WARNINGS_SHOWN = 10;

export async function registerFile(
  deployment: Deployment,
  { file, format, dryRun = false }: { file: string; format?: Format | undefined; dryRun?: boolean | undefined },
  output: Output,
): Promise<void> {
  const rows = await readRegistrations(file, format);
  if (rows.length === 0) throw new CliError(`${file === '-' ? 'standard input' : file} has no jobs`, 2);
  const report = await registerRows(deployment, rows, dryRun);
  show(output, report, () => describeReport(report, output.width));
  if (report.refused.length > 0) process.exitCode = 1;
}

export async function registerRows(deployment: Deployment, rows: Row[], dryRun: boolean): Promise<RegisterReport> {
  const { lines, refused } = checkLines(rows);
  const report: RegisterReport = { dryRun, created: 0, updated: 0, unchanged: 0, refused, warnings: [] };
  const progress = startProgress(dryRun ? 'checking' : 'registering', lines.length);
  let done = 0;
  try {
    await pMap(
      batchesOf(lines),
      async (batch) => {
        await registerBatch(deployment, batch, report);
        done += batch.length;
        progress.update(done);
      },
      { concurrency: CONCURRENCY },
    );
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `stopped after ${done} of ${lines.length} jobs: ${said}\nrun it again: what is registered stays as it is`,
    );
  } finally {
    progress.end();
  }
  refused.sort((a, b) => a.line - b.line);
  return report;
}

/** What can be refused without asking: bad fields, and a job that the file names twice. */
function checkLines(rows: Row[]): { lines: Line[]; refused: RefusedLine[] } {
  const lines: Line[] = [];
  const refused: RefusedLine[] = [];
  const seen = new Map<string, number>();
  for (const { line, value, problem } of rows) {
    const registration = problem === undefined ? parseRegistration(value) : undefined;
    if (!registration) refused.push({ line, message: problem ?? 'nothing' });
    else if (isRefusal(registration)) {
      const { field, message } = registration;
      refused.push({ line, ...nameOf(value), ...(field !== undefined && { field }), message });
    } else {
      const { jobId } = registration;
      const first = seen.get(jobId);
      if (first === undefined) lines.push({ line, jobId, value });
      else refused.push({ line, jobId, field: 'jobId', message: `jobId: ${jobId} is on line ${first} already` });
      seen.set(jobId, first ?? line);
    }
  }
  return { lines, refused };
}

function nameOf(value: unknown): { jobId?: string } {
  const jobId = value !== null && typeof value === 'object' && 'jobId' in value ? value.jobId : undefined;
  return typeof jobId === 'string' ? { jobId: jobId.slice(0, 256) } : {};
}

function* batchesOf(lines: Line[]): Generator<Line[]> {
  for (let from = 0; from < lines.length; from += REGISTER_BATCH) yield lines.slice(from, from + REGISTER_BATCH);
}

interface Answer {
  results?: { result?: Registered; warnings?: string[]; error?: { message: string; field?: string } }[];
  error?: { message: string };
}

async function registerBatch(deployment: Deployment, batch: Line[], report: RegisterReport): Promise<void> {
  const request = { jobs: batch.map(({ value }) => value), ...(report.dryRun && { dryRun: true }) };
  const { results, error } = (await deployment.invoke('register', request)) as Answer;
  if (error || results?.length !== batch.length) throw new Error(error?.message ?? 'register answered something else');
  for (const [index, { line, jobId }] of batch.entries()) {
    const { result, warnings = [], error: refusal } = results[index] ?? {};
    for (const message of warnings) countWarning(report, message, jobId);
    if (result) report[result] += 1;
    else {
      const { message = 'no answer', field } = refusal ?? {};
      report.refused.push({ line, jobId, ...(field !== undefined && { field }), message });
    }
  }
}

function countWarning({ warnings }: RegisterReport, message: string, jobId: string): void {
  const known = warnings.find((warning) => warning.message === message);
  if (known) known.jobs += 1;
  else warnings.push({ message, jobs: 1, jobId });
}

function describeReport(report: RegisterReport, width: number): string {
  const { dryRun, created, updated, unchanged, refused, warnings } = report;
  const figure = (count: number) => count.toLocaleString('en-US');
  const counted = `${figure(created)} ${dryRun ? 'would be created' : 'created'}, ${figure(updated)} ${dryRun ? 'would be updated' : 'updated'}, ${figure(unchanged)} unchanged, ${figure(refused.length)} refused`;
  const warned = warnings
    .slice(0, WARNINGS_SHOWN)
    .map(({ message, jobs, jobId }) =>
      pc.yellow(`warning, ${figure(jobs)} jobs, e.g. ${printable(jobId)}: ${message}`),
    );
  if (refused.length === 0) return [counted, ...warned].join('\n');
  const shown = refused.slice(0, REFUSED_SHOWN);
  const rows = shown.map(({ line, jobId, field, message }) => [String(line), jobId ?? '-', field ?? '-', message]);
  const more =
    refused.length > shown.length ? [`and ${figure(refused.length - shown.length)} more: --json lists all`] : [];
  return [
    counted,
    ...warned,
    '',
    pc.red('refused; mend these lines and run it again:'),
    renderTable(['line', 'job', 'field', 'why'], rows, width),
    ...more,
  ].join('\n');
}
