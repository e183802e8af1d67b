/**
 * Counts over one evaluation as a log line that CloudWatch makes metrics of: aggregates, never one for a job. Their one
 * dimension is the deployment, so that alarms add up a sweep's evaluations and two stacks stay apart. Outside a deployment
 * nothing is written. The alarms are in `lib/constructs/alarms.ts`.
 */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { GroupResult } from '../lib/controller/evaluate-group.ts';
import type { AttentionKind } from '../lib/domain/attention.ts';

const NAMES: Record<AttentionKind, string> = {
  'split-writer': 'SplitWriterJobs',
  regressing: 'RegressingJobs',
  'hook-failed': 'HookFailedJobs',
  owed: 'OwedJobs',
  flapping: 'FlappingJobs',
  stuck: 'StuckJobs',
};

export function publishCounts({ jobs, demotions, failed, attention }: GroupResult): void {
  const deployment = process.env.CROSSFADE_DEPLOYMENT;
  if (!deployment) return;
  const metrics = new Metrics({ namespace: 'Crossfade', serviceName: deployment });
  metrics.addMetric('Jobs', MetricUnit.Count, jobs);
  metrics.addMetric('DemotedJobs', MetricUnit.Count, demotions.length);
  metrics.addMetric('UnjudgedJobs', MetricUnit.Count, failed.length);
  for (const [kind, name] of Object.entries(NAMES)) {
    metrics.addMetric(name, MetricUnit.Count, attention[kind as AttentionKind] ?? 0);
  }
  metrics.publishStoredMetrics();
}
