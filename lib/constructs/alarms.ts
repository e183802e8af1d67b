/**
 * Raises the alarms: those of sweeps, fleet, functions, stores and dead letters to the topic of tickets, and to the one that
 * pages only what cannot wait until tomorrow. A page is a composite, most often of a fault *and* of somebody being harmed by
 * it: a missed sweep before the first swap is a ticket. What each alarm says is in the files of its kind.
 */
import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  type CfnCompositeAlarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarmRule,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type AlarmShape, type AlarmShapes, type AlarmText, describeAlarm } from './alarm-shape.ts';
import type { DeadLetters } from './dead-letters.ts';
import { fleetAlarms } from './fleet-alarms.ts';
import type { Metrics } from './metrics.ts';
import { type DeadLetterAlarm, deadLetterAlarms, functionAlarms, storeAlarms } from './service-alarms.ts';
import { sweepAlarms } from './sweep-alarms.ts';

interface AlarmsProps {
  readonly metrics: Metrics;
  readonly deadLetters: Readonly<Record<DeadLetterAlarm, DeadLetters>>;
  readonly runbookUrl: string;
  readonly topic?: ITopic;
  readonly pageTopic?: ITopic;
  readonly email?: string;
}

export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly pageTopic: ITopic;
  /** Pages first, then by name. */
  readonly all: readonly (Alarm | CompositeAlarm)[];
  readonly #runbookUrl: string;
  readonly #alarms = new Map<string, Alarm>();

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { metrics, deadLetters, runbookUrl, topic, pageTopic, email } = props;
    this.#runbookUrl = runbookUrl;
    this.topic = topic ?? this.createTopic(email);
    this.pageTopic = pageTopic ?? this.topic;
    const shapes: AlarmShapes = {
      ...sweepAlarms(metrics),
      ...fleetAlarms(metrics),
      ...functionAlarms(metrics),
      ...storeAlarms(metrics),
      ...deadLetterAlarms(deadLetters),
    };
    for (const [name, shape] of Object.entries(shapes)) this.#alarms.set(name, this.raise(name, shape));
    this.all = [...this.createPages(), ...this.#alarms.values()];
  }

  private raise(name: string, shape: AlarmShape): Alarm {
    const { metric, threshold, below, periods = 1, missing, page } = shape;
    const alarm = new Alarm(this, name, {
      metric,
      alarmDescription: describeAlarm(name, shape, this.#runbookUrl),
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing,
    });
    tell(alarm, page ? this.pageTopic : this.topic);
    return alarm;
  }

  private createPages(): CompositeAlarm[] {
    const fires = (name: string) => {
      const alarm = this.#alarms.get(name);
      if (!alarm) throw new Error(`no alarm is called ${name}: a page is made of those that are raised`);
      return AlarmRule.fromAlarm(alarm, AlarmState.ALARM);
    };
    const blind = ['SweepMissed', 'EvidenceLag', 'EvaluateFailing', 'LandingsUnfolded'].map(fires);
    return [
      this.page('ProductionUnguarded', AlarmRule.allOf(fires('FleetExposed'), AlarmRule.anyOf(...blind)), {
        meaning:
          'The new system writes production, and nobody watches it: sweeps or evidence are missing, so a regression would not be demoted.',
        checks: [
          'Which of SweepMissed, EvidenceLag, EvaluateFailing, LandingsUnfolded is in alarm? Its section has the rest.',
          '`crossfade doctor`: which part is not well?',
          'Not mended within an hour? `crossfade demote --phase reverse-shadow --reason ...` works without sweeps.',
        ],
      }),
      this.page(
        'PipelinesBlocked',
        AlarmRule.anyOf(fires('CallsFailing'), AlarmRule.allOf(fires('IngestFailing'), fires('LandingsDelayed'))),
        {
          meaning:
            'Pipelines of both systems get no answer, or their landings do not come in: output is late everywhere.',
          checks: [
            'CallsFailing, or IngestFailing with LandingsDelayed? Its section has the rest.',
            'Was anything deployed just now? Roll it back: docs/deploy.md.',
            '`crossfade doctor`: do functions and tables answer?',
          ],
        },
      ),
    ];
  }

  private page(name: string, alarmRule: IAlarmRule, text: AlarmText): CompositeAlarm {
    const alarm = new CompositeAlarm(this, name, {
      alarmRule,
      alarmDescription: describeAlarm(name, text, this.#runbookUrl),
    });
    // Named by CloudFormation like every other alarm: CDK's own name drops the hyphens of the stack's.
    (alarm.node.defaultChild as CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
    tell(alarm, this.pageTopic);
    return alarm;
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

/** When it begins and when it ends. */
function tell(alarm: Alarm | CompositeAlarm, topic: ITopic): void {
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
}
