/** A sweep that has ended: one record for each, written once, by whoever finds that nothing of it is left to come. */
import type { AttentionKind } from './attention.ts';
import type { Phase } from './phases.ts';
import type { Instant } from './time.ts';

export interface FinishedSweep {
  sweepId: string;
  scheduledAt: Instant;
  startedAt: Instant;
  finishedAt: Instant;
  groups: number;
  /** Of the groups, those that have accounted for themselves; fewer where one died and the next sweep found it so. */
  accounted: number;
  /** Weight that was promoted into each phase, or may have been. */
  promotedWeight: Partial<Record<Phase, number>>;
  demotions: number;
  /** As its evaluations saw them, before its promotions. */
  jobs: Partial<Record<Phase, number>>;
  attention: Partial<Record<AttentionKind, number>>;
}

export function sumCounts<K extends string>(all: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>> {
  const sum: Partial<Record<K, number>> = {};
  for (const [key, count] of all.flatMap((counts) => Object.entries(counts) as [K, number][])) {
    sum[key] = (sum[key] ?? 0) + count;
  }
  return sum;
}
