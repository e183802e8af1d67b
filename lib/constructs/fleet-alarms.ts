/**
 * How the jobs are: what sweeps counted over the whole fleet. The counts come once a sweep and keep their last word in
 * between, so a missing one changes no state; that sweeps are missing is told by another alarm. While the glass is broken
 * nothing is demoted, so shares that follow from that are silent: whoever broke it knows.
 */
import { type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmShapes } from './alarm-shape.ts';
import type { FleetMetric, Metrics } from './metrics.ts';

/** Percent of all jobs, and never fewer than five: one bad job of a fleet of ten is no disaster. */
const MANY_REGRESSING = 5;
const MANY_STUCK = 20;
const AT_LEAST = 5;

export function fleetAlarms(metrics: Metrics): AlarmShapes {
  const missing = TreatMissingData.IGNORE;
  return {
    SplitWriter: {
      metric: metrics.fleet('SplitWriterJobs'),
      meaning: 'Both systems have written production of one partition: its consumers may have read either.',
      checks: [
        '`crossfade attention --kind split-writer`: which jobs?',
        '`crossfade job ID`: which partition, and whom does its phase name?',
        "The other system's run: why did it not ask, or go on after it was refused?",
      ],
      threshold: 1,
      missing,
      page: true,
    },
    OwedTooLong: {
      metric: metrics.fleet('OwedJobs'),
      meaning: 'A partition waits for its writer longer than its policy allows: consumers miss it, or have a bad one.',
      checks: [
        '`crossfade owed --system old` and `--system new`: which partitions, since when?',
        'Does that pipeline still run, and ask `owed`?',
        'Run it again for those partitions.',
      ],
      threshold: 1,
      missing,
    },
    JobsUnjudged: {
      metric: metrics.fleet('UnjudgedJobs'),
      meaning: 'A sweep could not judge some jobs, so they are neither promoted nor demoted; the others were.',
      checks: [
        'Saved query "errors by function": "not evaluated" names each job and why.',
        'Is its policy deployed? `crossfade job ID` names it.',
        '`crossfade doctor --policies policies`: is all of it of one version?',
      ],
      threshold: 1,
      missing,
    },
    HookFailed: {
      metric: metrics.fleet('HookFailedJobs'),
      meaning:
        "A team's gate or hook does not answer or fails: its jobs wait before a swap, or a step after it is not done.",
      checks: [
        '`crossfade attention --kind hook-failed`: whose jobs?',
        '`crossfade explain ID`: which step, what did it answer?',
        "The log of the team's own Lambda.",
      ],
      threshold: 1,
      missing,
    },
    ManyRegressing: {
      metric: shareOf(metrics, 'RegressingJobs', 'jobs that regress, in percent'),
      meaning: `Of all jobs ${MANY_REGRESSING} % regress, and were demoted or will be: most likely for one common cause.`,
      checks: [
        '`crossfade attention --kind regressing`: one team, one source, one cause?',
        '`crossfade explain ID` for one of them: which criterion, which numbers?',
        'What changed in the new system before the first of them?',
      ],
      threshold: MANY_REGRESSING,
      missing,
    },
    ManyStuck: {
      metric: shareOf(metrics, 'StuckJobs', 'jobs that are stuck, in percent'),
      meaning: `Of all jobs ${MANY_STUCK} % are longer in their phase than their policy allows. Nothing is wrong with output; the migration stands.`,
      checks: [
        '`crossfade attention --kind stuck`: which cause is the most frequent?',
        '`crossfade status`: paused, breaker open, capacity full?',
        '`crossfade explain ID` for one of them: what is missing?',
      ],
      threshold: MANY_STUCK,
      missing,
    },
    FleetExposed: {
      metric: new MathExpression({
        // Not filled: without a sweep the count is unknown and the alarm stays, which is when its page is wanted most.
        expression: 'swapped + cleanup',
        usingMetrics: { swapped: metrics.fleet('ReverseShadowJobs'), cleanup: metrics.fleet('CleanupJobs') },
        label: 'jobs whose production the new system writes, with a way back',
        period: metrics.interval,
      }),
      meaning:
        'No fault: the new system writes production for at least one job that can still be demoted. From now on missed sweeps and late evidence page.',
      checks: [
        '`crossfade jobs --phase reverse-shadow`: are these the ones that you meant?',
        'Does a page reach somebody? `aws cloudwatch set-alarm-state` on ProductionUnguarded tries it.',
        'Does everybody on call have the runbook and the role of on-call?',
      ],
      threshold: 1,
      missing,
    },
  };
}

/** Of all jobs; zero while the glass is broken, and below a handful. */
function shareOf(metrics: Metrics, name: FleetMetric, label: string): IMetric {
  return new MathExpression({
    expression: `IF(found >= ${AT_LEAST} AND FILL(broken, 0) < 1, 100 * found / jobs, 0)`,
    usingMetrics: {
      found: metrics.fleet(name),
      jobs: metrics.fleet('Jobs'),
      broken: metrics.fleet('BreakGlassPause'),
    },
    label,
    period: metrics.interval,
  });
}
