/**
 * One stack of one Crossfade, for those who deploy it from here and not from an app of their own. Its outputs are how the
 * command line finds a deployment: their names are an interface.
 */
import {
  Arn,
  ArnFormat,
  CfnOutput,
  PermissionsBoundary,
  RemovalPolicy,
  Stack,
  type StackProps,
  Tags,
} from 'aws-cdk-lib';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { SYSTEMS } from '../domain/phases.ts';
import type { StackContext } from './context.ts';
import { Crossfade } from './crossfade.ts';
import { HANDLER_NAMES, OVERRIDES } from './handlers.ts';
import type { CrossfadeProps } from './props.ts';
import { TABLE_IDS } from './tables.ts';

const DESCRIPTION = 'Crossfade: moves pipeline jobs from an old system to a new one, one proven phase at a time';

export class CrossfadeStack extends Stack {
  readonly crossfade: Crossfade;

  constructor(scope: Construct, id: string, context: StackContext, props: StackProps = {}) {
    const { permissionsBoundary, encryptionKeyArn } = context;
    super(scope, id, {
      description: DESCRIPTION,
      // Nobody deletes by accident what is meant to be retained.
      terminationProtection: context.removalPolicy === 'retain',
      ...(permissionsBoundary && { permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundary) }),
      // CDK renders a table's key only for a known region, and the key's is the only one that it could be.
      ...(encryptionKeyArn && {
        env: { region: Arn.split(encryptionKeyArn, ArnFormat.SLASH_RESOURCE_NAME).region ?? '' },
      }),
      ...props,
    });
    for (const [key, value] of Object.entries(context.tags)) Tags.of(this).add(key, value);
    this.crossfade = new Crossfade(this, 'Crossfade', this.propsFrom(context));
    this.admit(context);
    this.tell();
  }

  private propsFrom(context: StackContext): CrossfadeProps {
    const { alarmTopicArn, pageTopicArn, encryptionKeyArn, logRetentionDays, removalPolicy, ...others } = context;
    const {
      stackName: _s,
      permissionsBoundary: _p,
      tags: _t,
      oldSystemAccounts: _o,
      newSystemAccounts: _n,
      ...props
    } = others;
    return {
      ...(Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as CrossfadeProps),
      removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(alarmTopicArn && { alarmTopic: Topic.fromTopicArn(this, 'GivenTopic', alarmTopicArn) }),
      ...(pageTopicArn && { pageTopic: Topic.fromTopicArn(this, 'GivenPageTopic', pageTopicArn) }),
      ...(encryptionKeyArn && { encryptionKey: Key.fromKeyArn(this, 'GivenKey', encryptionKeyArn) }),
      ...(logRetentionDays && { logRetention: logRetentionDays }),
    };
  }

  /** Accounts of the two systems, each for its own system only. */
  private admit({ oldSystemAccounts, newSystemAccounts }: StackContext): void {
    const accounts = { old: oldSystemAccounts, new: newSystemAccounts };
    for (const system of SYSTEMS) {
      for (const principal of accounts[system].map((account) => new AccountPrincipal(account))) {
        this.crossfade.grantAssign(principal, system);
        this.crossfade.grantLand(principal, system);
        this.crossfade.grantPublished(principal, system);
      }
    }
  }

  private tell(): void {
    const { tables, functions, aliases, operatorUrls, evaluations } = this.crossfade;
    const { landingsQueue, eventBus, alarmTopic, pageTopic, dashboard, deployment } = this.crossfade;
    const output = (name: string, value: string) => new CfnOutput(this, name, { value });
    output('Deployment', deployment);
    for (const name of TABLE_IDS) output(`Table${titled(name)}`, tables.byName[name].tableName);
    for (const name of HANDLER_NAMES) output(`Function${titled(name)}`, functions.byName[name].functionName);
    for (const alias of aliases.all()) {
      output(`Alias${titled(alias.lambda.node.id)}${titled(alias.aliasName)}`, alias.functionArn);
    }
    for (const verb of OVERRIDES) output(`Url${titled(verb)}`, operatorUrls.of(verb).url);
    output('StateMachine', evaluations.stateMachine.stateMachineArn);
    output('LandingsQueueUrl', landingsQueue.queueUrl);
    output('EventBus', eventBus.eventBusName);
    output('AlarmTopic', alarmTopic.topicArn);
    output('PageTopic', pageTopic.topicArn);
    output('Dashboard', dashboard.dashboardName);
  }
}

/** `fan-out` -> `FanOut`. */
function titled(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}
