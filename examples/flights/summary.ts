/**
 * The figures of a run, each computed from what happened: the history of the jobs, the reports of the two systems, the
 * claims, and production compared with the reference. Pure. `run.ts` prints them; the keys of `Summary` are what
 * `--json` promises.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import type { TransitionRecord } from '../../lib/domain/transition.ts';
import type { ProductionFindings, WrongPublication } from './production-check.ts';
import type { FencedReport } from './protocol.ts';

export interface Summary {
  jobs: number;
  byPhase: Record<Phase, number>;
  promotions: number;
  demotions: number;
  /** Jobs that the regressing release demoted, and that are in reverse shadow or later at the end. */
  recovered: number;
  /** Jobs that a person should look at, at the end. */
  attention: number;
  /** Airport-days that there were to deliver. */
  partitions: number;
  /** Accepted, of both systems, reruns included. */
  landings: number;
  /** Runs that were in flight when their job was demoted, and whose landing was refused for it. */
  fenced: { jobId: string; partition: string; run: string }[];
  /** Partitions that were ever in quarantine. */
  quarantined: number;
  productionErrors: {
    /** Wrong publications by the old system. */
    byOld: number;
    /** Wrong publications by the new system, landed after a demotion of the job had ended and before it was promoted again. */
    afterDemotion: number;
    /** Partitions without content at the end, where the reference has rows. */
    empty: number;
    /** All other wrong publications by the new system: it was the rightful writer, and not yet known to be wrong. */
    publishedByNewBeforeDemotion: number;
    /** Partitions that are wrong, missing, or not what their claim holds, at the end. */
    atEnd: number;
  };
  sweeps: number;
  seconds: number;
}

/** What happened, as the driver wrote it down. */
export interface Told {
  jobs: readonly Job[];
  claims: readonly Claim[];
  /** In the order of their commits, as far as one job's are concerned. */
  transitions: readonly TransitionRecord[];
  /** When each sweep's evaluations had ended, and with them the pass over the claims that follows a demotion. */
  sweepEndedAt: ReadonlyMap<string, string>;
  fenced: readonly FencedReport[];
  /** When the regressing release was deployed; absent in a story without one. */
  regressedAt?: string;
  partitions: number;
  landings: number;
  sweeps: number;
  seconds: number;
}

const RECOVERED: readonly Phase[] = ['reverse-shadow', 'cleanup', 'complete'];

export function summarize(told: Told, production: ProductionFindings): Summary {
  const { jobs, claims, transitions, partitions, landings, sweeps } = told;
  const wrongByNew = production.wrong.filter(({ system }) => system === 'new');
  const afterDemotion = wrongByNew.filter((publication) => isAfterDemotion(publication, told)).length;
  return {
    jobs: jobs.length,
    byPhase: countByPhase(jobs),
    promotions: transitions.filter(({ type }) => type === 'promotion').length,
    demotions: transitions.filter(({ type }) => type === 'demotion').length,
    recovered: findRegressed(told).filter(({ phase }) => RECOVERED.includes(phase)).length,
    attention: jobs.filter(({ attention }) => attention !== undefined).length,
    partitions,
    landings,
    fenced: findFencedInFlight(told),
    quarantined: claims.filter(({ quarantine }) => quarantine !== undefined).length,
    productionErrors: {
      byOld: production.wrong.length - wrongByNew.length,
      afterDemotion,
      empty: production.empty.length,
      publishedByNewBeforeDemotion: wrongByNew.length - afterDemotion,
      atEnd: production.atEnd.length,
    },
    sweeps,
    seconds: Math.round(told.seconds * 10) / 10,
  };
}

export function countByPhase(jobs: readonly Job[]): Record<Phase, number> {
  const counts = PHASES.map((phase) => [phase, jobs.filter((job) => job.phase === phase).length]);
  return Object.fromEntries(counts);
}

/** Jobs that were demoted since the regressing release was deployed. */
export function findRegressed({ jobs, transitions, regressedAt }: Told): Job[] {
  if (regressedAt === undefined) return [];
  const demoted = new Set(
    transitions.filter(({ type, at }) => type === 'demotion' && at >= regressedAt).map(({ jobId }) => jobId),
  );
  return jobs.filter(({ jobId }) => demoted.has(jobId));
}

/** Refused at `land`, with the demotion between the instant of the right and that of the refusal. */
function findFencedInFlight({ fenced, transitions }: Told): Summary['fenced'] {
  return fenced
    .filter(({ jobId, at, assignedAt, refusedAt }) => {
      if (at !== 'land') return false;
      return transitions.some((transition) => {
        const { type, at: demotedAt } = transition;
        return transition.jobId === jobId && type === 'demotion' && assignedAt <= demotedAt && demotedAt <= refusedAt;
      });
    })
    .map(({ jobId, partition, run }) => ({ jobId, partition, run }));
}

/**
 * Whether a landing was reported when a demotion of its job had ended for sure. A landing that was accepted a moment
 * before the demotion is rightful, and may be published a moment after it.
 */
function isAfterDemotion({ jobId, landedAt }: WrongPublication, { transitions, sweepEndedAt }: Told): boolean {
  const last = transitions.findLast((transition) => {
    return transition.jobId === jobId && endOf(transition, sweepEndedAt) < landedAt;
  });
  return last?.type === 'demotion' && last.to === 'shadow';
}

function endOf({ type, at, actor }: TransitionRecord, sweepEndedAt: ReadonlyMap<string, string>): string {
  if (type === 'promotion' || actor.kind !== 'automation') return at;
  return sweepEndedAt.get(actor.sweepId) ?? at;
}
