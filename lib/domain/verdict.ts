/** Criteria and their outcomes. Only `pass` satisfies a gate: silence is never green. */
export const OUTCOMES = ['pass', 'fail', 'inconclusive', 'missing', 'not-applicable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const CRITERIA = ['dataQuality', 'landingLatency', 'resourceUtilization'] as const;
export type Criterion = (typeof CRITERIA)[number];

export interface Verdict {
  criterion: Criterion;
  outcome: Outcome;
  /** For people: what was observed, what is allowed. Always both numbers. */
  message: string;
  /** Pairs that counted, and how many the policy wants. */
  sample: { pairs: number; needed: number };
  /** Partitions that a `fail` or `inconclusive` is about, bounded. */
  partitions?: string[];
}
