/** `landingLatency`: new lands no later than old, and never misses a deadline that old meets. */
import { countingRules } from '../counting.ts';
import type { Pair } from '../evidence/pair.ts';
import type { Policy } from '../policy.ts';
import { describeSeconds, toMs } from '../time.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { type Finding, verdictFrom } from './finding.ts';
import {
  judgeBreaches,
  judgeLimits,
  limitsJudgeAlone,
  type Measured,
  measureNewest,
  pairsNeeded,
  referenceFor,
} from './hard-limits.ts';
import { judgeTest } from './judge-test.ts';
import type { Present } from './pairs.ts';

type LatencyLimits = Exclude<Policy['criteria']['landingLatency'], false>;

const FINE = 'new lands as old does';

export function assessLatency(facts: Case, present: Present, limits: LatencyLimits): Verdict {
  const pairs = present.pairs.filter((pair) => !pair.backfill);
  const alone = limitsJudgeAlone(facts, limits);
  const measured = measureNewest(pairs, limits.of, (pair) => measureLag(facts, pair, limits, alone));
  if (alone) {
    return verdictFrom('landingLatency', [judgeLimits(facts, measured, limits, FINE)], pairsNeeded(facts, limits));
  }
  const lag = countingRules(facts.policy).measures.find(({ key }) => key === 'lag');
  const test = lag && judgeTest(facts, present.tally, lag, pairs);
  const none: Finding = { outcome: 'missing', message: 'lag: no pair of both systems has landed', pairs: 0 };
  const gross = judgeBreaches(measured, limits.gross, FINE);
  return verdictFrom('landingLatency', [test ?? none, gross], facts.policy.minPairs);
}

function measureLag(facts: Case, pair: Pair, limits: LatencyLimits, alone: boolean): Measured | undefined {
  const { policy, job, now } = facts;
  const old = referenceFor(facts, pair).lagSeconds;
  const late = pair.newLagSeconds;
  if (late === undefined) {
    const graceEnds = (pair.oldLandedAt ?? 0) + policy.absentGraceSeconds * 1000;
    if (pair.outcome !== 'old-only' || graceEnds >= toMs(now)) return undefined;
    return { pair, breach: `old landed, new is absent for more than ${describeSeconds(policy.absentGraceSeconds)}` };
  }
  if (old === undefined) return undefined;
  return { pair, breach: describeLatencyBreach(old, late, job.dueAfterSeconds, limits, alone) };
}

function describeLatencyBreach(
  old: number,
  late: number,
  due: number | undefined,
  { lag, gross, maxExtraSeconds }: LatencyLimits,
  alone: boolean,
): string | undefined {
  const missed = due !== undefined && late > due && old <= due;
  const ratio = alone ? lag.ratio : gross.ratio;
  const slower = late > old * ratio && late - old >= lag.floor;
  const later = alone && late - old > maxExtraSeconds;
  if (!(missed || slower || later)) return undefined;
  const lags = `lag ${describeSeconds(late)} against ${describeSeconds(old)}`;
  if (missed) return `${lags}: new missed the deadline of ${describeSeconds(due)}, old met it`;
  return slower ? `${lags} (x ${ratio} allowed)` : `${lags} (${describeSeconds(maxExtraSeconds)} more allowed)`;
}
