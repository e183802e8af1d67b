/** The named clauses of `lib/controller/clauses.ts` as predicates on what is stored. Removing one by name removes it here. */
import { type ClauseName, lostTo, WRITTEN, type Written } from '../../lib/controller/clauses.ts';
import { freeze } from './state.ts';

/** What clauses look at; absent numbers stand for a record that is not there. */
interface Compared {
  version?: number;
  phase?: string;
  revision?: number;
  readAt?: string;
}

type Predicate = (stored: Compared | undefined, expected: Compared) => boolean;

const isAbsent: Predicate = (stored) => stored === undefined;

const HOLDS: Record<ClauseName, Predicate> = {
  'job-is-absent': isAbsent,
  'job-version-unchanged': (stored, expected) => stored?.version === expected.version,
  'job-phase-unchanged': (stored, expected) => stored?.phase === expected.phase,
  'claim-is-absent': isAbsent,
  'claim-revision-unchanged': (stored, expected) => stored?.revision === expected.revision,
  'history-is-absent': isAbsent,
  'evidence-version-unchanged': (stored, expected) => (stored?.version ?? 0) === expected.version,
  'controls-version-unchanged': (stored, expected) => (stored?.version ?? 0) === expected.version,
  'ledger-is-absent': isAbsent,
  'sweep-is-unfinished': isAbsent,
  'summary-is-newer': (stored, expected) => (stored?.readAt ?? '') < (expected.readAt ?? ''),
};

/** Puts the record on these conditions; the first that does not hold is what the race was lost to. */
export function putOn<T extends object>(
  table: Map<string, T>,
  key: string,
  record: T,
  clauses: readonly ClauseName[],
  expected: Compared,
  without?: ClauseName,
): Written {
  const stored = table.get(key) as Compared | undefined;
  const lost = clauses.find((clause) => clause !== without && !HOLDS[clause](stored, expected));
  if (lost !== undefined) return lostTo(lost);
  table.set(key, freeze(record));
  return WRITTEN;
}
