/**
 * A measure that one system reports and the other does not: then nobody knows what the silent side would have said, and a
 * system could get rid of its dear runs that way. Tests and limits that judge alone ask here, so that both mean the same.
 */
import type { Pair } from '../evidence/pair.ts';
import type { Finding } from './finding.ts';

/** Pairs that only one side has measured, of the newest so many, that make a measure one-sided; or the newest alone. */
export const GAPS = 3;
export const GAPS_OF = 12;

/**
 * Why a measure is one-sided; `undefined` when it is not. A backfill may come from a tool that measures nothing.
 * @param pairs newest first, none of them one that waits for its other side.
 */
export function findGap(pairs: readonly Pair[], isOneSided: (pair: Pair) => boolean): string | undefined {
  const looked = pairs.filter((pair) => pair.newLandedAt !== undefined && !pair.backfill).slice(0, GAPS_OF);
  const gaps = looked.filter(isOneSided);
  const [gap] = gaps;
  if (!gap || (gap !== looked[0] && gaps.length < GAPS)) return undefined;
  return `only one system reports it, in ${gaps.length} of the newest ${looked.length} pairs, e.g. ${gap.partition} (${GAPS - 1} allowed, and not the newest)`;
}

/** A proof stands whoever is silent; anything less is missing. */
export function withGap(found: Finding, gap: string | undefined): Finding {
  if (gap === undefined || found.outcome === 'fail' || found.outcome === 'not-applicable') return found;
  return { ...found, outcome: 'missing', message: `${gap}; ${found.message}` };
}
