/**
 * Tells the story: day by day, has both systems do their work, releases deployed, reruns and removals made, and writes
 * down what happens. It knows what is deployed when (`story.ts`), and nothing of what is right or wrong: which jobs are
 * moved, which partitions run again and which old jobs are removed it reads from Crossfade, as people would.
 */
import pMap from 'p-map';
import type { Job } from '../../lib/domain/job.ts';
import { isTransition, type TransitionRecord } from '../../lib/domain/transition.ts';
import type { LocalRuntime } from '../../lib/local/runtime.ts';
import type { System } from './client.ts';
import type { PacedClock } from './clock.ts';
import type { Operations } from './operations.ts';
import type { Progress } from './progress.ts';
import type { DoneReport, FailedReport, FencedReport } from './protocol.ts';
import { RELEASES } from './releases.ts';
import type { SourcePlan } from './sources.ts';
import { type Deployment, type Story, SWEEPS } from './story.ts';
import type { Told } from './summary.ts';
import type { SystemProcess } from './system-process.ts';
import { jobOf } from './table.ts';
import { Timeline } from './timeline.ts';

export interface MigrationParts {
  runtime: LocalRuntime;
  operations: Operations;
  systems: Record<System, SystemProcess>;
  clock: PacedClock;
  /** What the systems have reported so far; the systems add to it. */
  reports: readonly (FencedReport | FailedReport)[];
  plan: SourcePlan;
  story: Story;
  progress: Progress;
}

const TROUBLES_SHOWN = 4;
const CONCURRENCY = 8;

export class Migration {
  readonly #transitions: TransitionRecord[] = [];
  /** When each sweep's evaluations had ended. */
  readonly #sweepEndedAt = new Map<string, string>();
  /** Everything that was to be delivered, by job. */
  readonly partitions = new Map<string, string[]>();
  #jobs: Job[] = [];
  #landings = 0;
  #regressedAt: string | undefined;
  readonly #timeline: Timeline;
  readonly #parts: MigrationParts;
  #release = '';
  #reportsRead = 0;
  /** Nothing moved on the last day. */
  #quiet = false;

  constructor(parts: MigrationParts) {
    this.#parts = parts;
    for (const origin of parts.plan.origins) this.partitions.set(jobOf(origin), []);
    this.#timeline = new Timeline({
      clock: parts.clock,
      sweeps: SWEEPS,
      sweep: () => this.#sweep(),
      announce: (setting) => {
        for (const system of Object.values(parts.systems)) system.setClock(setting);
      },
    });
  }

  /** Ends when nothing moves any more, or with the calendar. Returns whether it has settled before. */
  async tell(): Promise<boolean> {
    const { runtime, plan, story } = this.#parts;
    const unsubscribe = runtime.onHistory((record) => {
      if (isTransition(record)) this.#transitions.push(record);
    });
    const lastDeployment = Math.max(...story.deployments.map(({ day }) => day));
    let settled = false;
    for (const [index, { day, origins }] of plan.calendar.entries()) {
      const before = this.#transitions.length;
      const deployment = story.deployments.find((planned) => planned.day === index + 1);
      await this.#timeline.passDay(Date.parse(day), () => this.#work(day, origins, deployment));
      await this.#closeDay(index + 1, day, this.#transitions.slice(before));
      settled = index + 1 > lastDeployment && (await this.#hasSettled());
      if (settled) break;
    }
    await this.#timeline.settle();
    await runtime.idle();
    for (const system of ['old', 'new'] as const) await this.#carryOut(system, { type: 'owed' });
    await runtime.idle();
    unsubscribe();
    return settled;
  }

  #fenced(): FencedReport[] {
    return this.#parts.reports.filter((report) => report.type === 'fenced');
  }

  /** Everything that the summary is made of, as it is now. */
  async told(): Promise<Told> {
    const { operations } = this.#parts;
    const jobs = await operations.readJobs();
    const claims = await pMap(jobs, ({ jobId }) => operations.readClaims(jobId), { concurrency: CONCURRENCY });
    return {
      jobs,
      claims: claims.flat(),
      transitions: this.#transitions,
      sweepEndedAt: this.#sweepEndedAt,
      fenced: this.#fenced(),
      ...(this.#regressedAt !== undefined && { regressedAt: this.#regressedAt }),
      partitions: [...this.partitions.values()].reduce((sum, days) => sum + days.length, 0),
      landings: this.#landings,
      sweeps: this.#timeline.sweepCount,
      seconds: performance.now() / 1000,
    };
  }

  async #sweep(): Promise<void> {
    const { runtime, progress, clock } = this.#parts;
    const { result, error } = await runtime.sweepNow();
    // The next one may do better.
    if (error !== undefined) progress.note(`a sweep has failed: ${error}`);
    else this.#sweepEndedAt.set((result as { sweepId: string }).sweepId, clock.now());
  }

  async #work(day: string, origins: readonly string[], deployment: Deployment | undefined): Promise<void> {
    if (deployment) await this.#deploy(deployment);
    const jobIds = origins.map(jobOf);
    for (const jobId of jobIds) this.partitions.get(jobId)?.push(day);
    const readyAt = new Date(Date.parse(day)).toISOString();
    await Promise.all([
      this.#carryOut('old', { type: 'day', partition: day, readyAt, jobIds }),
      this.#carryOut('new', { type: 'day', partition: day, readyAt, jobIds }),
    ]);
    if (deployment?.rerun) await this.#rerunMismatches(deployment);
  }

  async #deploy({ release }: Deployment): Promise<void> {
    const { story, clock, progress } = this.#parts;
    await this.#carryOut('new', { type: 'deploy', release });
    this.#release = release;
    if (release === story.regressing) this.#regressedAt = clock.now();
    progress.note(`new ${release} is deployed: ${RELEASES[release].notes}`);
  }

  /** What the owner of a pipeline does after a fix: the partitions that Crossfade says differ run again. */
  async #rerunMismatches({ release }: Deployment): Promise<void> {
    const { runtime, operations, progress } = this.#parts;
    await runtime.idle();
    const partitions = await operations.findMismatches(await operations.readJobs());
    const jobs = new Set(partitions.map(({ jobId }) => jobId));
    progress.note(`${partitions.length} partitions of ${jobs.size} jobs mismatch: run again with ${release}`);
    if (partitions.length > 0) await this.#carryOut('new', { type: 'rerun', partitions });
  }

  async #carryOut(system: System, work: Parameters<SystemProcess['carryOut']>[0]): Promise<DoneReport> {
    const done = await this.#parts.systems[system].carryOut(work);
    this.#landings += done.landed;
    return done;
  }

  async #closeDay(number: number, day: string, transitions: readonly TransitionRecord[]): Promise<void> {
    const { operations, progress, plan, reports } = this.#parts;
    for (const report of reports.slice(this.#reportsRead)) {
      if (report.type === 'failed') progress.note(`${report.jobId} ${report.partition} failed: ${report.message}`);
    }
    this.#reportsRead = reports.length;
    const removed = await operations.confirmRemovals(this.#jobs);
    this.#jobs = await operations.readJobs();
    this.#quiet = transitions.length + removed.length === 0;
    progress.closeDay({
      number,
      of: plan.calendar.length,
      day,
      release: this.#release,
      jobs: this.#jobs,
      transitions,
      removed: removed.length,
      troubles: await operations.explainTroubles(this.#jobs, TROUBLES_SHOWN),
      fenced: this.#fenced().length,
      sweeps: this.#timeline.sweepCount,
    });
  }

  /** Nothing moves, and nothing that is not complete will. */
  async #hasSettled(): Promise<boolean> {
    const open = this.#jobs.filter(({ phase }) => phase !== 'complete');
    if (open.length === 0) return true;
    if (!this.#quiet || open.some(({ attention }) => attention === undefined)) return false;
    const stuck = await pMap(open, (job) => this.#parts.operations.isStuck(job), { concurrency: CONCURRENCY });
    return stuck.every(Boolean);
  }
}
