/**
 * Who writes the production table for one partition. A claim and both systems' landings are one record, so that each
 * race about a partition is settled by one conditional write on it. Pure: these functions answer the next record, the
 * controller writes it on the condition that the one it was made from is unchanged (`revision`).
 */
import { type Difference, type Excuse, isExcused } from './difference.ts';
import { guards } from './guards.ts';
import type { Job } from './job.ts';
import { type Landing, landingsMatch } from './landing.ts';
import { productionWriter, type System, shadowWriter } from './phases.ts';
import { earlierOf, type Instant, laterOf, toInstant, toMs } from './time.ts';
import { compareTokens, type Token } from './token.ts';

export interface Claim {
  jobId: string;
  partition: string;
  writer: System;
  /** The job's epoch when this writer got the claim. For evidence, never for fencing. */
  epoch: number;
  /**
   * Rises when the writer changes. It begins at the epoch second of the claim's birth, so that a claim that is made again
   * after the first has expired still has the newer tokens: a destination may remember longer than the table does.
   */
  generation: number;
  /** Rises at each production assign, so the newest run wins; never falls, also not with a new generation. */
  grant: number;
  /** A right to write production was given, and neither used by a landing nor withdrawn. */
  rightOutstanding: boolean;
  /** From when both sides' lag is measured: the earliest `readyAt` that any assign named, by default the claim's birth. */
  readyAt: Instant;
  claimedAt: Instant;
  /** When this record last changed; rises with `revision`, whatever the clocks of two writers say. */
  changedAt: Instant;
  revision: number;
  production?: Landing;
  shadow?: Landing;
  published?: Publication;
  /** The writer changed since the claim was made. */
  takenOverAt?: Instant;
  /** Taken over when its new writer's shadow output was already there: published by nobody until this writer acts. */
  reassignedAt?: Instant;
  quarantine?: Quarantine;
  /** What a comparison of the rows found about a mismatch. */
  difference?: Difference;
  /** The mismatch is a known difference of the job's policy. */
  excused?: Excuse;
  /** Both systems reported production for this partition (integration `reported` only). */
  splitWriter?: { system: System; landedAt: Instant; checksum: string };
}

export interface Publication {
  system: System;
  token: Token;
  checksum: string;
  at: Instant;
}

/** A pair that mismatched while production was the new system's. Both numbers are kept, because the landings may go. */
export interface Quarantine {
  openedAt: Instant;
  old: { rowCount: number; checksum: string };
  new: { rowCount: number; checksum: string };
  clearedAt?: Instant;
}

export type OwedReason = 'not-landed' | 'not-published' | 'reassigned' | 'quarantined';

/** A new claim. When the asker is the writer, its right is given with it: one write less for the usual case. */
export function openClaim(
  job: Job,
  partition: string,
  asker: System,
  readyAt: Instant | undefined,
  now: Instant,
): Claim {
  const writer = productionWriter(job.phase);
  return {
    jobId: job.jobId,
    partition,
    writer,
    epoch: job.epoch,
    generation: Math.floor(toMs(now) / 1000),
    grant: asker === writer ? 1 : 0,
    rightOutstanding: asker === writer,
    readyAt: readyAt === undefined ? now : earlierOf(readyAt, now),
    claimedAt: now,
    changedAt: now,
    revision: 1,
  };
}

/** The next revision of a claim. Rejected: the bare clock, which two writers do not share. */
export function revise(claim: Claim, changes: Partial<Claim>, now: Instant): Claim {
  const after = toInstant(toMs(claim.changedAt) + 1);
  return { ...claim, ...changes, changedAt: laterOf(now, after), revision: claim.revision + 1 };
}

export function isQuarantined(claim: Claim): boolean {
  return claim.quarantine !== undefined && claim.quarantine.clearedAt === undefined;
}

/** The production landing is visible at the destination, as far as its writer has confirmed. */
export function isPublished(claim: Claim): boolean {
  return (
    claim.production !== undefined &&
    claim.published !== undefined &&
    compareTokens(claim.published.token, claim.production.token) === 0
  );
}

/** Why the partition still has to be published, and since when; `undefined` when nothing is owed. */
export function owedReason(claim: Claim): { reason: OwedReason; since: Instant } | undefined {
  if (isQuarantined(claim)) return { reason: 'quarantined', since: claim.quarantine?.openedAt ?? claim.changedAt };
  if (claim.reassignedAt !== undefined) return { reason: 'reassigned', since: claim.reassignedAt };
  if (claim.production === undefined) return { reason: 'not-landed', since: claim.claimedAt };
  if (!isPublished(claim)) return { reason: 'not-published', since: claim.production.acceptedAt };
  return undefined;
}

/**
 * Open claims are what a commit has to look at itself: a right is out, something is owed, or the pair mismatches, which the
 * evidence may not know yet.
 */
export function isOpen(claim: Claim): boolean {
  const mismatches = landingsMatch(claim.production, claim.shadow) === false && !isExcused(claim);
  return claim.rightOutstanding || owedReason(claim) !== undefined || mismatches;
}

/**
 * What becomes of a claim whose writer the job's phase no longer lets stand; `undefined` when nothing has to change.
 * Not landed, or quarantined: the other system takes it over. Landed: it stays, and a right given after the landing is
 * withdrawn, since a landing under it would be accepted after production was taken away. Landed and never published, it is
 * taken over only when the system that the phase names asks for it: most often the publication is merely under way.
 */
export function planTakeOver(claim: Claim, job: Job, now: Instant, asker?: System): Claim | undefined {
  if (!guards.writerMayNotStand(job.phase, claim.writer)) return undefined;
  if (!guards.claimIsOlderThanJob(claim, job)) return undefined;
  const wanted = asker === productionWriter(job.phase) && !isPublished(claim);
  if (!wanted && !guards.productionIsNotSettled(claim)) {
    if (!claim.rightOutstanding) return undefined;
    return revise(claim, { grant: claim.grant + 1, rightOutstanding: false }, now);
  }
  const writer = productionWriter(job.phase);
  const { shadow, reassignedAt: _, ...rest } = claim;
  const owes = shadow !== undefined && shadow.system === writer;
  const next = revise(
    rest,
    {
      writer,
      epoch: job.epoch,
      generation: claim.generation + 1,
      grant: claim.grant + 1,
      rightOutstanding: false,
    },
    now,
  );
  return { ...next, takenOverAt: next.changedAt, ...(owes && { reassignedAt: next.changedAt }) };
}

/** What an assign answers: where this system may write the partition. */
export interface Assignment {
  write: 'production' | 'shadow' | 'nothing';
  token?: Token;
  /** The landing of this system that the claim already holds. */
  landed?: Landing;
}

/** The claim after this system asked for it (the same object when nothing changes), and the answer. */
export function planAssign(
  claim: Claim,
  job: Job,
  system: System,
  readyAt: Instant | undefined,
  now: Instant,
): { next: Claim; assignment: Assignment } {
  const earlier = readyAt !== undefined && readyAt < claim.readyAt ? { readyAt } : {};
  const landed = [claim.production, claim.shadow].find((landing) => landing?.system === system);
  const keep = () => (earlier.readyAt === undefined ? claim : revise(claim, earlier, now));

  if (claim.writer !== system) {
    const compared = shadowWriter(job.phase) !== undefined && claim.production?.system !== system;
    if (!compared) return { next: keep(), assignment: { write: 'nothing', ...(landed && { landed }) } };
    const token = { generation: claim.generation, grant: 0 };
    return { next: keep(), assignment: { write: 'shadow', token, ...(landed && { landed }) } };
  }
  if (!guards.phaseLetsWriterBegin(job.phase, claim)) {
    // Landed before production was taken away. It may finish what was accepted, under the token that was accepted.
    if (claim.production?.system === system && !isPublished(claim)) {
      return {
        next: keep(),
        assignment: { write: 'production', token: claim.production.token, landed: claim.production },
      };
    }
    return { next: keep(), assignment: { write: 'nothing', ...(landed && { landed }) } };
  }
  const next = revise(claim, { ...earlier, grant: claim.grant + 1, rightOutstanding: true }, now);
  const token = { generation: next.generation, grant: next.grant };
  return { next, assignment: { write: 'production', token, ...(landed && { landed }) } };
}

/** Marks, keeps or clears the quarantine and the debt, after any accepted landing or publication. */
export function settleClaim(claim: Claim): Claim {
  const pairMatches = landingsMatch(claim.production, claim.shadow);
  const acceptable = pairMatches === true || isExcused(claim);
  if (pairMatches === false && !acceptable && claim.production?.system === 'new' && !isQuarantined(claim)) {
    return quarantineClaim(claim);
  }
  if (!isPublished(claim) || claim.production?.system !== claim.writer) return claim;
  const trusted = claim.production.system === 'old' || acceptable;
  let next = claim;
  if (isQuarantined(claim) && claim.quarantine && guards.quarantineMayClear(claim, trusted)) {
    next = { ...next, quarantine: { ...claim.quarantine, clearedAt: claim.changedAt } };
  }
  if (next.reassignedAt !== undefined) {
    const { reassignedAt: _, ...rest } = next;
    next = rest;
  }
  return next;
}

function quarantineClaim(claim: Claim): Claim {
  const { production, shadow } = claim;
  if (!production || !shadow) return claim;
  const numbers = ({ rowCount, checksum }: Landing) => ({ rowCount, checksum });
  return {
    ...claim,
    grant: claim.grant + 1,
    rightOutstanding: false,
    quarantine: { openedAt: claim.changedAt, old: numbers(shadow), new: numbers(production) },
  };
}
