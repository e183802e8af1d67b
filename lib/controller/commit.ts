/**
 * The commit step: judges again on what it reads strongly, right before its one conditional write. Called by the state
 * machine for promotions and by evaluations for demotions. It may run twice or late: a repeat finds its own transition,
 * a late one finds its grant expired or the job changed.
 */
import type { Claim } from '../domain/claim.ts';
import { countingRules } from '../domain/counting.ts';
import type { Decision } from '../domain/decision.ts';
import { type Evaluation, evaluate } from '../domain/evaluate.ts';
import { type Evidence, emptyEvidence, foldClaim } from '../domain/evidence.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { type Actor, type Grounds, planTransition } from '../domain/transition.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse, unknownJob } from './refusal.ts';
import { copyRecords, settle } from './take-over.ts';

export type Committed = { committed: true; job: Job } | { committed: false; code: string; message: string; job?: Job };

export interface PromotionRequest {
  jobId: string;
  to: Phase;
  sweepId: string;
  /** The grant's end: the ledger that allowed this promotion is void after it. */
  expiresAt: Instant;
}

/** @param clock asked again at each try, since a commit may have waited. */
export async function commitPromotion(
  ports: Ports,
  request: PromotionRequest,
  clock: () => Instant,
): Promise<Committed> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const facts = await readFacts(ports, request.jobId, now);
    if ('refused' in facts) return notCommitted(facts.code, facts.message);
    const { job } = facts;
    if (isOwnTransition(job, request)) return { committed: true, job: await settle(ports, job, now) };
    if (now >= request.expiresAt) {
      return notCommitted('GrantExpired', `the grant of ${request.sweepId} ended at ${request.expiresAt}`, job);
    }
    const openClaims = await ports.claims.listOpen(job.jobId);
    const evidence = foldOpen(facts, openClaims);
    const decision = evaluate({ ...facts, evidence, openClaims });
    if (decision.kind !== 'promote' || decision.to !== request.to) {
      return notCommitted('NoLongerReady', decision.message, job);
    }
    const committed = await commitDecision(ports, facts, decision, { kind: 'automation', sweepId: request.sweepId });
    if (committed) return { committed: true, job: committed };
  }
  throw contended('commit', request.jobId);
}

/** The stream may be behind: what is open is folded from the claims themselves, as they were just read. */
function foldOpen({ evidence, policy }: Evaluation, openClaims: readonly Claim[]): Evidence {
  return openClaims.reduce((folded, claim) => {
    const outcome = foldClaim(folded, claim, 'current', countingRules(policy));
    return outcome.kind === 'folded' ? outcome.evidence : folded;
  }, evidence);
}

/** A demotion, judged on strong reads; retried when the job changed meanwhile. Nothing else delays it. */
export async function commitDemotion(
  ports: Ports,
  { jobId, sweepId }: { jobId: string; sweepId: string },
  clock: () => Instant,
): Promise<Committed> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const facts = await readFacts(ports, jobId, clock());
    if ('refused' in facts) return notCommitted(facts.code, facts.message);
    const decision = evaluate(facts);
    if (decision.kind !== 'demote') return notCommitted('NoLongerRegressing', decision.message, facts.job);
    const committed = await commitDecision(ports, facts, decision, { kind: 'automation', sweepId });
    if (committed) return { committed: true, job: committed };
  }
  throw contended('demote', jobId);
}

/** The strongly read facts that a decision about this job rests on. */
export async function readFacts(
  ports: Pick<Ports, 'jobs' | 'evidence' | 'fleet' | 'policies'>,
  jobId: string,
  now: Instant,
): Promise<Evaluation | Refusal> {
  const controls = await ports.fleet.getControls();
  const job = await ports.jobs.get(jobId, 'strong');
  if (!job) return unknownJob(jobId);
  const policy = ports.policies.find(job.policy);
  if (!policy) {
    return refuse(
      'UnknownPolicy',
      `policy ${job.policy} of ${jobId} is not deployed: add it to policies/ or register the job with another`,
    );
  }
  const evidence = (await ports.evidence.get(jobId, 'strong')) ?? emptyEvidence(jobId);
  return { job, evidence, policy, controls, now };
}

async function commitDecision(
  ports: Ports,
  facts: Evaluation,
  decision: Decision,
  actor: Actor,
): Promise<Job | undefined> {
  if (!decision.to) return undefined;
  const { to, reason, message } = decision;
  const verdicts = decision.verdicts.map(({ criterion, outcome, message: said, signature }) => ({
    criterion,
    outcome,
    message: said,
    ...(signature !== undefined && { signature }),
  }));
  const { policy, evidence } = facts;
  return commitTransition(ports, facts.job, { to, reason, message, actor, policy, evidence, verdicts }, facts.now);
}

/** The one write of a phase change, and what follows it. `undefined` when the race was lost. */
export async function commitTransition(
  ports: Pick<Ports, 'jobs' | 'claims'>,
  job: Job,
  grounds: Grounds,
  now: Instant,
): Promise<Job | undefined> {
  await copyRecords(ports, job);
  const next = planTransition(job, grounds, now);
  const written = await ports.jobs.replace(next, job);
  return written.written ? settle(ports, next, now) : undefined;
}

function isOwnTransition(job: Job, { to, sweepId }: PromotionRequest): boolean {
  const last = job.lastTransition;
  return job.phase === to && last?.to === to && last.actor.kind === 'automation' && last.actor.sweepId === sweepId;
}

function notCommitted(code: string, message: string, job?: Job): Committed {
  return { committed: false, code, message, ...(job && { job }) };
}
