/** `landingLatency`: new lands no later than old, and never misses a deadline that old meets. */
import type { Pair } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { describeSeconds, toMs } from '../time.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { judgeBreaches, referenceFor } from './hard-limits.ts';
import { presentPairs } from './pairs.ts';

type LatencyLimits = Exclude<Policy['criteria']['landingLatency'], false>;

export function assessLatency(facts: Case, limits: LatencyLimits): Verdict {
  const { policy, job } = facts;
  const due = job.dueAfterSeconds;
  const graceEnds = (pair: Pair) => (pair.oldLandedAt ?? 0) + policy.absentGraceSeconds * 1000;
  const measured = presentPairs(facts)
    .filter((pair) => !pair.backfill)
    .map((pair) => {
      const old = referenceFor(facts, pair).lagSeconds;
      const late = pair.newLagSeconds;
      if (late === undefined) {
        const absent = pair.outcome === 'old-only' && graceEnds(pair) < toMs(facts.now);
        return absent
          ? { pair, breach: `old landed, new is absent for more than ${describeSeconds(policy.absentGraceSeconds)}` }
          : undefined;
      }
      if (old === undefined) return undefined;
      return { pair, breach: describeLatencyBreach(old, late, due, limits) };
    })
    .filter((measure) => measure !== undefined);
  return judgeBreaches('landingLatency', facts, measured, limits, 'new lands as old does');
}

function describeLatencyBreach(
  old: number,
  late: number,
  due: number | undefined,
  limits: LatencyLimits,
): string | undefined {
  const lags = `lag ${describeSeconds(late)} against ${describeSeconds(old)}`;
  if (due !== undefined && late > due && old <= due)
    return `${lags}: new missed the deadline of ${describeSeconds(due)}, old met it`;
  if (late > old * limits.lag.ratio && late - old >= limits.lag.floor) return `${lags} (x ${limits.lag.ratio} allowed)`;
  if (late - old > limits.maxExtraSeconds) return `${lags} (${describeSeconds(limits.maxExtraSeconds)} more allowed)`;
  return undefined;
}
