/**
 * Overrides that move a job: the same plan, the same conditional write and the same take-over pass as automatic decisions,
 * one step of `TRANSITIONS` at a time. Called by the verbs in `override.ts`, which choose the path. A call that dies
 * between two steps is finished by its repeat with the same `requestId`.
 */
import { evaluate } from '../domain/evaluate.ts';
import type { HandledRequest, Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import { type Policy, policySchema } from '../domain/policy.ts';
import type { Instant } from '../domain/time.ts';
import { type Grounds, planTransition, type TransitionRecord } from '../domain/transition.ts';
import { commitTransition, readFacts } from './commit.ts';
import { contended, MAX_TRIES } from './contention.ts';
import {
  actorOf,
  answer,
  answerRepeat,
  type Facts,
  findHandled,
  handledBy,
  isSameRequest,
  type Objection,
  type OverrideRequest,
  type OverrideResult,
  refuseRetired,
  refuseStale,
  type Verb,
} from './override-request.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';
import { settle } from './take-over.ts';

/** The phases to go through, in order, the last of them the target; and what stands against it. */
export interface Path {
  steps: readonly Phase[];
  objections: Objection[];
}

export interface Move extends OverrideRequest {
  to?: Phase | undefined;
  force?: boolean | undefined;
}

export async function transit(
  ports: Ports,
  verb: Verb,
  request: Move,
  clock: () => Instant,
  choose: (facts: Facts, aim: Phase | undefined) => Path | Refusal,
): Promise<OverrideResult> {
  const done: TransitionRecord[] = [];
  // Kept from the first look: when a sweep moves the job meanwhile, a try again goes no step further than was meant.
  let aim = request.to;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const read = await readFacts(verb === 'demote' ? withoutItsPolicy(ports) : ports, request.jobId, now);
    if ('refused' in read) return read;
    const { job } = read;
    const handled = done.length === 0 ? findHandled(job, request) : undefined;
    if (handled && !isHalfDone(job, handled, verb, request))
      return answerRepeat(ports, await settle(ports, job, now), handled, verb, request.to);
    const refused = refuseRetired(job) ?? (handled || done.length > 0 ? undefined : refuseStale(job, request));
    if (refused) return refused;

    const facts = { ...read, openClaims: await ports.claims.listOpen(job.jobId) };
    const path = choose(facts, aim);
    if ('refused' in path) return { ...path, job };
    const { steps, objections } = path;
    aim ??= steps.at(-1);
    const grounds = steps.map((to) => groundsOf(verb, request, facts, to, path));
    if (request.dryRun) return { ...planAll(job, grounds, now), unmet: objections };
    if (objections.length > 0 && request.force !== true) return { ...refuseUnmet(objections), job };

    const [first, ...rest] = grounds;
    if (!first) return answer(job, done);
    const committed = await commitTransition(ports, job, first, now);
    if (!committed) continue;
    // Not the job's last record: a sweep may have moved it on while its claims were taken over.
    done.push({ ...recordOf(job, first, now), settled: true });
    if (rest.length === 0) return answer(committed, done);
  }
  throw contended('override', request.jobId);
}

/** A rollback works also for a job whose policy is not deployed any more; it cools down as the defaults say. */
function withoutItsPolicy(ports: Ports): Ports {
  const find = (name: string): Policy =>
    ports.policies.find(name) ?? { ...policySchema.parse({ name: 'default' }), name, hash: 'not-deployed' };
  return { ...ports, policies: { ...ports.policies, find } };
}

/** The same request made the job's last step, which did not lead all the way. */
function isHalfDone(job: Job, handled: HandledRequest, verb: Verb, request: Move): boolean {
  const { version, to } = handled;
  const last = job.lastTransition;
  return to !== undefined && last?.version === version && last.to !== to && isSameRequest(handled, verb, request.to);
}

function groundsOf(verb: Verb, request: Move, facts: Facts, to: Phase, { steps, objections }: Path): Grounds {
  const known = facts.evidence.standing.filter((standing) => standing.mismatch);
  return {
    to,
    reason: 'by-operator',
    message: request.reason,
    actor: actorOf(request),
    policy: facts.policy,
    evidence: facts.evidence,
    handled: handledBy(verb, request, steps.at(-1)),
    ...(verb !== 'demote' && {
      verdicts: evaluate(facts).verdicts.map(({ criterion, outcome, message }) => ({ criterion, outcome, message })),
    }),
    ...(request.force === true && {
      forced: true,
      waived: {
        needs: objections.map((objection) => objection.need),
        mismatches: known.map(({ partition, landedAt }) => ({ partition, landedAt })),
      },
    }),
  };
}

function planAll(job: Job, grounds: readonly Grounds[], now: Instant) {
  let current = job;
  const transitions = grounds.map((each) => {
    const record = recordOf(current, each, now);
    current = planTransition(current, each, now);
    return record;
  });
  return answer(job, transitions);
}

function recordOf(job: Job, grounds: Grounds, now: Instant): TransitionRecord {
  const record = planTransition(job, grounds, now).lastTransition;
  if (!record) throw new Error(`the transition of ${job.jobId} to ${grounds.to} left no record`);
  return record;
}

function refuseUnmet(unmet: Objection[]): Refusal & { unmet: Objection[] } {
  return { ...refuse('NeedsNotMet', unmet.map((objection) => objection.message).join('; ')), unmet };
}
