/**
 * One sweep's work on one group of shards: reads jobs and evidence, decides, commits the demotions itself, finishes what
 * earlier commits left, keeps attention and proposals current, writes each shard's summary, and answers the promotions
 * that its grants allow. It may run twice or late; everything it writes is conditional, and it writes only what changed.
 */
import pMap from 'p-map';
import { type AttentionKind, assessAttention } from '../domain/attention.ts';
import type { Controls } from '../domain/controls.ts';
import type { Decision } from '../domain/decision.ts';
import { evaluate } from '../domain/evaluate.ts';
import { type Evidence, emptyEvidence, lastLandedAt } from '../domain/evidence.ts';
import type { Job, Proposal } from '../domain/job.ts';
import { findTransition, type Phase } from '../domain/phases.ts';
import { type Instant, toMs } from '../domain/time.ts';
import { isSettled } from '../domain/transition.ts';
import { commitDemotion } from './commit.ts';
import type { Grants, Page, Ports, ShardSummary } from './ports.ts';
import { settle } from './take-over.ts';

export interface GroupRequest {
  sweepId: string;
  group: number;
  shards: number[];
  grants: Grants;
  expiresAt: Instant;
}

export interface Promotion {
  jobId: string;
  to: Phase;
  weight: number;
}

export interface GroupResult {
  sweepId: string;
  group: number;
  expiresAt: Instant;
  promotions: Promotion[];
  demotions: { jobId: string; reason: string; message: string }[];
  jobs: number;
  /** Jobs that could not be judged, with the reason: the others went on. */
  failed: { jobId: string; message: string }[];
  /** Jobs that want a person, by the most urgent reason. */
  attention: ShardSummary['attention'];
}

/** The state machine's payload has a limit; what does not fit waits for the next sweep. */
export const MAX_PROMOTIONS = 200;
const MAX_PAGES = 1_000;
/** Shards worked on at once: enough to hide latency, few enough for one Lambda's memory. */
const PARALLEL_SHARDS = 8;

interface Candidate extends Promotion {
  wave: number;
  phaseSince: Instant;
}

interface ShardWork {
  summary: ShardSummary;
  candidates: Candidate[];
  demotions: GroupResult['demotions'];
  failed: GroupResult['failed'];
}

export async function evaluateGroup(ports: Ports, request: GroupRequest, clock: () => Instant): Promise<GroupResult> {
  const controls = await ports.fleet.getControls();
  const broken: Error[] = [];
  const evaluateSafely = async (shard: number): Promise<ShardWork | undefined> => {
    try {
      return await evaluateShard(ports, request.sweepId, shard, controls, clock);
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
  const { sweepId, group, expiresAt } = request;
  return {
    sweepId,
    group,
    expiresAt,
    promotions: choosePromotions(
      works.flatMap((work) => work.candidates),
      request.grants,
    ),
    demotions: works.flatMap((work) => work.demotions),
    jobs: works.reduce((sum, work) => sum + work.summary.jobs, 0),
    failed: works.flatMap((work) => work.failed),
    attention: sumAttention(works.map((work) => work.summary.attention)),
  };
}

function sumAttention(all: readonly ShardSummary['attention'][]): ShardSummary['attention'] {
  const sum: ShardSummary['attention'] = {};
  for (const [kind, jobs] of all.flatMap((counts) => Object.entries(counts) as [AttentionKind, number][])) {
    sum[kind] = (sum[kind] ?? 0) + jobs;
  }
  return sum;
}

/** Lowest wave first, then who has waited longest in its phase, while the grants last. */
export function choosePromotions(candidates: Candidate[], grants: Grants): Promotion[] {
  const left = { ...grants };
  const chosen: Promotion[] = [];
  const order = [...candidates].sort((a, b) => a.wave - b.wave || (a.phaseSince < b.phaseSince ? -1 : 1));
  for (const { jobId, to, weight } of order) {
    if (chosen.length === MAX_PROMOTIONS) break;
    if ((left[to] ?? 0) < weight) continue;
    left[to] = (left[to] ?? 0) - weight;
    chosen.push({ jobId, to, weight });
  }
  return chosen;
}

async function evaluateShard(
  ports: Ports,
  sweepId: string,
  shard: number,
  controls: Controls,
  clock: () => Instant,
): Promise<ShardWork> {
  const readAt = clock();
  const { items: jobs, unreadable: lost = [] } = await readAll((from) => ports.jobs.listShard(shard, from));
  const listed = await readAll((from) => ports.evidence.listShard(shard, from));
  const evidence = new Map(listed.items.map((item) => [item.jobId, item]));
  const unreadable = new Map(listed.unreadable?.map((item) => [item.jobId, item.message]));
  const summary: ShardSummary = {
    shard,
    sweepId,
    readAt,
    jobs: jobs.length,
    weights: {},
    counts: {},
    attention: {},
    ready: {},
    demoted: 0,
  };
  const work: ShardWork = { summary, candidates: [], demotions: [], failed: [...lost] };
  for (const job of jobs) {
    try {
      const broken = unreadable.get(job.jobId);
      if (broken !== undefined) throw new Error(broken);
      const after = await evaluateJob(
        ports,
        work,
        job,
        evidence.get(job.jobId) ?? emptyEvidence(job.jobId),
        controls,
        clock,
      );
      count(summary, after);
    } catch (error) {
      // One job's trouble must not keep the others of its shard from being demoted.
      work.failed.push({ jobId: job.jobId, message: error instanceof Error ? error.message : String(error) });
      count(summary, job);
    }
  }
  await ports.fleet.putSummary(summary);
  return work;
}

async function evaluateJob(
  ports: Ports,
  work: ShardWork,
  read: Job,
  evidence: Evidence,
  controls: Controls,
  clock: () => Instant,
): Promise<Job> {
  const now = clock();
  const { sweepId } = work.summary;
  const policy = ports.policies.find(read.policy);
  if (!policy)
    throw new Error(`policy ${read.policy} is not deployed: add it to policies/ or register the job with another`);
  const job = isSettled(read) ? read : await settle(ports, (await ports.jobs.get(read.jobId, 'strong')) ?? read, now);
  if (job.retired) return job;
  const facts = { job, evidence, policy, controls, now };
  const decision = evaluate(facts);
  if (decision.kind === 'demote') {
    const committed = await commitDemotion(ports, { jobId: job.jobId, sweepId }, clock);
    if (committed.committed) {
      work.demotions.push({ jobId: job.jobId, reason: decision.reason, message: decision.message });
    }
    return committed.job ?? job;
  }
  if (decision.kind === 'promote' && decision.to) {
    const { jobId, weight, wave, phaseSince } = job;
    work.candidates.push({ jobId, to: decision.to, weight, wave, phaseSince });
    work.summary.ready[decision.to] = (work.summary.ready[decision.to] ?? 0) + weight;
  }
  return annotate(ports, { ...facts, job }, decision);
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

function count(summary: ShardSummary, job: Job): void {
  const last = job.lastTransition;
  // From the job, so that a repeated evaluation says the same.
  const demoted =
    last?.type === 'demotion' && last.actor.kind === 'automation' && last.actor.sweepId === summary.sweepId;
  if (demoted) summary.demoted += 1;
  summary.counts[job.phase] = (summary.counts[job.phase] ?? 0) + 1;
  summary.weights[job.phase] = (summary.weights[job.phase] ?? 0) + job.weight;
  const kind: AttentionKind | undefined = job.attention?.kind;
  if (kind) summary.attention[kind] = (summary.attention[kind] ?? 0) + 1;
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
