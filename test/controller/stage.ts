/**
 * A stage for use cases: the ports in memory with a clock that the test moves, a log of every call, the landings' stream as
 * it would be handed to `gather`, and a crash between any two calls. `runOf` is a pipeline's run from assign to published.
 */

import { type AssignAnswer, assign } from '../../lib/controller/assign.ts';
import type { Written } from '../../lib/controller/clauses.ts';
import { gather } from '../../lib/controller/gather.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { openBreaker } from '../../lib/controller/pause.ts';
import type { Ports } from '../../lib/controller/ports.ts';
import type { Refusal } from '../../lib/controller/refusal.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { recomputeEvidence } from '../../lib/domain/evidence.ts';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { LandingReport } from '../../lib/domain/landing.ts';
import type { Phase, System } from '../../lib/domain/phases.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { addSeconds, type Instant } from '../../lib/domain/time.ts';
import { aJob, aPolicy, LIMITS_ONLY, NOW } from '../builders/records.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { emptyState, type MemoryState } from '../memory/state.ts';

/** What a Lambda that dies looks like to its caller. */
export class Crash extends Error {}

export interface Stage {
  ports: Ports;
  state: MemoryState;
  now: () => Instant;
  advance(seconds: number): void;
  /** Every call so far, e.g. `jobs.replace flights-atl`. */
  calls: string[];
  /** The writes among them that took place. */
  writes: string[];
  /** New images of claims that `gather` has not had yet, in commit order. */
  images: Claim[];
  /** The `n`th call from now on (the first is 1) takes place, and then its caller dies. */
  crashAfter(n: number): void;
  /** Runs before the next call that begins so. Once. */
  before(call: string, act: () => Promise<unknown>): void;
  /** Hands the stream to `gather`. */
  gather(): Promise<void>;
  job(jobId?: string): Job;
  claim(partition: string, jobId?: string): Claim;
}

interface Given {
  jobs?: readonly Job[];
  /** On top of a policy that is quick to satisfy and enforces. */
  policy?: Partial<Policy>;
  /** Limits of the fleet, as in `policies/fleet.yaml`. */
  fleet?: object;
}

const QUICK: Partial<Policy> = {
  automation: 'enforce',
  minPairs: 3,
  settleSeconds: 0,
  soak: { shadowSeconds: 0, reverseShadowSeconds: 0 },
  tombstoneSeconds: 0,
  criteria: LIMITS_ONLY,
};

const WRITES =
  /^(jobs\.(create|replace|putHistory)|claims\.(create|replace)|evidence\.replace|fleet\.(replace|create|put|delete))/;

export function aStage({ jobs = [], policy, fleet = {} }: Given = {}): Stage {
  const state = emptyState();
  for (const job of jobs) state.jobs.set(job.jobId, job);
  let now = NOW;
  let dieIn = Number.POSITIVE_INFINITY;
  const interruptions: { call: string; act: () => Promise<unknown> }[] = [];
  const [calls, writes, images]: [string[], string[], Claim[]] = [[], [], []];
  const policies = {
    find: (name: string) => (name === 'default' ? aPolicy({ ...QUICK, ...policy }) : undefined),
    fleet: fleetLimitsSchema.parse(fleet),
  };

  const step = async <T>(call: string, run: () => T): Promise<T> => {
    const due = interruptions.findIndex((one) => call.startsWith(one.call));
    if (due >= 0) await interruptions.splice(due, 1)[0]?.act();
    calls.push(call);
    const answer = run();
    if (WRITES.test(call) && (answer as Written | undefined)?.written !== false) {
      writes.push(call);
      const [verb, jobId, partition] = call.split(' ');
      const claim = verb?.startsWith('claims.') ? state.claims.get(`${jobId}\u0000${partition}`) : undefined;
      if (claim) images.push(claim);
    }
    dieIn -= 1;
    if (dieIn === 0) throw new Crash(`died after ${call}`);
    return answer;
  };
  const ports = createMemoryPorts({ state, policies, step });

  return {
    ports,
    state,
    calls,
    writes,
    images,
    now: () => now,
    advance: (seconds) => {
      now = addSeconds(now, seconds);
    },
    crashAfter: (n) => {
      dieIn = n;
    },
    before: (call, act) => {
      interruptions.push({ call, act });
    },
    gather: async () => gather(ports, images.splice(0), now),
    job: (jobId = 'flights-atl') => state.jobs.get(jobId)!,
    claim: (partition, jobId = 'flights-atl') => state.claims.get(`${jobId}\u0000${partition}`)!,
  };
}

export interface Run {
  jobId?: string;
  partition: string;
  system: System;
  report?: Partial<LandingReport>;
  /** Ends after this step. Default: `published` where production was landed. */
  until?: 'assigned' | 'landed';
}

export interface RunOutcome {
  assigned: AssignAnswer;
  landed?: { table: string } | Refusal;
  published?: { ok: true } | Refusal;
}

export function aReport(now: Instant, given: Partial<LandingReport> = {}): LandingReport {
  const usual = { rowCount: 1_000, checksum: 'c0ffee', checksumAlgorithm: 'sha256-sum', computeSeconds: 60 };
  return { ...usual, storageBytes: 1_000, landedAt: now, kind: 'scheduled', final: true, release: 'v1', ...given };
}

/** A pipeline's run: assign, land, publish what was landed as production. */
export async function runOf(stage: Stage, { jobId = 'flights-atl', ...run }: Run): Promise<RunOutcome> {
  const { partition, system, until } = run;
  const assigned = await assign(stage.ports, { jobId, partition, system }, stage.now());
  if ('refused' in assigned) throw new Error(assigned.message);
  const { token, write } = assigned;
  if (token === undefined || until === 'assigned') return { assigned };
  const report = aReport(stage.now(), run.report);
  const request = { jobId, partition, system, token };
  const landed = await land(stage.ports, { ...request, report }, stage.now());
  if (until === 'landed' || write !== 'production' || 'refused' in landed) return { assigned, landed };
  const published = await confirmPublished(stage.ports, { ...request, checksum: report.checksum }, stage.now());
  return { assigned, landed, published };
}

/** Both systems run each partition, a minute apart, and the evidence is gathered. */
export async function runBoth(
  stage: Stage,
  partitions: readonly string[],
  { jobId, old, next }: { jobId?: string; old?: Partial<LandingReport>; next?: Partial<LandingReport> } = {},
): Promise<void> {
  for (const partition of partitions) {
    await runOf(stage, { ...(jobId && { jobId }), partition, system: 'old', ...(old && { report: old }) });
    await runOf(stage, { ...(jobId && { jobId }), partition, system: 'new', ...(next && { report: next }) });
    stage.advance(60);
  }
  await stage.gather();
}

/** A stage with one job that is ready for its next promotion, by what its two systems have landed. */
export async function aReadyStage(phase: Phase, given: Given = {}): Promise<Stage> {
  const baseline = { frozenAt: NOW, pairs: 3, lagSeconds: 60, computeSeconds: 60, storageBytes: 1_000 };
  const job = aJob({ phase, ...(phase === 'cleanup' && { baseline }) });
  const stage = aStage({ ...given, jobs: [job, ...(given.jobs ?? [])] });
  await runBoth(stage, ['p1', 'p2', 'p3']);
  stage.calls.length = 0;
  stage.writes.length = 0;
  return stage;
}

/** Both land the next partition, and differ: what demotes a job in reverse shadow. */
export async function regress(stage: Stage, jobId?: string): Promise<void> {
  await runBoth(stage, ['p4'], { ...(jobId && { jobId }), next: { checksum: 'regressed' } });
  stage.calls.length = 0;
  stage.writes.length = 0;
}

/** As a sweep does that saw demotions cluster. */
export async function openBreakerFor(stage: Stage, seconds: number, after = 'sweep-0'): Promise<void> {
  const until = addSeconds(stage.now(), seconds);
  await openBreaker(stage.ports, { sweepId: 'sweep-1', after, until, message: 'demotions cluster' }, stage.now());
}

/** Jobs whose evidence is not what their claims add up to. What a pair was counted as is `tallies.property.test.ts`'s matter. */
export function staleEvidence(stage: Stage): string[] {
  const jobs = [...stage.state.jobs.keys()];
  return jobs.filter((jobId) => {
    const claims = [...stage.state.claims.values()].filter((claim) => claim.jobId === jobId);
    const kept = stage.state.evidence.get(jobId);
    const wanted = recomputeEvidence(jobId, claims, kept?.version ?? 0);
    const shown = (pairs: readonly Pair[] = []) => pairs.map((pair) => ({ ...pair, counted: false }));
    return (
      JSON.stringify([shown(kept?.recent), kept?.standing ?? []]) !==
      JSON.stringify([shown(wanted.recent), wanted.standing])
    );
  });
}
