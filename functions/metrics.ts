/**
 * Counts over one evaluation, one group's account and the start of a sweep, as log lines that CloudWatch makes metrics of:
 * aggregates, never one for a job. Their one dimension is the deployment, so that alarms add up a sweep's evaluations and
 * two stacks stay apart. Outside a deployment nothing is written. `lib/constructs/metrics.ts` watches them; a test holds the
 * names together.
 */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { PromotionResult } from '../lib/controller/account.ts';
import type { GroupResult } from '../lib/controller/group-result.ts';
import type { AttentionKind } from '../lib/domain/attention.ts';
import { activePause, breakerIsOpen, type Controls } from '../lib/domain/controls.ts';
import type { Phase } from '../lib/domain/phases.ts';
import { type Instant, secondsBetween } from '../lib/domain/time.ts';

const OF_PHASE: Record<Phase, string> = {
  pending: 'PendingJobs',
  shadow: 'ShadowJobs',
  'reverse-shadow': 'ReverseShadowJobs',
  cleanup: 'CleanupJobs',
  complete: 'CompleteJobs',
};

const OF_ATTENTION: Record<AttentionKind, string> = {
  'split-writer': 'SplitWriterJobs',
  regressing: 'RegressingJobs',
  'hook-failed': 'HookFailedJobs',
  owed: 'OwedJobs',
  flapping: 'FlappingJobs',
  stuck: 'StuckJobs',
};

/** By `evaluate`, for its group. */
export function publishCounts(result: GroupResult, now: Instant): void {
  const { jobs, counts, demotions, failed, attention, oldestStuckAt } = result;
  publish(
    {
      Jobs: jobs,
      ...named(OF_PHASE, counts),
      DemotedJobs: demotions.length,
      UnjudgedJobs: failed.length,
      ...named(OF_ATTENTION, attention),
    },
    { OldestStuckSeconds: oldestStuckAt === undefined ? 0 : secondsBetween(oldestStuckAt, now) },
  );
}

/** By `fan-out`. 0 or 1 each. For one delivery of a sweep only, so that their sum over an interval is still that. */
export function publishControls(controls: Controls, now: Instant): void {
  const pause = activePause(controls, now);
  publish({
    PromotionsPaused: pause ? 1 : 0,
    BreakGlassPause: pause?.scope === 'all' ? 1 : 0,
    BreakerOpen: breakerIsOpen(controls, now) ? 1 : 0,
  });
}

/** By `fan-out`: how long after its scheduled time a sweep starts. At every delivery, since a repeat is a late one. */
export function publishLag(scheduledAt: Instant, now: Instant): void {
  publish({}, { SweepLagSeconds: Math.max(0, secondsBetween(scheduledAt, now)) });
}

/** By `account`, when a group is done: its promotions, and how long the sweep has taken so far. */
export function publishAccount(
  results: readonly PromotionResult[],
  scheduledAt: Instant | undefined,
  now: Instant,
): void {
  const ended = (how: PromotionResult['result']) => results.filter(({ result }) => result === how).length;
  publish(
    { PromotedJobs: ended('committed'), RefusedPromotions: ended('refused'), UnknownPromotions: ended('unknown') },
    scheduledAt === undefined ? {} : { SweepSeconds: Math.max(0, secondsBetween(scheduledAt, now)) },
  );
}

/** One for each name, so that a count that was zero is told as zero: nothing known is never taken for none. */
function named<K extends string>(names: Record<K, string>, counts: Partial<Record<K, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [name, counts[key as K] ?? 0]));
}

function publish(counts: Record<string, number>, seconds: Record<string, number> = {}): void {
  const deployment = process.env.CROSSFADE_DEPLOYMENT;
  if (!deployment) return;
  const metrics = new Metrics({ namespace: 'Crossfade', serviceName: deployment });
  for (const [name, count] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, count);
  for (const [name, value] of Object.entries(seconds)) metrics.addMetric(name, MetricUnit.Seconds, value);
  metrics.publishStoredMetrics();
}
