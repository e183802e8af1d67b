/**
 * What starts sweeps. Scheduler delivers at least once and hands over the scheduled time, which names the sweep and is the
 * same at every attempt. Delivery to Lambda is asynchronous, so there are two retries in a row: Scheduler's, until Lambda
 * has taken the event, and Lambda's, until `fan-out` has worked. Both give up before the next sweep: a late sweep promotes
 * nothing anyway, and the next one demotes what this one would have.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { acknowledgeUse, createDeadLetters, type DeadLetters, maySendTo } from './dead-letters.ts';
import type { Functions } from './functions.ts';

interface SweepScheduleProps {
  readonly functions: Functions;
  readonly intervalMinutes: number;
  readonly groupSize: number;
}

export class SweepSchedule extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { functions, intervalMinutes, groupSize }: SweepScheduleProps) {
    super(scope, id);
    const fanOut = functions.byName['fan-out'];
    const giveUpAfter = Duration.seconds(intervalMinutes * 40);
    this.deadLetters = createDeadLetters(
      this,
      'Missed',
      "Sweeps that could not be started. The next one does their work; find the cause in fan-out's log.",
    );
    acknowledgeUse(this.deadLetters, 'the target of the schedule and the asynchronous calls of fan-out name it');
    functions.permit('fan-out', maySendTo(this.deadLetters));
    fanOut.configureAsyncInvoke({
      maxEventAge: giveUpAfter,
      retryAttempts: 2,
      onFailure: new SqsDestination(this.deadLetters.queue),
    });
    fanOut.addEnvironment('CROSSFADE_SWEEP_INTERVAL_SECONDS', String(intervalMinutes * 60));
    fanOut.addEnvironment('CROSSFADE_GROUP_SIZE', String(groupSize));

    new Schedule(this, 'Sweeps', {
      description: `Starts a sweep over the fleet every ${intervalMinutes} minutes`,
      schedule: ScheduleExpression.rate(Duration.minutes(intervalMinutes)),
      target: new LambdaInvoke(fanOut, {
        role: this.createRole(fanOut.functionArn).withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject({ scheduledAt: ContextAttribute.scheduledTime }),
        maxEventAge: giveUpAfter,
        retryAttempts: 10,
        deadLetterQueue: this.deadLetters.queue,
      }),
    });
  }

  private createRole(functionArn: string): Role {
    return new Role(this, 'Role', {
      description: 'What the schedule may do: start a sweep, or say that it could not',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'FanOut', actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
            maySendTo(this.deadLetters),
          ],
        }),
      },
    });
  }
}
