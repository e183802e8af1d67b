/**
 * The functions, each with a role of its own that holds exactly the statements of its row in `handlers.ts`, and a log group
 * of its own. CDK's own grants cannot widen a role: functions get it without the right to change its policy, and what a
 * queue, a stream or the state machine adds goes through `permit`.
 */
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LayerVersion,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { statementsFor } from './access.ts';
import { codeOf } from './bundling.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName, type HandlerShape } from './handlers.ts';
import { TABLE_IDS, type Tables } from './tables.ts';

interface FunctionsProps {
  readonly tables: Tables;
  readonly policiesFolder: string;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly evaluationConcurrency: number;
  /** Names this deployment in logs and metrics. */
  readonly deployment: string;
}

/** Where Lambda unpacks layers. */
const LAYER_FOLDER = '/opt';

export class Functions extends Construct {
  readonly byName: Record<HandlerName, LambdaFunction>;
  readonly #permissions = new Map<HandlerName, PolicyDocument>();

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const policies = this.createPoliciesLayer(props);
    this.byName = Object.fromEntries(
      HANDLER_NAMES.map((name) => [name, this.createFunction(name, HANDLERS[name], policies, props)]),
    ) as Record<HandlerName, LambdaFunction>;
    for (const name of HANDLER_NAMES) this.nameOffers(name, HANDLERS[name]);
  }

  /** Its buttons name the functions of the verbs; none of those knows of it. */
  private nameOffers(name: HandlerName, { offers }: HandlerShape): void {
    if (!offers) return;
    const arns = Object.fromEntries(offers.map((verb) => [verb, this.byName[verb].functionArn]));
    this.byName[name].addEnvironment('CROSSFADE_VERBS', Stack.of(this).toJsonString(arns));
  }

  /** Adds to what a function may do. */
  permit(name: HandlerName, ...statements: PolicyStatement[]): void {
    this.#permissions.get(name)?.addStatements(...statements);
  }

  /** A layer and not a part of each bundle: another policy changes no code, and all functions change to it at once. */
  private createPoliciesLayer({ policiesFolder, removalPolicy }: FunctionsProps): LayerVersion {
    return new LayerVersion(this, 'Policies', {
      description: 'The policies that decisions are made by',
      code: Code.fromAsset(policiesFolder, { exclude: ['**', '!*.yaml', '!*.yml'] }),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
      removalPolicy,
    });
  }

  private createFunction(
    name: HandlerName,
    shape: HandlerShape,
    policies: LayerVersion,
    { tables, logRetention, removalPolicy, evaluationConcurrency, deployment }: FunctionsProps,
  ): LambdaFunction {
    const logGroup = new LogGroup(this, `${name}-logs`, { retention: logRetention, removalPolicy });
    const permissions = new PolicyDocument({
      statements: [
        ...statementsFor(tables, shape.tables),
        new PolicyStatement({
          sid: 'OwnLogs',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    this.#permissions.set(name, permissions);
    const role = new Role(this, `${name}-role`, {
      description: `What ${name} may do: docs/permissions.md lists it`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { permissions },
    });
    return new LambdaFunction(this, name, {
      code: codeOf(name),
      handler: 'index.handler',
      description: shape.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(shape.timeoutSeconds),
      memorySize: shape.memoryMegabytes,
      role: role.withoutPolicyUpdates(),
      environment: {
        ...Object.fromEntries(
          TABLE_IDS.map((table) => [`CROSSFADE_TABLE_${table.toUpperCase()}`, tables.byName[table].tableName]),
        ),
        ...(shape.decides && { CROSSFADE_POLICIES: LAYER_FOLDER }),
        ...(shape.reports && { CROSSFADE_DEPLOYMENT: deployment }),
      },
      ...(shape.decides && { layers: [policies] }),
      logGroup,
      // START, END and REPORT of seven million calls a day would cost more than the calls. Metrics in logs are at INFO.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      ...reservedConcurrency(name, evaluationConcurrency),
    });
  }
}

/** Only the way to a demotion has its own share of the account's concurrency: a sweep's start, and evaluations. */
function reservedConcurrency(name: HandlerName, evaluations: number) {
  if (evaluations === 0) return {};
  if (name === 'fan-out') return { reservedConcurrentExecutions: 1 };
  if (name === 'evaluate') return { reservedConcurrentExecutions: evaluations };
  return {};
}
