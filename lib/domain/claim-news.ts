/**
 * Which revisions of a claim are events; most tell nothing. Apart from `tell.ts`, which makes the events, so that who only
 * writes claims carries no schemas.
 */
import type { Claim } from './claim.ts';

/** By a claim's own instants: each is its `changedAt` in the one revision that set it, since no two share that. */
export function findClaimNews({ changedAt, takenOverAt, quarantine }: Claim) {
  return {
    reassigned: takenOverAt === changedAt,
    quarantineOpened: quarantine?.openedAt === changedAt,
    quarantineCleared: quarantine?.clearedAt === changedAt,
  };
}

export function isNews(claim: Claim): boolean {
  return Object.values(findClaimNews(claim)).includes(true);
}
