/**
 * `npm start`: a real migration on this machine. Prepares the sources, starts Crossfade's local runtime in this process
 * and the two systems in theirs, has the story told (`migration.ts`), compares production with the reference, and says
 * what came of it. Without `--once` it then goes on serving, so that one can look around. A run that fails says why,
 * ends everything it started, and leaves its folder behind.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';
import type { System } from './client.ts';
import { PacedClock } from './clock.ts';
import { Migration } from './migration.ts';
import { findTroubled, Operations } from './operations.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { prepareSources } from './prepare.ts';
import { checkProduction } from './production-check.ts';
import { type Progress, showProgress } from './progress.ts';
import type { FailedReport, FencedReport } from './protocol.ts';
import { computeReference } from './reference.ts';
import { isProductionRight, renderNextSteps, renderResult } from './result.ts';
import { discardRunFolder, makeRunFolder } from './run-folder.ts';
import { DEFAULT_WORK_FOLDER, readPlan } from './sources.ts';
import { MIGRATION, SWEEPS, WITHOUT_DEFECTS } from './story.ts';
import { findRegressed, type Summary, summarize } from './summary.ts';
import { SystemProcess } from './system-process.ts';
import { Warehouse } from './warehouse.ts';

/** What a run has started and made. */
interface Started {
  /** How to end it, last first. */
  ends: (() => unknown)[];
  folder?: string;
}

const POLICIES = fileURLToPath(new URL('./policies', import.meta.url));
const EXIT_INTERRUPTED = 130;

class Interrupted extends Error {}

/** Rejects when this process is asked to end, or nobody listens any more (`npm start | head`). */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Interrupted(signal)));
  process.stdout.on('error', () => reject(new Interrupted('EPIPE')));
});
interrupted.catch(() => {});

process.exitCode = await main();
// Whatever a library still holds open must not keep a finished run.
process.exit();

async function main(): Promise<number> {
  const started: Started = { ends: [] };
  let summary: Summary | undefined;
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === undefined) {
      console.log(HELP);
      return 0;
    }
    const failed = Promise.withResolvers<never>();
    summary = await Promise.race([runExample(options, started, failed.reject), failed.promise, interrupted]);
    if (options.json) console.log(JSON.stringify(summary));
    if (!options.once) await Promise.race([failed.promise, interrupted]);
    return isProductionRight(summary) ? 0 : 1;
  } catch (error) {
    if (error instanceof Interrupted) return summary ? 0 : EXIT_INTERRUPTED;
    console.error(`The example has failed: ${error instanceof Error ? error.message : String(error)}`);
    if (started.folder !== undefined) console.error(`What it has left is in ${started.folder}`);
    delete started.folder;
    return 1;
  } finally {
    for (const end of started.ends.reverse()) await end();
    if (started.folder !== undefined) discardRunFolder(started.folder);
  }
}

/** @param fail called when something that this run stands on has ended, also while it is only serving. */
async function runExample(options: Options, started: Started, fail: (error: Error) => void): Promise<Summary> {
  const progress = showProgress(process.stdout);
  const { airports, days } = options.parameters;
  console.log(
    `${airports} daily pipelines over real flights move from an old system to a new one, in at most ${days} days.`,
  );
  const sources = await prepareSources(DEFAULT_WORK_FOLDER, options.parameters);
  const plan = readPlan(sources);

  const startMs = Date.parse(plan.firstDay);
  const clock = new PacedClock({ realMs: Date.now(), virtualMs: startMs, pace: 0, ceilingMs: startMs });
  const runtime = await startRuntime(options, clock, progress);
  started.ends.push(() => runtime.stop());
  void runtime.failed.then(fail);
  const { eventsFile } = options;
  if (eventsFile !== undefined) {
    writeFileSync(eventsFile, '');
    runtime.onEvent((event) => appendFileSync(eventsFile, `${JSON.stringify(event)}\n`));
  }
  console.log(`Watch it in a browser: ${runtime.url}/`);

  started.folder = makeRunFolder(DEFAULT_WORK_FOLDER);
  const warehouse = join(started.folder, 'warehouse');
  mkdirSync(warehouse);
  const reports: (FencedReport | FailedReport)[] = [];
  const startSystem = (system: System) => {
    const child = new SystemProcess({ system, endpoint: runtime.url, sources, warehouse, reports });
    started.ends.push(() => child.stop());
    return child;
  };
  const systems = { old: startSystem('old'), new: startSystem('new') };
  const operations = new Operations(runtime.url);
  await operations.registerJobs(plan.origins);

  const story = options.withoutDefects ? WITHOUT_DEFECTS : MIGRATION;
  const migration = new Migration({ runtime, operations, systems, clock, reports, plan, story, progress });
  if (!(await migration.tell())) progress.note('the calendar is over, and some jobs are still on their way');
  progress.end();
  for (const system of Object.values(systems)) await system.stop();

  const findings = await checkProduction({
    warehouse: new Warehouse(warehouse),
    reference: await computeReference(options.parameters),
    partitions: migration.partitions,
    readClaims: (jobId) => operations.readClaims(jobId),
  });
  const told = await migration.told();
  const summary = summarize(told, findings);
  const troubled = await operations.explainEach(findTroubled(told.jobs));
  const regressed = findRegressed(told);
  console.log(renderResult(summary, findings, regressed.length, troubled));
  if (!options.once) {
    const jobId = (regressed[0] ?? told.jobs[0])?.jobId ?? '';
    console.log(renderNextSteps(runtime.url, runtime.env, warehouse, jobId));
  }
  // From here on in real time, for whoever looks around.
  clock.set({ realMs: Date.now(), virtualMs: clock.nowMs(), pace: 1, ceilingMs: Number.MAX_SAFE_INTEGER });
  return summary;
}

async function startRuntime({ port }: Options, clock: PacedClock, progress: Progress): Promise<LocalRuntime> {
  try {
    return await startLocal({
      port,
      everySeconds: 0,
      intervalSeconds: SWEEPS.everyHours * 3_600,
      policiesDir: POLICIES,
      now: () => clock.nowMs(),
      log: (message) => progress.note(message),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is in use: end what uses it, or choose another with --port`);
  }
}
