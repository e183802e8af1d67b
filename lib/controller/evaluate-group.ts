/**
 * One sweep's work on one group of shards: reads jobs and evidence, decides, commits the demotions itself, finishes what
 * earlier commits left, keeps attention and proposals current, writes each shard's summary, and answers the promotions
 * that its grants allow. It may run twice or late; everything it writes is conditional, and it writes only what changed.
 */
import pMap from 'p-map';
import { assessAttention } from '../domain/attention.ts';
import { type Comparisons, compareJob } from '../domain/comparison.ts';
import type { Controls } from '../domain/controls.ts';
import type { Decision } from '../domain/decision.ts';
import { evaluate } from '../domain/evaluate.ts';
import { type Evidence, emptyEvidence, lastLandedAt } from '../domain/evidence.ts';
import type { Job, Proposal } from '../domain/job.ts';
import { findTransition } from '../domain/phases.ts';
import { type Instant, toMs } from '../domain/time.ts';
import { isSettled } from '../domain/transition.ts';
import { commitDemotion } from './commit.ts';
import { EXCUSES_AN_EVALUATION, type ExcuseBudget, recordExcuses } from './excuse.ts';
import {
  addUp,
  type Candidate,
  countJob,
  describeDemotion,
  describeNote,
  type GroupResult,
  type Promotion,
  type ShardWork,
} from './group-result.ts';
import { chooseHookCalls, MAX_ASKED, planHookCall, planPromotion } from './hook-work.ts';
import type { Grants, Page, Ports, ShardSummary } from './ports.ts';
import { settle } from './take-over.ts';

export interface GroupRequest {
  sweepId: string;
  group: number;
  shards: number[];
  grants: Grants;
  expiresAt: Instant;
  /** Jobs of later waves are not swapped: an earlier wave is not equal or better as a whole. */
  lastWave?: number | undefined;
}

/** The state machine's payload has a limit; what does not fit waits for the next sweep. */
export const MAX_PROMOTIONS = 200;
const MAX_PAGES = 1_000;
/** Shards worked on at once: enough to hide latency, few enough for one Lambda's memory. */
const PARALLEL_SHARDS = 8;

export async function evaluateGroup(ports: Ports, request: GroupRequest, clock: () => Instant): Promise<GroupResult> {
  const controls = await ports.fleet.getControls();
  const broken: Error[] = [];
  const sweep: SweepFacts = { ...request, controls, budget: { claims: EXCUSES_AN_EVALUATION } };
  const evaluateSafely = async (shard: number): Promise<ShardWork | undefined> => {
    try {
      return await evaluateShard(ports, sweep, shard, clock);
    } catch (error) {
      broken.push(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
  const works = (await pMap(request.shards, evaluateSafely, { concurrency: PARALLEL_SHARDS })).filter(
    (work) => work !== undefined,
  );
  // Only now, when every shard that can be read has had its demotions: what the retry repeats is harmless to repeat.
  if (broken.length > 0) {
    throw new AggregateError(broken, `${broken.length} shards could not be evaluated: ${broken[0]?.message}`);
  }
  const { sweepId, group, expiresAt, grants } = request;
  const candidates = works.flatMap((work) => work.candidates);
  const promotions = choosePromotions(candidates, grants);
  const calls = chooseHookCalls(works.flatMap((work) => work.hookCalls));
  return {
    sweepId,
    group,
    expiresAt,
    promotions: [...promotions.slice(0, MAX_PROMOTIONS - calls.length), ...calls],
    ...addUp(works),
  };
}

/**
 * Lowest wave first, then who has waited longest in its phase, while the grants last. Then those with hooks stand last, so that
 * a hook that hangs delays no promotion without one. Nothing limits how many migrations end.
 */
export function choosePromotions(candidates: Candidate[], grants: Grants): Promotion[] {
  const left = { ...grants };
  const chosen: Promotion[] = [];
  const order = [...candidates].sort((a, b) => a.wave - b.wave || (a.phaseSince < b.phaseSince ? -1 : 1));
  let asked = 0;
  for (const { jobId, to, weight, step } of order) {
    if (chosen.length === MAX_PROMOTIONS) break;
    if (step === 'ask' && asked === MAX_ASKED) continue;
    if (to !== 'complete') {
      if ((left[to] ?? 0) < weight) continue;
      left[to] = (left[to] ?? 0) - weight;
    }
    if (step === 'ask') asked += 1;
    chosen.push({ jobId, to, weight, step });
  }
  return chosen.sort((a, b) => Number(a.step === 'ask') - Number(b.step === 'ask'));
}

/** What all shards of an evaluation share. */
interface SweepFacts extends Pick<GroupRequest, 'sweepId' | 'lastWave'> {
  controls: Controls;
  budget: ExcuseBudget;
}

function isKeptBack({ to, wave }: Pick<Candidate, 'to' | 'wave'>, lastWave = Number.POSITIVE_INFINITY): boolean {
  return to === 'reverse-shadow' && wave > lastWave;
}

async function evaluateShard(ports: Ports, sweep: SweepFacts, shard: number, clock: () => Instant): Promise<ShardWork> {
  const readAt = clock();
  const { items: jobs, unreadable: lost = [] } = await readAll((from) => ports.jobs.listShard(shard, from));
  const listed = await readAll((from) => ports.evidence.listShard(shard, from));
  const evidence = new Map(listed.items.map((item) => [item.jobId, item]));
  const unreadable = new Map(listed.unreadable?.map((item) => [item.jobId, item.message]));
  const summary: ShardSummary = {
    shard,
    sweepId: sweep.sweepId,
    readAt,
    jobs: jobs.length,
    weights: {},
    counts: {},
    attention: {},
    ready: {},
    demoted: 0,
  };
  const work: ShardWork = {
    summary,
    candidates: [],
    hookCalls: [],
    demotions: [],
    failed: [...lost],
    noted: [],
    stuckSince: [],
  };
  const compared: Comparisons = {};
  for (const job of jobs) {
    try {
      const broken = unreadable.get(job.jobId);
      if (broken !== undefined) throw new Error(broken);
      const known = evidence.get(job.jobId) ?? emptyEvidence(job.jobId);
      const after = await evaluateJob(ports, sweep, work, job, known, clock);
      countJob(work, after);
      compareJob(compared, after, known);
    } catch (error) {
      // One job's trouble must not keep the others of its shard from being demoted.
      work.failed.push({ jobId: job.jobId, message: error instanceof Error ? error.message : String(error) });
      countJob(work, job);
    }
  }
  if (Object.keys(compared).length > 0) summary.compared = compared;
  await ports.fleet.putSummary(summary);
  return work;
}

async function evaluateJob(
  ports: Ports,
  { sweepId, lastWave, controls, budget }: SweepFacts,
  work: ShardWork,
  read: Job,
  known: Evidence,
  clock: () => Instant,
): Promise<Job> {
  const now = clock();
  const policy = ports.policies.find(read.policy);
  if (!policy)
    throw new Error(`policy ${read.policy} is not deployed: add it to policies/ or register the job with another`);
  const job = isSettled(read) ? read : await settle(ports, (await ports.jobs.get(read.jobId, 'strong')) ?? read, now);
  if (job.retired) return job;
  const asRead = { job, evidence: known, policy, controls, now };
  const first = evaluate(asRead);
  // A demotion waits for no excuse; only what is hidden behind excused mismatches shows after it.
  const evidence = first.kind === 'demote' ? known : await recordExcuses(ports, asRead, budget);
  const facts = { ...asRead, evidence };
  const decision = evidence === known ? first : evaluate(facts);
  if (decision.kind === 'demote') {
    const committed = await commitDemotion(ports, { jobId: job.jobId, sweepId }, clock);
    if (committed.committed) work.demotions.push(describeDemotion(job, committed.job, decision));
    work.hookCalls.push(...planHookCall({ job: committed.job ?? job, policy, now }));
    return committed.job ?? job;
  }
  const candidate = planPromotion({ job, policy, now }, decision);
  // One that its wave keeps back is not ready: room that was granted for it would be taken from those that may go.
  if (candidate && !isKeptBack(candidate, lastWave)) {
    work.candidates.push(candidate);
    work.summary.ready[candidate.to] = (work.summary.ready[candidate.to] ?? 0) + candidate.weight;
  }
  work.hookCalls.push(...planHookCall({ job, policy, now }, decision));
  const noted = await annotate(ports, { ...facts, job }, decision);
  if (noted !== job) work.noted.push(describeNote(noted));
  return noted;
}

/** Attention, proposal and "awaiting old", written only when they change; a lost race is left to the next sweep. */
async function annotate(ports: Ports, facts: Parameters<typeof evaluate>[0], decision: Decision): Promise<Job> {
  const { job, evidence, now } = facts;
  const attention = assessAttention(facts, decision);
  const proposal = propose(job, decision, now);
  const oldIsBack = (lastLandedAt(evidence, 'old') ?? 0) > toMs(job.phaseSince);
  const awaitingOld = job.awaitingOld === true && !oldIsBack;
  const same =
    attention?.kind === job.attention?.kind &&
    attention?.cause === job.attention?.cause &&
    proposal?.to === job.proposal?.to &&
    awaitingOld === (job.awaitingOld === true);
  if (same) return job;
  const { attention: _a, proposal: _p, awaitingOld: _w, ...rest } = job;
  const next: Job = {
    ...rest,
    version: job.version + 1,
    ...(attention && { attention }),
    ...(proposal && { proposal }),
    ...(awaitingOld && { awaitingOld }),
  };
  const written = await ports.jobs.replace(next, job);
  return written.written ? next : job;
}

function propose(job: Job, decision: Decision, now: Instant): Proposal | undefined {
  if (decision.reason !== 'automation-observe' && decision.reason !== 'automation-recommend') return undefined;
  const rule = decision.to && findTransition(job.phase, decision.to);
  if (!rule) return undefined;
  return {
    to: rule.to,
    kind: rule.kind,
    reason: decision.message,
    at: job.proposal?.to === rule.to ? job.proposal.at : now,
  };
}

async function readAll<T>(list: (from?: string) => Promise<Page<T>>): Promise<Page<T>> {
  const all: Required<Omit<Page<T>, 'next'>> = { items: [], unreadable: [] };
  let from: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await list(from);
    all.items.push(...page.items);
    all.unreadable.push(...(page.unreadable ?? []));
    if (page.next === undefined) return all;
    from = page.next;
  }
  throw new Error(`a shard has more than ${MAX_PAGES} pages`);
}
