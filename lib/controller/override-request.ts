/**
 * What every override has in common: who asks and why, the answer, and when it is a repeat or out of date. The verbs are in
 * `override.ts`; those that move a job go through `override-transit.ts`, the others through `override-change.ts`.
 */
import type { Evaluation } from '../domain/evaluate.ts';
import type { HandledRequest, Job } from '../domain/job.ts';
import type { Need, Phase } from '../domain/phases.ts';
import { type Actor, type HistoryRecord, isTransition, type TransitionRecord } from '../domain/transition.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface OverrideRequest {
  jobId: string;
  actor: string;
  verified: boolean;
  reason: string;
  requestId?: string | undefined;
  expectedVersion?: number | undefined;
  dryRun?: boolean | undefined;
}

/** The alias of each verb's function that only its URL may invoke: who calls by it is vouched for by AWS. */
export const VERIFIED_ALIAS = 'verified';

export type Verb = 'promote' | 'demote' | 'complete' | 'hold' | 'release' | 'restart' | 'approve' | 'retire';

/** What stands against a verb: a need of the transition, or what somebody else has decided. `force` waives it. */
export interface Objection {
  need: Need | 'not-held' | 'not-paused';
  message: string;
}

export interface Overridden {
  job: Job;
  /** The step that was committed, or with `dryRun` would be; the last of several. */
  transition?: TransitionRecord;
  /** All steps, where the verb took more than one. */
  transitions?: TransitionRecord[];
  /** With `dryRun`: what the verb would be refused for. */
  unmet?: Objection[];
  /** What automation will do with the job now. */
  next?: string;
}

export type OverrideResult = Overridden | (Refusal & { job?: Job; unmet?: Objection[] });

export type Facts = Evaluation;

export function actorOf({ actor, verified, requestId }: Omit<OverrideRequest, 'jobId'>): Actor {
  return { kind: 'operator', name: actor, verified, ...(requestId !== undefined && { requestId }) };
}

/** What the job remembers of a request, so that its repeat is known whatever happened in between. */
export function handledBy(verb: Verb, { requestId }: OverrideRequest, to?: Phase): Omit<HandledRequest, 'version'>[] {
  return requestId === undefined ? [] : [{ id: requestId, verb, ...(to !== undefined && { to }) }];
}

export function findHandled(job: Job, { requestId }: OverrideRequest): HandledRequest | undefined {
  return requestId === undefined ? undefined : job.requests?.findLast((handled) => handled.id === requestId);
}

/** The answer to a repeat: the job as it is now, and the record that the request had made. */
export async function answerRepeat(
  ports: Pick<Ports, 'jobs'>,
  job: Job,
  handled: HandledRequest,
  verb: Verb,
  to?: Phase,
): Promise<OverrideResult> {
  if (!isSameRequest(handled, verb, to)) {
    const name = (was: string, phase: Phase | undefined) => (phase ? `${was} to ${phase}` : was);
    const message = `requestId: ${handled.id} was a ${name(handled.verb, handled.to)} of ${job.jobId}, and this is a ${name(verb, to)}: give each request an id of its own`;
    return { ...refuse('RequestIdReused', message, 'requestId'), job };
  }
  const found = await findRecords(ports, job, handled);
  return answer(
    job,
    // Copies in the history were made before it was so.
    found.filter(isTransition).map((record) => ({ ...record, settled: true })),
  );
}

export function isSameRequest(handled: HandledRequest, verb: Verb, to: Phase | undefined): boolean {
  return handled.verb === verb && (to === undefined || handled.to === to);
}

export function answer(job: Job, transitions: readonly TransitionRecord[]): Overridden {
  const transition = transitions.at(-1);
  return {
    job,
    ...(transition && { transition }),
    ...(transitions.length > 1 && { transitions: [...transitions] }),
  };
}

/** What the request did, in order. The newest records are on the job; older ones were copied before they were overwritten. */
async function findRecords(ports: Pick<Ports, 'jobs'>, job: Job, handled: HandledRequest): Promise<HistoryRecord[]> {
  const ofRequest = ({ actor }: HistoryRecord) => actor.kind === 'operator' && actor.requestId === handled.id;
  const last = [job.lastTransition, job.lastOverride].filter((record) => record?.version === handled.version);
  const mayBeOneOfSeveral = handled.verb === 'demote';
  if (last[0] && !mayBeOneOfSeveral) return [last[0]];
  const listed = (await ports.jobs.listHistory(job.jobId, RECORDS_SEARCHED)).filter(ofRequest);
  return listed.sort((a, b) => a.version - b.version);
}

/** More than the requests that a job remembers, with what automation did in between. */
const RECORDS_SEARCHED = 50;

export function refuseStale(job: Job, { expectedVersion }: OverrideRequest): (Refusal & { job: Job }) | undefined {
  if (expectedVersion === undefined || expectedVersion === job.version) return undefined;
  const message = `expectedVersion: ${expectedVersion}, but ${job.jobId} is at ${job.version} (${job.phase}): look again`;
  return { ...refuse('VersionConflict', message, 'expectedVersion'), job };
}

export function refuseRetired(job: Job): (Refusal & { job: Job }) | undefined {
  if (!job.retired) return undefined;
  const { actor, at, reason } = job.retired;
  const message = `${job.jobId} was retired by ${actor} at ${at} (${reason}), which is final: register the job under another id`;
  return { ...refuse('Retired', message), job };
}
