/** What is to be done with a job: the one type that sweeps and overrides both produce. */
import type { Need, Phase } from './phases.ts';
import type { Verdict } from './verdict.ts';

/** Why. Stable words for programs; the message beside it is for people. */
export const REASONS = [
  // promotions and demotions
  'admitted',
  'criteria-pass',
  'data-quality-failed',
  'landing-latency-failed',
  'resource-utilization-failed',
  'custom-failed',
  'by-operator',
  'removal-confirmed',
  // holds
  'held',
  'paused',
  'automation-observe',
  'automation-recommend',
  'old-not-alive',
  'need-not-met',
  'not-prepared',
  'awaiting-operator',
  'final-phase',
] as const;
export type Reason = (typeof REASONS)[number];

export interface UnmetNeed {
  need: Need;
  /** The value seen, and what is wanted. */
  message: string;
}

export interface Decision {
  kind: 'promote' | 'demote' | 'hold';
  from: Phase;
  /** Where a promotion or demotion leads; for a hold, where it would lead. */
  to?: Phase;
  reason: Reason;
  message: string;
  verdicts: Verdict[];
  unmet: UnmetNeed[];
}
