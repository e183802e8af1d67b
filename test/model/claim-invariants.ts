/**
 * What the design's section 8 demands of claims and of the destination, as functions of one state or of one step; the
 * number that each message begins with is the invariant's. They are written from what must be true, and ask the protocol's
 * guards nothing: a guard that is taken away must not take the check with it.
 */
import { type Claim, isPublished, isQuarantined } from '../../lib/domain/claim.ts';
import { type Landing, landingsMatch } from '../../lib/domain/landing.ts';
import { writerMayStand } from '../../lib/domain/phases.ts';
import { toMs } from '../../lib/domain/time.ts';
import { compareTokens, formatToken, parseToken, type Token } from '../../lib/domain/token.ts';
import type { Right } from './actor.ts';
import { NOW } from './calls.ts';
import { canonical } from './interner.ts';
import type { DestinationSlot, JobSlot } from './world.ts';

/** What is broken, in words; `undefined` when all is well. */
export type Broken = string | undefined;

/** One claim, with what the destination shows for its partition. */
export function checkPartition(claim: Claim | null, destination: DestinationSlot | null): Broken {
  if (!claim) return undefined;
  const { production, shadow } = claim;
  if (production && isPublished(claim)) {
    const { token, checksum, system } = production;
    if (destination?.checksum !== checksum || destination.token !== formatToken(token) || destination.by !== system) {
      const shown = destination
        ? `${destination.checksum} of ${destination.by} under ${shorten(destination.token)}`
        : 'nothing';
      return `1: ${claim.partition} counts as published with ${checksum} of ${system} under ${shortToken(token)}, and the destination shows ${shown}`;
    }
  }
  const mismatches = production?.system === 'new' && landingsMatch(production, shadow) === false;
  if (mismatches && !isQuarantined(claim) && !isExpected(claim))
    return `1: ${claim.partition} mismatches in production and is on nobody's worklist`;
  // A right to write shadow has no grant, so a landing tells where its run was told to write.
  if (production?.token.grant === 0 || (shadow && shadow.token.grant > 0))
    return `1: ${claim.partition} holds a landing for one table that was written to the other`;
  return undefined;
}

/** The one difference that the model's policy knows, and said so on the claim. */
function isExpected({ production, shadow, excused }: Claim): boolean {
  return production?.checksum === 'rounded' && shadow?.checksum === 'right' && excused?.rule === 'rounding';
}

/** The rights to write a partition that actors hold at this moment and could land under. */
export function checkRights(claim: Claim | null, rights: readonly (Right & { actor: string })[]): Broken {
  if (!claim || rights.length < 2) return undefined;
  const newest = formatToken(claim);
  const live = rights.filter(({ partition, token }) => partition === claim.partition && token === newest);
  return live.length > 1
    ? `1: ${live.map((right) => right.actor).join(' and ')} both hold the right ${shorten(newest)} to ${claim.partition}`
    : undefined;
}

/** One write of a claim, while the job is as it is; `asked` when it answers an assign. */
export function checkClaimStep(before: Claim | null, after: Claim, { job, past }: JobSlot, asked: boolean): Broken {
  const { partition } = after;
  const landed = before?.production;
  if (after.production && canonical(after.production) !== canonical(landed)) {
    const { system } = after.production;
    if (job.lastTransition?.settled !== false && !writerMayStand(job.phase, system))
      return `1: ${partition} of ${system} is accepted as production in ${job.phase}, after the pass`;
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
    return `1: the newest right to ${partition} goes back from ${shortToken(before)} to ${shortToken(after)}`;
  if (after.writer !== before.writer || after.generation !== before.generation) {
    if (landed?.system === before.writer && !isQuarantined(before)) {
      if (isPublished(before))
        return `1: ${partition} was published by ${before.writer} and right, and is taken from it`;
      if (!asked)
        return `1: ${partition} was landed by ${before.writer}, and is taken from it though nobody asked for it`;
    }
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

/** As people read it: 2.3 for the third grant, of the second generation. Claims are born at `NOW`, and count from there. */
export function shortToken({ generation, grant }: Token): string {
  return `${generation - Math.floor(toMs(NOW) / 1000) + 1}.${grant}`;
}

function shorten(text: string): string {
  const token = parseToken(text);
  return token ? shortToken(token) : text;
}
