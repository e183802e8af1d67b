/**
 * What a person is called for, each alarm with what happened and what to do. Silence is an alarm of its own: a sweep that
 * does not start breaches. The fleet's counts come once a sweep, and keep their last word in between.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { DeadLetters } from './dead-letters.ts';
import type { Metrics } from './metrics.ts';

interface AlarmsProps {
  readonly metrics: Metrics;
  readonly deadLetters: Readonly<Record<string, DeadLetters>>;
  readonly topic?: ITopic;
  readonly email?: string;
}

interface AlarmShape {
  readonly metric: IMetric;
  readonly description: string;
  /** At or over this, or below it where `below`. */
  readonly threshold: number;
  readonly below?: true;
  /** So many periods in a row. */
  readonly periods?: number;
  readonly missing?: TreatMissingData;
}

/** The share of the interval after which a sweep's grants are void (`lib/controller/fan-out.ts`). */
const GRANT_SHARE = 0.9;

export class Alarms extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { metrics, deadLetters, topic, email }: AlarmsProps) {
    super(scope, id);
    this.topic = topic ?? this.createTopic(email);
    const shapes = { ...sweepAlarms(metrics), ...fleetAlarms(metrics), ...deadLetterAlarms(deadLetters) };
    for (const [name, shape] of Object.entries(shapes)) this.raise(name, shape);
  }

  private raise(name: string, { metric, description, threshold, below, periods = 1, missing }: AlarmShape): void {
    const alarm = new Alarm(this, name, {
      metric,
      alarmDescription: description,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  private createTopic(email: string | undefined): Topic {
    const topic = new Topic(this, 'Topic', { displayName: 'Crossfade alarms', enforceSSL: true });
    // A policy of its own takes the place of SNS's default one, which would have let alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}

function sweepAlarms(metrics: Metrics): Record<string, AlarmShape> {
  const intervalMs = metrics.interval.toMilliseconds();
  return {
    SweepMissed: {
      metric: metrics.sweeps(),
      description:
        'No sweep has started in two intervals, so nothing is demoted. See the queue of missed sweeps and the log of fan-out.',
      threshold: 1,
      below: true,
      periods: 2,
      missing: TreatMissingData.BREACHING,
    },
    SweepOverrun: {
      metric: metrics.evaluationTime(),
      description:
        'An evaluation outlived its grants: its last promotions are refused and tried again. Make groups smaller, or the interval longer.',
      threshold: intervalMs * GRANT_SHARE,
    },
    EvaluationFailed: {
      metric: metrics.evaluationsFailed(),
      description:
        'An evaluation failed, so its shards were not judged or not promoted in this sweep. The next one tries again; the execution says why.',
      threshold: 1,
    },
    EvidenceLag: {
      metric: metrics.evidenceLag(),
      description:
        "Evidence is older than a sweep's interval, so sweeps judge by old facts. See the log of gather: it is throttled, or one record fails.",
      threshold: intervalMs,
      periods: 3,
    },
  };
}

function fleetAlarms(metrics: Metrics): Record<string, AlarmShape> {
  const missing = TreatMissingData.IGNORE;
  return {
    SplitWriter: {
      metric: metrics.fleet('SplitWriterJobs'),
      description:
        'Both systems have written production of one partition. `crossfade attention` names the jobs: stop one writer, then repair the partition.',
      threshold: 1,
      missing,
    },
    OwedTooLong: {
      metric: metrics.fleet('OwedJobs'),
      description:
        'A partition has waited for its writer longer than its policy allows. `crossfade owed` lists them by system: run them again.',
      threshold: 1,
      missing,
    },
    JobsUnjudged: {
      metric: metrics.fleet('UnjudgedJobs'),
      description:
        'A sweep could not judge some jobs; the others went on. The log of evaluate names them and why, such as a policy that is not deployed.',
      threshold: 1,
      missing,
    },
  };
}

function deadLetterAlarms(deadLetters: Readonly<Record<string, DeadLetters>>): Record<string, AlarmShape> {
  return Object.fromEntries(
    Object.entries(deadLetters).map(([name, { queue, meaning }]) => [
      name,
      {
        metric: queue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(5),
          statistic: Stats.MAXIMUM,
        }),
        description: meaning,
        threshold: 1,
      },
    ]),
  );
}
