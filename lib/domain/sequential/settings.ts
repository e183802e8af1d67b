/**
 * What a policy may set about the sequential tests of one noisy measure (lag, compute, stored bytes, a custom metric). The
 * first three shape the numbers that are folded, so a state belongs to them (`isFoldedUnder`); the others are only read
 * when a state is judged and may change at any time.
 */

export interface FoldSettings {
  /** New may be slower than old by this share before it counts as worse at all; 0.05 is 5 %. */
  tolerance: number;
  /** The regression that must be ruled out before a promotion, as new over old; above `1 + tolerance`. */
  detectableRatio: number;
  /** Added to both sides before they are compared, in the measure's unit, so that 2 s against 3 s is no regression. */
  floor: number;
}

export interface SequentialSettings extends FoldSettings {
  /** A regression is proven when the evidence reaches this; a job within the tolerance is condemned once in so many landings or more rarely. */
  threshold: number;
  /** The chance, or less, that a job as slow as `detectableRatio` ever passes. */
  alpha: number;
  /** Measured pairs that a pass needs. */
  minPairs: number;
}

/**
 * Tuned on seeds that the published tables do not use. The tolerance is 5 % and not 10 %: at 10 % Lorden's bound alone
 * puts a 1.3-fold regression under log-normal noise of 0.5 a side at 250 landings.
 */
export const DEFAULT_SETTINGS: Omit<SequentialSettings, 'floor'> = {
  tolerance: 0.05,
  detectableRatio: 1.3,
  threshold: 1e5,
  alpha: 0.05,
  minPairs: 24,
};
