/** Criteria and their outcomes. Only `pass` satisfies a gate: silence is never green. */
import type { SequentialNumbers } from './sequential/judge.ts';
import type { FoldSettings } from './sequential/settings.ts';

export const OUTCOMES = ['pass', 'fail', 'inconclusive', 'missing', 'not-applicable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The three that come built in, what must have been seen, and metrics of a team's own by the name that its policy gives. */
export type Criterion = 'dataQuality' | 'landingLatency' | 'resourceUtilization' | 'coverage' | `custom:${string}`;

export interface Verdict {
  criterion: Criterion;
  outcome: Outcome;
  /** For people: what was observed, what is allowed. Always both numbers. */
  message: string;
  /** Pairs that counted, and how many the policy wants. */
  sample: { pairs: number; needed: number };
  /** Partitions that a `fail` or `inconclusive` is about, bounded. */
  partitions?: string[];
  /** Of a `fail` of the data's quality: what most of the mismatches are about. */
  signature?: string;
  /** What the sequential tests say, one of each measure that has a state. */
  numbers?: readonly TestNumbers[];
  /** A dry run (`gate: false` in the policy): shown, and neither promotes nor demotes. */
  gates?: false;
}

/** One measure's tests: what was observed, beside what the policy asks for. */
export interface TestNumbers extends SequentialNumbers, FoldSettings {
  /** `lag`, `compute`, `storage` or `custom:NAME`. */
  measure: string;
  outcome: Outcome;
}

/** One cause, as people group by it: `data-quality-failed: fewer-rows`. */
export function nameCause(reason: string, verdicts: readonly Pick<Verdict, 'signature'>[] = []): string {
  const signature = verdicts.find((verdict) => verdict.signature !== undefined)?.signature;
  return signature === undefined || reason !== 'data-quality-failed' ? reason : `${reason}: ${signature}`;
}

/** It keeps a job from being promoted. */
export function blocksPromotion({ outcome, gates }: Verdict): boolean {
  return gates !== false && outcome !== 'pass' && outcome !== 'not-applicable';
}

/** It calls for a demotion, where the phase has one. */
export function isRegression({ outcome, gates }: Verdict): boolean {
  return gates !== false && outcome === 'fail';
}
