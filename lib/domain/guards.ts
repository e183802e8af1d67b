/**
 * The named guards of the protocol: each is one condition that stands between a race and a wrong table, and `GUARD_RACES`
 * says which race. Pure code calls them by name, so that the model can remove one and show what breaks. The clauses of
 * conditional writes have their registry in `lib/controller/clauses.ts`.
 */
import type { Claim } from './claim.ts';
import type { Job } from './job.ts';
import type { Landing } from './landing.ts';
import { type Phase, type System, writerMayStand } from './phases.ts';
import type { Token } from './token.ts';

export const guards = {
  writerMayNotStand: (phase: Phase, writer: System): boolean => !writerMayStand(phase, writer),
  claimIsOlderThanJob: (claim: Claim, job: Job): boolean => claim.epoch < job.epoch,
  /** The writer has not landed, or what it landed is to be repaired. */
  productionIsNotSettled: (claim: Claim): boolean =>
    claim.production?.system !== claim.writer ||
    (claim.quarantine !== undefined && claim.quarantine.clearedAt === undefined),
  phaseLetsWriterBegin: (phase: Phase, claim: Claim): boolean => writerMayStand(phase, claim.writer),
  tokenIsOfThisGeneration: (claim: Claim, token: Token): boolean => token.generation === claim.generation,
  tokenIsTheNewestGrant: (claim: Claim, token: Token): boolean => token.grant === claim.grant,
  attemptIsNotLower: (landed: Landing, attempt: number): boolean => attempt >= landed.attempt,
  sameAttemptHasSameContent: (landed: Landing, attempt: number, same: boolean): boolean =>
    attempt !== landed.attempt || same,
  phaseStillGivesProduction: (phase: Phase, system: System): boolean => writerMayStand(phase, system),
  publicationIsOfTheLanding: (landed: Landing, token: Token): boolean =>
    landed.token.generation === token.generation && landed.token.grant === token.grant,
  publicationHasTheContent: (landed: Landing, checksum: string): boolean => landed.checksum === checksum,
  quarantineMayClear: (_claim: Claim, trusted: boolean): boolean => trusted,
};

export type GuardName = keyof typeof guards;

/** What each guard closes. The table in docs/protocol.md is made from this, with the test that fails without it. */
export const GUARD_RACES: Record<GuardName, string> = {
  writerMayNotStand: 'a pass takes a claim from a writer that the phase still lets write',
  claimIsOlderThanJob: 'a pass or an assign that was delayed takes over a claim made after the phase changed again',
  productionIsNotSettled: 'a partition that landed and is right is given to the other system, and written twice',
  phaseLetsWriterBegin:
    'the former writer gets a new right for what it landed, which kills the one it could have finished under',
  tokenIsOfThisGeneration: 'a run that began before a take-over lands after it',
  tokenIsTheNewestGrant:
    'an earlier run of the same system (a zombie) lands after a later one was granted the partition',
  attemptIsNotLower: 'a late message of an earlier attempt replaces a correction',
  sameAttemptHasSameContent: 'two runs share an attempt number with different content, and the last message wins',
  phaseStillGivesProduction: 'a correction lands as production after production was taken from its system',
  publicationIsOfTheLanding: 'a superseded run confirms late, and a publication that was confirmed since is forgotten',
  publicationHasTheContent: 'a run confirms something other than what it landed',
  quarantineMayClear: 'a bad partition leaves the worklist though nobody has repaired it',
};
