/**
 * The condition clauses of every write, by name, with the race each closes. A store is given names, never expressions:
 * `lib/aws/conditions.ts` says each in DynamoDB's language, the in-memory store as a predicate, and one contract suite
 * holds both to the same behaviour. The guards of pure code have their registry in `lib/domain/guards.ts`.
 */
export const CLAUSES = {
  'job-is-absent': 'two registrations create the same job, and the later one puts it back to the start',
  'job-version-unchanged': 'a change is made from a job that a sweep or an operator has changed since (hold, demotion)',
  'job-phase-unchanged': 'an item restored or written by hand carries the expected version with another phase',
  'claim-is-absent': 'two first assigns of a partition both create its claim, and the second resets the first',
  'claim-revision-unchanged': 'two writers of one claim (assign, land, published, take-over) overwrite each other',
  'history-is-absent': 'a late copy of a record overwrites one already in the history',
  'evidence-version-unchanged': 'two gathers of one job overwrite each other, and a pair is lost or counted twice',
  'controls-version-unchanged': 'a resume overwrites a pause that was made in between',
  'ledger-is-absent': 'a repeated delivery of a sweep, or two sweeps at once, give the same room away twice',
  'sweep-is-unfinished': 'the last two groups of a sweep, or the next sweep, each tell its end, with other numbers',
  'summary-is-newer': 'a late evaluation overwrites the summary of a newer one',
} as const;
export type ClauseName = keyof typeof CLAUSES;

/** A conditional write took place, or which clause did not hold. */
export type Written = { written: true } | { written: false; lost: ClauseName };
export const WRITTEN: Written = { written: true };
export function lostTo(lost: ClauseName): Written {
  return { written: false, lost };
}
