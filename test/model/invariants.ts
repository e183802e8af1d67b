/**
 * The invariants of the design's section 8 that the protocol owes, as functions of one state or of one step, each with
 * the number it has there. They are written from what must be true, and ask the protocol's guards nothing: a guard that is
 * taken away must not take the check with it.
 */
import { type Claim, isPublished, isQuarantined } from '../../lib/domain/claim.ts';
import { activePause, type Controls } from '../../lib/domain/controls.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { activeHold, type Job } from '../../lib/domain/job.ts';
import { type Landing, landingsMatch } from '../../lib/domain/landing.ts';
import { findTransition, writerMayStand } from '../../lib/domain/phases.ts';
import { compareTokens, formatToken } from '../../lib/domain/token.ts';
import type { Node, Right } from './actor.ts';
import { NOW, POLICY } from './calls.ts';
import { canonical } from './interner.ts';
import type { DestinationSlot, JobSlot } from './world.ts';

/** What is broken, in words; `undefined` when all is well. */
export type Broken = string | undefined;

/** One claim, with what the destination shows for its partition. */
export function checkPartition(claim: Claim | null, destination: DestinationSlot | null): Broken {
  if (!claim) return undefined;
  const { production, shadow } = claim;
  if (production && isPublished(claim)) {
    const shows = destination && `${destination.checksum} under ${destination.token}`;
    if (destination?.checksum !== production.checksum || destination.token !== formatToken(production.token))
      return `1: ${claim.partition} counts as published with ${production.checksum}, the destination shows ${shows}`;
  }
  if (production?.system === 'new' && landingsMatch(production, shadow) === false && !isQuarantined(claim))
    return `1: ${claim.partition} mismatches in production and is on nobody's worklist`;
  // A right to write shadow has no grant, so a landing tells where its run was told to write.
  if (production?.token.grant === 0 || (shadow && shadow.token.grant > 0))
    return `1: ${claim.partition} holds a landing for one table that was written to the other`;
  return undefined;
}

/** The rights to write a partition that actors hold at this moment and could land under. */
export function checkRights(claim: Claim | null, rights: readonly (Right & { actor: string })[]): Broken {
  if (!claim || rights.length < 2) return undefined;
  const newest = formatToken(claim);
  const live = rights.filter(({ partition, token }) => partition === claim.partition && token === newest);
  return live.length > 1
    ? `1: ${live.map((right) => right.actor).join(' and ')} both hold ${newest} of ${claim.partition}`
    : undefined;
}

/** One write of a claim, while the job is as it is. */
export function checkClaimStep(before: Claim | null, after: Claim, { job, past }: JobSlot): Broken {
  const { partition } = after;
  const landed = before?.production;
  if (after.production && canonical(after.production) !== canonical(landed)) {
    const { system } = after.production;
    if (job.lastTransition?.settled !== false && !writerMayStand(job.phase, system))
      return `1: ${partition} of ${system} is accepted as production in ${job.phase}, after the pass`;
    if (landed && landed.system !== system && before && !isQuarantined(before))
      return `1: ${partition} was landed by ${landed.system} and right, and is written again by ${system}`;
    if (landed?.system === system && compareTokens(after.production.token, landed.token) <= 0)
      return `1: ${partition} landed under a right that is not newer than the one before it`;
  }
  if (landed && !after.production) return `1: an accepted landing of ${partition} is forgotten`;
  const rewritten = rewritesAttempt(landed, after.production) ?? rewritesAttempt(before?.shadow, after.shadow);
  if (rewritten) return `1: ${partition}: ${rewritten}`;
  if (!before) return undefined;
  if (isPublished(before) && !isPublished(after) && canonical(landed) === canonical(after.production))
    return `1: ${partition} was confirmed as published, and no longer counts as it`;
  if (after.generation < before.generation || after.grant < before.grant)
    return `1: the newest right to ${partition} goes back from ${formatToken(before)} to ${formatToken(after)}`;
  if (after.writer !== before.writer || after.generation !== before.generation) {
    const since = [...past, job].filter((known) => known.epoch > before.epoch);
    if (since.every((known) => writerMayStand(known.phase, before.writer)))
      return `1: ${partition} is taken from ${before.writer}, which no phase since ${before.epoch} forbids`;
  }
  return undefined;
}

function rewritesAttempt(before: Landing | undefined, after: Landing | undefined): Broken {
  if (!before || !after || before.system !== after.system) return undefined;
  if (after.attempt < before.attempt) return `attempt ${after.attempt} replaces attempt ${before.attempt}`;
  if (after.attempt === before.attempt && after.checksum !== before.checksum)
    return `attempt ${after.attempt} changes from ${before.checksum} to ${after.checksum}`;
  return undefined;
}

/** One write of the job, by an actor that got these answers before it. */
export function checkJobStep({ job: before }: JobSlot, { job: after }: JobSlot, answers: Node['answers']): Broken {
  if (after.version !== before.version + 1)
    return `2: a change made from version ${after.version - 1} replaces version ${before.version}`;
  const last = after.lastTransition;
  const moved = last?.version !== before.lastTransition?.version;
  if (!moved && (after.phase !== before.phase || after.epoch !== before.epoch))
    return `2: the job goes from ${before.phase} to ${after.phase} without a transition`;
  if (moved && last) {
    if (!findTransition(before.phase, after.phase) || last.from !== before.phase || last.to !== after.phase)
      return `2: the job goes from ${before.phase} to ${after.phase} and records ${last.from} -> ${last.to}`;
    if (after.epoch !== before.epoch + 1 || last.version !== after.version)
      return '2: a transition is not one epoch and one version';
    if (last.type === 'promotion' && last.actor.kind === 'automation' && last.actor.sweepId === 'sweep')
      return checkPromotion(before, after, answers);
  }
  const released = after.lastOverride?.type === 'released' && after.lastOverride.version === after.version;
  return before.hold && !after.hold && !released ? '4: an acknowledged hold is lost' : undefined;
}

/** Judged again here: on the job that is replaced, and on what the commit step read of the rest. */
function checkPromotion(job: Job, after: Job, answers: Node['answers']): Broken {
  const lastOf = <T>(method: string) =>
    answers.findLast(({ call }) => call.method === method || `${call.port}.${call.method}` === method)?.answer as
      | T
      | undefined;
  const controls = lastOf<Controls>('getControls');
  const evidence = lastOf<Evidence>('evidence.get');
  if (!controls || !evidence) return '3: a promotion is committed on facts that were not read';
  if (activeHold(job, NOW)) return '4: a promotion is committed although a hold was acknowledged';
  if (activePause(controls, NOW))
    return '4: a promotion is committed although a pause was acknowledged before it began';
  const listings = answers.filter(({ call }) => call.method === 'listOpen');
  const openClaims = new Map(listings.map(({ call, answer }) => [call.slot, answer as Claim[]]));
  const facts = { job, evidence, controls, policy: POLICY, now: NOW, openClaims: [...openClaims.values()].flat() };
  const decision = evaluate(facts);
  return decision.kind === 'promote' && decision.to === after.phase
    ? undefined
    : `3: a promotion is committed although ${decision.message}`;
}

/** One write of the controls: who resumes has seen the pause that it ends. */
export function checkControlsStep(before: Controls, after: Controls, answers: Node['answers']): Broken {
  const seen = answers.findLast(({ call }) => call.method === 'getControls')?.answer;
  const undone = before.pause && canonical(after.pause) !== canonical(before.pause);
  return undone && canonical(seen) !== canonical(before) ? '4: an acknowledged pause is undone unseen' : undefined;
}
