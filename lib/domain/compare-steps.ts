/** How the steps of a replay differ from those that were made. Used by the back-test; pure. */
import type { Phase } from './phases.ts';
import type { Step } from './replay.ts';
import { type Instant, secondsBetween } from './time.ts';

/** One step that happened, would have, or both at different times. */
export interface StepDifference {
  from: Phase;
  to: Phase;
  /** Which of the job's steps of this kind it is: 1 is the first. */
  nth: number;
  /** When it happened; absent when it did not. */
  actualAt?: Instant;
  /** When it would have; absent when it would not. */
  replayedAt?: Instant;
}

/**
 * What differs by more than `toleranceSeconds`: a replay's sweeps are not those that were. What only one of them had done
 * so shortly before the end, the other may be about to do.
 */
export function compareSteps(
  actual: readonly Step[],
  replayed: readonly Step[],
  toleranceSeconds: number,
  until: Instant,
): StepDifference[] {
  const pairs = new Map<string, StepDifference>();
  for (const [steps, side] of [
    [actual, 'actualAt'],
    [replayed, 'replayedAt'],
  ] as const) {
    const counts = new Map<string, number>();
    for (const { from, to, at } of steps) {
      const step = `${from} ${to}`;
      const nth = (counts.get(step) ?? 0) + 1;
      counts.set(step, nth);
      const key = `${step} ${nth}`;
      pairs.set(key, { ...(pairs.get(key) ?? { from, to, nth }), [side]: at });
    }
  }
  return [...pairs.values()].filter(
    ({ actualAt = until, replayedAt = until }) => Math.abs(secondsBetween(actualAt, replayedAt)) > toleranceSeconds,
  );
}
