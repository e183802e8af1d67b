/**
 * What becomes of a claim when a landing or a publication arrives. Refusals are values with a code and a message that says
 * what to do next. Pure; `lib/controller/land.ts` writes the answer.
 */
import { type Claim, isQuarantined, revise, settleClaim } from './claim.ts';
import { guards } from './guards.ts';
import { type Landing, type LandingReport, sameContent, type Table } from './landing.ts';
import { type Phase, type System, shadowWriter } from './phases.ts';
import type { Instant } from './time.ts';
import { compareTokens, formatToken, type Token } from './token.ts';

export type LandRefusal = 'Fenced' | 'AttemptConflict' | 'Superseded';

export type LandOutcome =
  | { kind: 'accepted'; table: Table; next: Claim }
  | { kind: 'repeated'; table: Table }
  | { kind: 'refused'; code: LandRefusal; message: string };

/** Whether `planLand` needs the job's phase: only to replace an accepted production landing. */
export function landingNeedsPhase(claim: Claim, system: System): boolean {
  return claim.writer === system && claim.production !== undefined;
}

/**
 * @param phase the job's phase, read strongly after the claim; wanted where `landingNeedsPhase` says so.
 */
export function planLand(
  claim: Claim,
  system: System,
  token: Token,
  report: LandingReport,
  phase: Phase | undefined,
  now: Instant,
): LandOutcome {
  const table: Table = claim.writer === system ? 'production' : 'shadow';
  const held = [claim.production, claim.shadow].find((landing) => landing?.system === system);
  if (held && isRepeat(held, token, report))
    return { kind: 'repeated', table: held === claim.production ? 'production' : 'shadow' };
  if (!guards.tokenIsOfThisGeneration(claim, token)) return fenced(claim, token);
  return table === 'production'
    ? landProduction(claim, system, token, report, phase, now)
    : landShadow(claim, system, token, report, now);
}

function isRepeat(held: Landing, token: Token, report: LandingReport): boolean {
  const sameAttempt = report.attempt === undefined || report.attempt === held.attempt;
  return compareTokens(held.token, token) === 0 && sameAttempt && sameContent(held, report);
}

function landProduction(
  claim: Claim,
  system: System,
  token: Token,
  report: LandingReport,
  phase: Phase | undefined,
  now: Instant,
): LandOutcome {
  const held = claim.production;
  if (held?.system === system && compareTokens(held.token, token) === 0) {
    return conflict(held, `token ${formatToken(token)} has already landed attempt ${held.attempt} with other content`);
  }
  if (!guards.tokenIsTheNewestGrant(claim, token)) return fenced(claim, token);
  const own = held?.system === system ? held : undefined;
  const attempt = report.attempt ?? (own ? own.attempt + 1 : 1);
  const refusal = own && refuseAttempt(own, attempt, report);
  if (refusal) return refusal;
  if (held && phase !== undefined && !guards.phaseStillGivesProduction(phase, system)) {
    return {
      kind: 'refused',
      code: 'Superseded',
      message: `the job is in ${phase}, where ${system} does not write production; its landing of attempt ${held.attempt} stands: throw this output away`,
    };
  }
  const landing: Landing = { ...report, system, token, attempt, acceptedAt: now };
  const { shadow, ...rest } = claim;
  const compared = isCompared(claim, phase) && shadow ? { shadow } : {};
  const next = revise({ ...rest, ...compared }, { production: landing, rightOutstanding: false }, now);
  return { kind: 'accepted', table: 'production', next: settleClaim(next) };
}

/** Where nobody writes shadow any more, a correction is not held against what the other system landed when it still ran. */
function isCompared(claim: Claim, phase: Phase | undefined): boolean {
  return phase === undefined || shadowWriter(phase) !== undefined || isQuarantined(claim);
}

function landShadow(claim: Claim, system: System, token: Token, report: LandingReport, now: Instant): LandOutcome {
  if (claim.production?.system === system) return fenced(claim, token);
  const held = claim.shadow;
  const attempt = report.attempt ?? (held ? held.attempt : 1);
  const refusal = held && refuseAttempt(held, attempt, report);
  if (refusal) return refusal;
  const landing: Landing = { ...report, system, token, attempt, acceptedAt: now };
  return { kind: 'accepted', table: 'shadow', next: settleClaim(revise(claim, { shadow: landing }, now)) };
}

function refuseAttempt(held: Landing, attempt: number, report: LandingReport): LandOutcome | undefined {
  if (!guards.attemptIsNotLower(held, attempt)) {
    return {
      kind: 'refused',
      code: 'Fenced',
      message: `attempt ${attempt} is older than the accepted attempt ${held.attempt}: throw this output away`,
    };
  }
  if (!guards.sameAttemptHasSameContent(held, attempt, sameContent(held, report))) {
    return conflict(held, `attempt ${attempt} was accepted with other content`);
  }
  return undefined;
}

function conflict(held: Landing, what: string): LandOutcome {
  return {
    kind: 'refused',
    code: 'AttemptConflict',
    message: `${what} (${held.rowCount} rows, checksum ${held.checksum}): to correct it, assign again and land a higher attempt`,
  };
}

function fenced(claim: Claim, token: Token): LandOutcome {
  const newest = formatToken({ generation: claim.generation, grant: claim.grant });
  return {
    kind: 'refused',
    code: 'Fenced',
    message: `token ${formatToken(token)} is not the newest right (${newest}, writer ${claim.writer}): throw this output away and assign again`,
  };
}

export type PublishOutcome =
  | { kind: 'accepted'; next: Claim }
  | { kind: 'repeated' }
  | { kind: 'refused'; code: 'Fenced' | 'NotLanded' | 'ChecksumMismatch'; message: string };

/** A writer confirms that its accepted landing is visible at the destination. */
export function planPublished(
  claim: Claim,
  system: System,
  token: Token,
  checksum: string,
  now: Instant,
): PublishOutcome {
  const landed = claim.production;
  if (!landed) {
    return {
      kind: 'refused',
      code: 'NotLanded',
      message: 'no landing was accepted as production: land it before publishing',
    };
  }
  if (landed.system !== system || !guards.publicationIsOfTheLanding(landed, token)) {
    return {
      kind: 'refused',
      code: 'Fenced',
      message: `token ${formatToken(token)} is not the accepted landing's (${landed.system}, ${formatToken(landed.token)}): the destination must have refused it too`,
    };
  }
  if (!guards.publicationHasTheContent(landed, checksum)) {
    return {
      kind: 'refused',
      code: 'ChecksumMismatch',
      message: `checksum ${checksum} was published, ${landed.checksum} was landed: publish what was landed, or assign again`,
    };
  }
  const known = claim.published;
  if (known && compareTokens(known.token, token) === 0) return { kind: 'repeated' };
  const next = revise(claim, { published: { system, token, checksum, at: now } }, now);
  return { kind: 'accepted', next: settleClaim(next) };
}
