/**
 * Cases for decisions. A ready case lacks nothing that its phase's promotion needs, so that a test takes one thing away
 * and sees what that alone does. `sealedPairs` are the evidence that such a job has: hourly, matching, settled.
 */
import type { Evaluation } from '../../lib/domain/evaluate.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { addSeconds, type Instant, toMs } from '../../lib/domain/time.ts';
import { aJob, anEvidence, aPair, aPolicy, NOW } from '../builders/records.ts';

export const EPOCH = 5;
export const HOUR = 3_600;
export const DAY = 86_400;

/** Instants by their distance from `NOW`. */
export function ago(seconds: number): Instant {
  return addSeconds(NOW, -seconds);
}

/** `count` pairs, the newest an hour old, one an hour, newest first. */
export function sealedPairs(count: number, given: Partial<Pair> | ((index: number) => Partial<Pair>) = {}): Pair[] {
  return Array.from({ length: count }, (_, index) => {
    const changedAt = toMs(NOW) - (index + 1) * HOUR * 1000;
    return aPair({
      partition: `hour-${String(99 - index).padStart(2, '0')}`,
      epoch: EPOCH,
      changedAt,
      oldLandedAt: changedAt - 60_000,
      newLandedAt: changedAt,
      oldLagSeconds: 600,
      newLagSeconds: 500,
      oldComputeSeconds: 100,
      newComputeSeconds: 90,
      oldStorageBytes: 1e9,
      newStorageBytes: 1e9,
      ...(typeof given === 'function' ? given(index) : given),
    });
  });
}

/** As the new system lands in cleanup, where the old one is stopped. */
export function lonePairs(count: number, given: Partial<Pair> = {}): Pair[] {
  return sealedPairs(count, given).map((pair) => {
    const { oldLandedAt: _a, oldLagSeconds: _l, oldComputeSeconds: _c, oldStorageBytes: _s, ...rest } = pair;
    return { ...rest, outcome: 'new-only' };
  });
}

const BASELINE = { frozenAt: ago(20 * DAY), pairs: 24, lagSeconds: 600, computeSeconds: 100, storageBytes: 1e9 };

interface Given {
  job?: Partial<Job>;
  evidence?: Partial<Evidence>;
  policy?: Partial<Policy>;
  controls?: Evaluation['controls'];
  openClaims?: Evaluation['openClaims'];
  now?: Instant;
}

export function aReadyCase(phase: Phase, given: Given = {}): Evaluation {
  const { job, evidence, policy, controls = { version: 0 }, openClaims, now = NOW } = given;
  const cleanup = phase === 'cleanup';
  return {
    job: aJob({
      phase,
      epoch: EPOCH,
      phaseSince: ago((cleanup ? 15 : 10) * DAY),
      ...(cleanup && { baseline: BASELINE }),
      ...job,
    }),
    evidence: anEvidence({ recent: cleanup ? lonePairs(24) : sealedPairs(24), ...evidence }),
    policy: aPolicy({ automation: 'enforce', ...policy }),
    controls,
    ...(openClaims && { openClaims }),
    now,
  };
}
