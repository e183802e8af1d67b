/**
 * What is refused to a run, as one log line that is a metric too (CloudWatch's embedded metric format): who, which partition
 * and why for people, one count for alarms and dashboards. Used by `assign`, `land` and `ingest`, which run for every
 * partition: through the logger, so that they carry no metrics library. A request that could not be read is named by its
 * field alone, since nothing in it is to be believed.
 */
import type { Refusal } from '../lib/controller/refusal.ts';
import { toMs } from '../lib/domain/time.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';

interface Asked {
  jobId: string;
  partition: string;
  system: string;
  runId?: string | undefined;
}

/** The fence at work: a right that is over, or content that is not the accepted one. Everything else is a mistaken request. */
const FENCED: readonly string[] = ['Fenced', 'Superseded', 'AttemptConflict'];

export function logRefusal(what: 'assign refused' | 'landing refused', refusal: Refusal, asked?: Asked): void {
  const { code, message, field } = refusal;
  const metric = FENCED.includes(code) ? 'FencedLandings' : 'RefusedRequests';
  log.info(what, {
    ...(asked && { jobId: asked.jobId, partition: asked.partition, system: asked.system, runId: asked.runId }),
    code,
    reason: message,
    field,
    ...countOne(metric),
  });
}

function countOne(metric: string): object {
  if (!process.env.CROSSFADE_DEPLOYMENT) return {};
  return {
    _aws: {
      Timestamp: toMs(now()),
      CloudWatchMetrics: [
        { Namespace: 'Crossfade', Dimensions: [['service']], Metrics: [{ Name: metric, Unit: 'Count' }] },
      ],
    },
    [metric]: 1,
  };
}
