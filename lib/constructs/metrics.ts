/**
 * What can be watched. Most comes from AWS's own metrics; the state of the fleet is counted by `evaluate`, which writes it
 * as embedded metrics, for the whole deployment and never for one job. The names here are the ones that it writes
 * (`functions/metrics.ts`); a test holds them together.
 */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Evaluations } from './evaluations.ts';
import type { Functions } from './functions.ts';

const NAMESPACE = 'Crossfade';

/** Jobs that want a person, and what sweeps did, summed over one sweep's evaluations. */
export const FLEET_METRICS = [
  'Jobs',
  'DemotedJobs',
  'UnjudgedJobs',
  'SplitWriterJobs',
  'RegressingJobs',
  'HookFailedJobs',
  'OwedJobs',
  'FlappingJobs',
  'StuckJobs',
] as const;
export type FleetMetric = (typeof FLEET_METRICS)[number];

interface MetricSources {
  readonly deployment: string;
  readonly functions: Functions;
  readonly evaluations: Evaluations;
  readonly intervalMinutes: number;
}

export class Metrics {
  readonly interval: Duration;
  readonly #sources: MetricSources;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.interval = Duration.minutes(sources.intervalMinutes);
  }

  /** Sweeps that were started: calls of fan-out that did not fail. */
  sweeps(options?: MetricOptions): IMetric {
    const fanOut = this.#sources.functions.byName['fan-out'];
    const each = { period: this.interval, ...options, statistic: Stats.SUM };
    return new MathExpression({
      expression: 'FILL(calls, 0) - FILL(errors, 0)',
      usingMetrics: { calls: fanOut.metricInvocations(each), errors: fanOut.metricErrors(each) },
      label: 'sweeps started',
      period: each.period,
    });
  }

  /** Milliseconds that the longest evaluation took from its start to its end. */
  evaluationTime(options?: MetricOptions): IMetric {
    const { stateMachine } = this.#sources.evaluations;
    return stateMachine.metricTime({ period: this.interval, statistic: Stats.MAXIMUM, ...options });
  }

  /** Evaluations that ended otherwise than with success. */
  evaluationsFailed(options?: MetricOptions): IMetric {
    const { stateMachine } = this.#sources.evaluations;
    const each = { period: this.interval, ...options, statistic: Stats.SUM };
    return new MathExpression({
      expression: 'FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)',
      usingMetrics: {
        failed: stateMachine.metricFailed(each),
        timedOut: stateMachine.metricTimedOut(each),
        aborted: stateMachine.metricAborted(each),
      },
      label: 'evaluations failed',
      period: each.period,
    });
  }

  /** Milliseconds between a landing and its evidence, at most. */
  evidenceLag(options?: MetricOptions): IMetric {
    const period = Duration.minutes(5);
    return this.#sources.functions.byName.gather.metric('IteratorAge', {
      period,
      statistic: Stats.MAXIMUM,
      ...options,
    });
  }

  /** One of the counts of the last sweep. */
  fleet(metricName: FleetMetric, options?: MetricOptions): IMetric {
    return new Metric({
      namespace: NAMESPACE,
      metricName,
      dimensionsMap: { service: this.#sources.deployment },
      period: this.interval,
      statistic: Stats.SUM,
      ...options,
    });
  }
}
