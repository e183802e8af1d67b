/**
 * Is the loop running, and what stops it: sweeps, evaluations, evidence, and what people and the breaker hold back. Silence
 * is an alarm of its own: a sweep that does not start breaches. What stops the fleet is told by sweeps, so it keeps its last
 * word while none comes.
 */
import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmShape, AlarmShapes } from './alarm-shape.ts';
import type { Metrics } from './metrics.ts';

/** The share of the interval after which a sweep's grants are void (`lib/controller/fan-out.ts`). */
const GRANT_SHARE = 0.9;
/** A pause of promotions that is older than this was most likely forgotten. */
const FORGOTTEN_HOURS = 24;

export function sweepAlarms(metrics: Metrics): AlarmShapes {
  const intervalMs = metrics.interval.toMilliseconds();
  return {
    SweepMissed: {
      metric: metrics.sweeps(),
      meaning: 'No sweep has started in two intervals, so no regression is demoted and nothing is promoted.',
      checks: [
        '`crossfade status`: when was the last sweep?',
        'The log of fan-out: does it fail, and at what? (saved query "errors by function")',
        'Is the schedule enabled, and does fan-out have its concurrency? `crossfade doctor`',
      ],
      threshold: 1,
      below: true,
      periods: 2,
      missing: TreatMissingData.BREACHING,
    },
    SweepOverrun: {
      metric: metrics.evaluationTime(),
      meaning:
        'An evaluation outlived its grants. Its last promotions are refused and tried again; demotions were made.',
      checks: [
        'Saved query "slowest evaluations": all of them, or one group?',
        'Dashboard, "requests turned away": is DynamoDB throttling?',
        '`crossfade status`: jobs by phase. Has the fleet outgrown groupSize?',
      ],
      threshold: intervalMs * GRANT_SHARE,
      missing: TreatMissingData.NOT_BREACHING,
    },
    EvaluationFailed: {
      metric: metrics.evaluationsFailed(),
      meaning: 'An evaluation failed after its retries: its shards were not judged, or not promoted, in this sweep.',
      checks: [
        'Step Functions, the failed execution (sweep-...-NNN): which state, which cause?',
        'Saved query "a sweep\'s decisions" with its sweepId: how far did it come?',
        '`crossfade status` after the next sweep: did that one go through?',
      ],
      threshold: 1,
      missing: TreatMissingData.NOT_BREACHING,
    },
    EvidenceLag: {
      metric: metrics.evidenceLag(),
      meaning: "Evidence is older than a sweep's interval: sweeps judge by old facts, and regressions are seen late.",
      checks: [
        'The log of gather: which job, which error? (saved query "errors by function")',
        'GatherFailing or WritesThrottled in alarm too? Then begin there.',
        'Did landings multiply (a backfill)? Dashboard, "invocations".',
      ],
      threshold: intervalMs,
      periods: 3,
      missing: TreatMissingData.NOT_BREACHING,
    },
    ...stops(metrics),
  };
}

function stops(metrics: Metrics): AlarmShapes {
  const hours = Math.ceil(metrics.interval.toMinutes() / 60);
  const forgotten: AlarmShape = {
    metric: metrics.fleet('PromotionsPaused', { period: Duration.hours(hours), statistic: 'Minimum' }),
    meaning: `Promotions of the whole fleet have been paused for ${FORGOTTEN_HOURS} hours. Demotions go on.`,
    checks: [
      '`crossfade status`: who paused it, why, until when?',
      'Ask them. Is the reason still there?',
      '`crossfade resume --reason ...` when it is not.',
    ],
    threshold: 1,
    periods: Math.ceil(FORGOTTEN_HOURS / hours),
    missing: TreatMissingData.IGNORE,
  };
  return {
    BreakGlassOn: {
      metric: metrics.fleet('BreakGlassPause'),
      meaning:
        'Somebody broke the glass: no transition is made in the whole fleet, demotions included, for at most 4 hours. Bad output of the new system stays.',
      checks: [
        '`crossfade status`: who, why, until when?',
        '`crossfade attention`: what regresses meanwhile?',
        '`crossfade resume --reason ...` as soon as the cause is gone.',
      ],
      threshold: 1,
      missing: TreatMissingData.IGNORE,
    },
    BreakerOpen: {
      metric: metrics.fleet('BreakerOpen'),
      meaning: 'Demotions clustered, so promotions stop by themselves for a while: something common is wrong.',
      checks: [
        '`crossfade attention`: what do the demoted jobs have in common?',
        'What was deployed to the new system, or to its sources, before the first demotion?',
        '`crossfade explain ID` for one of them: which criterion, which numbers?',
      ],
      threshold: 1,
      missing: TreatMissingData.IGNORE,
    },
    PauseForgotten: forgotten,
  };
}
