/**
 * Rules on the event bus, as an app of one's own may have them. `docs/events/README.md` shows this file from the next line
 * on; `example-rules.test.ts` makes a stack of it.
 */
import { Duration } from 'aws-cdk-lib';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { EventField, type IEventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { CloudWatchLogGroup, LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

interface EventRulesProps {
  /** `crossfade.eventBus`, or the bus that the stack's output `EventBus` names. */
  eventBus: IEventBus;
  slack: { workspaceId: string; channelId: string };
  /** Handles what happens to the jobs of one team. */
  owner: { team: string; handler: IFunction };
}

export class EventRules extends Construct {
  constructor(scope: Construct, id: string, { eventBus, slack, owner }: EventRulesProps) {
    super(scope, id);
    this.tellSlack(eventBus, slack);
    this.tellOwner(eventBus, owner);
    this.keepLog(eventBus);
  }

  /** What somebody should see now, as a notification that Amazon Q Developer (AWS Chatbot) shows in Slack. */
  private tellSlack(eventBus: IEventBus, { workspaceId, channelId }: EventRulesProps['slack']): void {
    const topic = new Topic(this, 'Urgent', { enforceSSL: true });
    new SlackChannelConfiguration(this, 'Slack', {
      slackChannelConfigurationName: 'crossfade',
      slackWorkspaceId: workspaceId,
      slackChannelId: channelId,
      notificationTopics: [topic],
    });
    const content = {
      title: `Crossfade: ${EventField.fromPath('$.detail.type')} ${EventField.fromPath('$.detail.jobId')}`,
      description: EventField.fromPath('$.detail.message'),
    };
    new Rule(this, 'ToSlack', {
      eventBus,
      eventPattern: {
        source: ['crossfade'],
        detail: { type: ['JobDemoted', 'QuarantineOpened', 'BreakerOpened', 'FleetPaused', 'RecordUnreadable'] },
      },
      targets: [
        new SnsTopic(topic, { message: RuleTargetInput.fromObject({ version: '1.0', source: 'custom', content }) }),
      ],
    });
  }

  /** Everything about one team's jobs, to a function of that team. It may be told twice: see `eventId`. */
  private tellOwner(eventBus: IEventBus, { team, handler }: EventRulesProps['owner']): void {
    const undelivered = new Queue(this, 'Undelivered', { enforceSSL: true, retentionPeriod: Duration.days(14) });
    new Rule(this, 'ToOwner', {
      eventBus,
      eventPattern: { source: ['crossfade'], detail: { team: [team] } },
      targets: [new LambdaFunction(handler, { deadLetterQueue: undelivered, maxEventAge: Duration.hours(6) })],
    });
  }

  /** All of it, to be followed with `aws logs tail /crossfade/events --follow`. */
  private keepLog(eventBus: IEventBus): void {
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: '/crossfade/events',
      retention: RetentionDays.ONE_MONTH,
    });
    new Rule(this, 'ToLog', {
      eventBus,
      eventPattern: { source: ['crossfade'] },
      targets: [new CloudWatchLogGroup(logGroup)],
    });
  }
}
