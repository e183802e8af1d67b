/**
 * The evaluation state machine, from the one definition that the local runtime interprets too. The definition stands in the
 * template as text and not as an asset, so that a diff shows what changes, and because its time limit follows the interval
 * between sweeps: an evaluation ends before the next sweep begins.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Aws, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Functions } from './functions.ts';

export const DEFINITION_FILE = fileURLToPath(new URL('./evaluation.asl.json', import.meta.url));

interface EvaluationsProps {
  readonly functions: Functions;
  readonly intervalMinutes: number;
  readonly logRetention: RetentionDays;
  readonly deployment: string;
}

export class Evaluations extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: EvaluationsProps) {
    super(scope, id);
    const { functions, intervalMinutes, logRetention, deployment } = props;
    const { evaluate, commit, hook, account } = functions.byName;
    const role = this.createRole([evaluate.functionArn, commit.functionArn, hook.functionArn, account.functionArn]);
    const logGroup = new LogGroup(this, 'Logs', {
      // The prefix keeps the deliveries of a whole account within one resource policy. The stack's id makes it unique.
      logGroupName: `/aws/vendedlogs/states/${deployment}-${stackSuffix()}`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stateMachine = new StateMachine(this, 'Evaluation', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definitionFor(intervalMinutes)),
      definitionSubstitutions: {
        EvaluateFunctionArn: evaluate.functionArn,
        CommitFunctionArn: commit.functionArn,
        HookFunctionArn: hook.functionArn,
        AccountFunctionArn: account.functionArn,
      },
      role: role.withoutPolicyUpdates(),
      // Inputs and results are in the execution's history; in logs they would be gigabytes a day.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    this.allowStart(functions);
  }

  private allowStart(functions: Functions): void {
    functions.permit(
      'fan-out',
      new PolicyStatement({
        sid: 'Evaluations',
        actions: ['states:StartExecution'],
        resources: [this.stateMachine.stateMachineArn],
      }),
    );
    functions.byName['fan-out'].addEnvironment('CROSSFADE_STATE_MACHINE_ARN', this.stateMachine.stateMachineArn);
  }

  private createRole(functionArns: string[]): Role {
    const role = new Role(this, 'Role', {
      description: 'What an evaluation may do: invoke its four functions, log and trace',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [
            new PolicyStatement({ sid: 'Tasks', actions: ['lambda:InvokeFunction'], resources: functionArns }),
            // `*`: log deliveries and traces have no ARN that a policy could name. Both lists are AWS's own for
            // Step Functions ("Logging using CloudWatch Logs", "Tracing with X-Ray" in its developer guide).
            new PolicyStatement({ sid: 'LogDelivery', actions: LOG_DELIVERY, resources: ['*'] }),
            new PolicyStatement({ sid: 'Traces', actions: TRACING, resources: ['*'] }),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Only the statements LogDelivery and Traces: their actions support no resource-level permission (Service Authorization Reference, CloudWatch Logs and X-Ray).',
    });
    return role;
  }
}

/** The file's text as it is, but for the time limit: 14 of every 15 minutes between sweeps. */
function definitionFor(intervalMinutes: number): string {
  const definition = JSON.parse(readFileSync(DEFINITION_FILE, 'utf8')) as object;
  return JSON.stringify({ ...definition, TimeoutSeconds: intervalMinutes * 56 });
}

/** The last part of the stack's id, another one each time that a stack is created. */
function stackSuffix(): string {
  return Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
}

const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

const TRACING = [
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];
