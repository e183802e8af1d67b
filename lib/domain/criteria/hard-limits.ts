/**
 * Hard limits: gross regressions, pair by pair, against what the old system needed beside it or, in cleanup, against the
 * baseline that was frozen when it was stopped. Beside the sequential tests they are wide, since a limit on single pairs
 * condemns healthy jobs that are merely noisy; where there is no test, they judge alone.
 */
import { countingRules } from '../counting.ts';
import type { Pair } from '../evidence/pair.ts';
import { isSparse } from '../job.ts';
import type { Policy } from '../policy.ts';
import type { Case } from './case.ts';
import type { Finding } from './finding.ts';
import { lackOf } from './pairs.ts';

type NoisyCriterion = Exclude<Policy['criteria']['landingLatency' | 'resourceUtilization'], false>;

/** There is no test: the policy or the job's rhythm rules it out, or, in cleanup, nobody lands beside the new system. */
export function limitsJudgeAlone({ job }: Case, { method }: NoisyCriterion): boolean {
  return job.phase === 'cleanup' || (method ?? (isSparse(job) ? 'hard-limits-only' : 'sequential')) !== 'sequential';
}

/** What the old system needed for a pair: measured beside it, or frozen when it was stopped. */
interface Reference {
  lagSeconds?: number | undefined;
  computeSeconds?: number | undefined;
  storageBytes?: number | undefined;
}

export function referenceFor(facts: Case, pair: Pair): Reference {
  if (facts.job.phase === 'cleanup') return facts.job.baseline ?? {};
  return { lagSeconds: pair.oldLagSeconds, computeSeconds: pair.oldComputeSeconds, storageBytes: pair.oldStorageBytes };
}

export interface Measured {
  pair: Pair;
  breach: string | undefined;
}

/** Of the newest pairs those that can be measured, as many as a limit looks at. */
export function measureNewest(
  pairs: readonly Pair[],
  of: number,
  measure: (pair: Pair) => Measured | undefined,
): Measured[] {
  const measured: Measured[] = [];
  for (const pair of pairs) {
    const one = measure(pair);
    if (one) measured.push(one);
    if (measured.length === of) break;
  }
  return measured;
}

interface Limits {
  breaches: number;
  of: number;
}

/**
 * Measured pairs that a pass wants: as many as the limits look at, three where the old system no longer runs. Half of what
 * the window has room for, at most: the other half may be unsealed, one-sided or of another epoch.
 */
export function pairsNeeded({ policy, job }: Case, { of }: Limits): number {
  return Math.min(job.phase === 'cleanup' ? 3 : of, countingRules(policy).room / 2, policy.minPairs);
}

/** The limits as the only judge. */
export function judgeLimits(facts: Case, measured: readonly Measured[], limits: Limits, fine: string): Finding {
  const { policy, job } = facts;
  const pairs = measured.length;
  if (job.phase === 'cleanup' && !job.baseline) {
    const message = 'the job came in at cleanup, so no baseline of the old system was frozen';
    return { outcome: 'not-applicable', message, pairs };
  }
  const found = judgeBreaches(measured, limits, fine);
  if (found.outcome === 'fail') return found;
  const needed = pairsNeeded(facts, limits);
  const lack =
    pairs === 0
      ? 'both systems have to report it'
      : lackOf(
          { ...facts, policy: { ...policy, minPairs: needed } },
          measured.map((measure) => measure.pair),
        );
  if (!lack) return found;
  return { ...found, outcome: 'missing', message: `${pairs} of ${needed} measured pairs: ${lack}` };
}

/** The limits beside a test, which says itself what it lacks. */
export function judgeBreaches(
  measured: readonly Measured[],
  { breaches }: Pick<Limits, 'breaches'>,
  fine: string,
): Finding {
  const breached = measured.filter((measure) => measure.breach !== undefined);
  const partitions = breached.map((measure) => measure.pair.partition).slice(0, 6);
  const counted = `${breached.length} of the newest ${measured.length} pairs breach a hard limit (${breaches} fail)`;
  const pairs = measured.length;
  const [first] = breached;
  if (!first) return { outcome: 'pass', message: `${fine}: ${counted}`, pairs };
  const message = `${counted}, e.g. ${first.pair.partition}: ${first.breach}`;
  return { outcome: breached.length >= breaches ? 'fail' : 'inconclusive', message, pairs, partitions };
}
