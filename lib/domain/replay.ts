/**
 * What a policy would have made of a job's recorded landings: they are told again in the order in which they were accepted,
 * to the same fold and the same `evaluate`, sweep by sweep. Used by the back-test; pure.
 *
 * What a replay can't know: landings that were replaced (except in a quarantine, which keeps the numbers of both sides), and
 * everything that is not a landing. Capacity, holds, pauses, approvals, gates and hooks are taken as given at once, so a
 * replay says what the evidence alone would have led to. Excuses are given anew, by the policy that is replayed.
 */
import { type Claim, isOpen } from './claim.ts';
import { NO_CONTROLS } from './controls.ts';
import { countingRules } from './counting.ts';
import { isExcusable } from './criteria/data-quality.ts';
import type { Decision } from './decision.ts';
import { evaluate } from './evaluate.ts';
import { countSettled, type Evidence, emptyEvidence, foldClaim, recomputeEvidence } from './evidence.ts';
import { createJob, type Job, type JobAttributes } from './job.ts';
import type { Phase } from './phases.ts';
import { planExcuse } from './plan-difference.ts';
import type { Policy } from './policy.ts';
import { retell, type Told, takeOverAgain, tellAgain } from './replay-claims.ts';
import { Wakes } from './replay-wakes.ts';
import type { Instant } from './time.ts';
import { markSettled, planTransition } from './transition.ts';

/** A phase change that was made, or would have been. */
export interface Step {
  at: Instant;
  from: Phase;
  to: Phase;
  message: string;
}

export interface ReplaySettings {
  policy: Policy;
  /** Where the job was when the first of its kept claims was made. */
  phase: Phase;
  /** Since when it was there. */
  since: Instant;
  /** When an operator had the evidence gathered anew, oldest first. */
  restarts: readonly Instant[];
  /** From sweep to sweep. */
  everySeconds: number;
  /** The replay goes no further: e.g. until the old system was stopped. */
  until: Instant;
}

/** What is replayed, as far as it has come. */
interface Course {
  policy: Policy;
  job: Job;
  evidence: Evidence;
  /** Of each partition: the claim as it is kept, and as it is now in the replay. */
  records: ReadonlyMap<string, Claim>;
  images: Map<string, Claim>;
}

type Happening = Told | { kind: 'restarted'; at: Instant };

/** The steps that the job would have taken, oldest first. */
export function replay(job: Job, claims: readonly Claim[], settings: ReplaySettings): Step[] {
  const { phase, since, restarts, everySeconds, until } = settings;
  const policy = withoutPeople(settings.policy);
  const told = tellAgain(claims);
  const first = told[0]?.at;
  if (first === undefined) return [];
  const events = merge(told, restarts);
  const course: Course = {
    policy,
    job: createJob(job.jobId, attributesOf(job), phase, since),
    evidence: emptyEvidence(job.jobId),
    records: new Map(claims.map((claim) => [claim.partition, claim])),
    images: new Map(),
  };
  const wakes = new Wakes(policy, first, everySeconds);
  for (const { at } of told) wakes.afterLanding(at);
  for (const at of restarts) wakes.afterChange({ ...course.job, phaseSince: at });
  wakes.afterChange(course.job);
  const steps: Step[] = [];
  let next = 0;
  for (let now = wakes.next(); now !== undefined && now <= until; now = wakes.next()) {
    for (let event = events[next]; event !== undefined && event.at <= now; event = events[++next])
      happen(course, event);
    const step = sweep(course, now);
    if (!step) continue;
    steps.push(step);
    wakes.afterChange(course.job);
  }
  return steps;
}

function merge(told: readonly Told[], restarts: readonly Instant[]): Happening[] {
  const restarted = restarts.map((at): Happening => ({ kind: 'restarted', at }));
  return [...restarted, ...told].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function happen(course: Course, event: Happening): void {
  const { job, images } = course;
  if (event.kind === 'restarted') {
    course.job = { ...job, epoch: job.epoch + 1, phaseSince: event.at };
    return;
  }
  const { partition } = event.record;
  const known = images.get(partition);
  const image = retell(known, event, job);
  if (image !== known) take(course, image, event.at);
}

/** As `gather` does, with all claims at hand where it has to read them. */
function take(course: Course, image: Claim, at: Instant): void {
  const { images, evidence, policy } = course;
  images.set(image.partition, image);
  const rules = countingRules(policy);
  const outcome = foldClaim(evidence, image, 'current', rules);
  course.evidence =
    outcome.kind === 'folded'
      ? countSettled(outcome.evidence, rules, at)
      : recomputeEvidence(evidence.jobId, [...images.values()], evidence.version, { rules, now: at });
}

/** As an evaluation and the commits after it do. */
function sweep(course: Course, now: Instant): Step | undefined {
  const judge = (): Decision => {
    const { job, evidence, policy } = course;
    return evaluate({ job, evidence, policy, controls: NO_CONTROLS, now });
  };
  let decision = judge();
  if (decision.kind !== 'demote' && excuse(course, now)) decision = judge();
  if (decision.kind === 'promote') decision = judgeOpen(course, now);
  if (decision.kind === 'hold' || !decision.to) return undefined;
  const { from, to, reason, message } = decision;
  const { job, policy, evidence, images, records } = course;
  const actor = { kind: 'automation' as const, sweepId: 'replay' };
  course.job = markSettled(planTransition(job, { to, reason, message, actor, policy, evidence }, now));
  for (const image of [...images.values()]) {
    const record = records.get(image.partition) ?? image;
    const taken = takeOverAgain(image, record, course.job, now);
    if (taken !== image) take(course, taken, now);
  }
  return { at: now, from, to, message };
}

/** The commit step reads the open claims themselves. */
function judgeOpen({ job, evidence, policy, images }: Course, now: Instant): Decision {
  return evaluate({
    job,
    evidence,
    policy,
    controls: NO_CONTROLS,
    now,
    openClaims: [...images.values()].filter(isOpen),
  });
}

/** Whether anything was excused, by the policy that is replayed. */
function excuse(course: Course, now: Instant): boolean {
  const { job, evidence, policy, images } = course;
  const named = evidence.standing.filter((standing) => isExcusable({ job, evidence, policy, now }, standing));
  if (named.length === 0) return false;
  const claims = evidence.overflow ? [...images.values()] : named.map(({ partition }) => images.get(partition));
  for (const claim of claims) {
    const excused = claim && planExcuse(claim, policy.criteria.dataQuality.knownDifferences, now);
    if (excused) take(course, excused, now);
  }
  return true;
}

/** The job as it was registered: what its life has made of it is what the replay is to find. */
function attributesOf({ team, policy, wave, weight, labels, shape, integration, ...job }: Job): JobAttributes {
  const { targets, cadence, dueAfterSeconds } = job;
  return {
    ...{ team, policy, wave, weight, labels, shape, integration },
    ...(targets && { targets }),
    ...(cadence && { cadence }),
    ...(dueAfterSeconds !== undefined && { dueAfterSeconds }),
  };
}

/** Nobody is asked in a replay: neither approvals, nor gates, nor hooks. */
function withoutPeople(policy: Policy): Policy {
  return { ...policy, automation: 'enforce', approvals: {}, hooks: {} };
}
