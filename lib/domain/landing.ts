/**
 * Landings: the report that a system has delivered a partition, and what two of them are compared by. What becomes of a
 * claim when one arrives is in `plan-landing.ts`.
 */
import type { System } from './phases.ts';
import type { Instant } from './time.ts';
import type { Token } from './token.ts';

export interface LandingReport {
  attempt?: number;
  rowCount: number;
  checksum: string;
  checksumAlgorithm: string;
  landedAt: Instant;
  startedAt?: Instant;
  computeSeconds?: number;
  storageBytes?: number;
  metrics?: Record<string, number>;
  kind: 'scheduled' | 'backfill';
  /** No later attempt will come: sealed at once. */
  final: boolean;
  inputVersion?: string;
  schemaFingerprint?: string;
  release?: string;
  runId?: string;
}

/** An accepted landing. */
export interface Landing extends LandingReport {
  system: System;
  token: Token;
  attempt: number;
  acceptedAt: Instant;
}

export type Table = 'production' | 'shadow';

/**
 * Whether two landings hold the same content; `undefined` when they cannot be compared: one is absent, or the checksum
 * algorithm or the input version differs.
 */
export function landingsMatch(a: Landing | undefined, b: Landing | undefined): boolean | undefined {
  if (!a || !b || !isComparable(a, b)) return undefined;
  return sameContent(a, b);
}

export function isComparable(a: Landing, b: Landing): boolean {
  return a.checksumAlgorithm === b.checksumAlgorithm && a.inputVersion === b.inputVersion;
}

export function sameContent(a: LandingReport, b: LandingReport): boolean {
  return a.rowCount === b.rowCount && a.checksum === b.checksum;
}
