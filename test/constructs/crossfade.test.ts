import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { functionOutput } from '../../lib/aws/deployment.ts';
import { readContext } from '../../lib/constructs/context.ts';
import { Crossfade } from '../../lib/constructs/crossfade.ts';
import { HANDLER_NAMES, OVERRIDES } from '../../lib/constructs/handlers.ts';
import { FLEET_METRICS } from '../../lib/constructs/metrics.ts';
import type { CrossfadeProps } from '../../lib/constructs/props.ts';
import { CrossfadeStack } from '../../lib/constructs/stack.ts';
import type { PolicyDocument, Statement } from './permissions.ts';
import { anApp, namesOf, referredBy, resourcesOf, synthesize, thePlainStack } from './synth.ts';

/** Someone's own app: a stack with a role, and Crossfade beside it. */
function aStackWith(use: (crossfade: Crossfade, role: Role) => void, props: CrossfadeProps = {}) {
  const stack = new Stack(anApp(), 'Pipelines');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  use(new Crossfade(stack, 'Crossfade', props), role);
  const names = namesOf(stack);
  const template = Template.fromStack(stack);
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as {
    Properties: { PolicyDocument: PolicyDocument };
  }[];
  const granted = policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement);
  return {
    template,
    granted: granted.map((statement) => ({
      ...statement,
      on: [statement.Resource].flat().map((arn) => names.get(referredBy(arn) ?? '')),
    })),
  };
}

const invoked = ({ granted }: ReturnType<typeof aStackWith>) =>
  granted.filter(({ Action }) => Action === 'lambda:InvokeFunction').flatMap(({ on }) => on);

describe('grants', () => {
  it.each(['assign', 'land', 'published'] as const)(
    '%s is granted for one system through its alias, and no other way',
    (name) => {
      const grants = { assign: 'grantAssign', land: 'grantLand', published: 'grantPublished' } as const;
      const one = aStackWith((crossfade, role) => crossfade[grants[name]](role, 'old'));
      expect(invoked(one)).toEqual([`Aliases/${name}-old`]);
      const both = aStackWith((crossfade, role) => crossfade[grants[name]](role));
      expect(invoked(both)).toEqual([`Aliases/${name}-old`, `Aliases/${name}-new`]);
    },
  );

  it.each(OVERRIDES)('the verb %s is granted alone, without versions and aliases of the function', (verb) => {
    const { granted } = aStackWith((crossfade, role) => crossfade.grantOverride(verb, role));
    expect(granted.map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } },
    ]);
    expect(granted[0]?.on).toEqual([`Functions/${verb}`]);
  });

  it('reporters may send to the queue, and not read it', () => {
    const { granted } = aStackWith((crossfade, role) => crossfade.grantReport(role));
    expect(granted.flatMap(({ Action }) => Action)).toEqual([
      'sqs:SendMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
    ]);
    expect(granted[0]?.on).toEqual(['Landings/Landings']);
  });

  it('readers may read everything and change nothing', () => {
    const { granted } = aStackWith((crossfade, role) => crossfade.grantRead(role));
    const actions = new Set(granted.flatMap(({ Action }) => Action));
    expect(actions).toEqual(new Set(['dynamodb:GetItem', 'dynamodb:Query', 'lambda:InvokeFunction']));
    expect(new Set(invoked({ granted } as ReturnType<typeof aStackWith>))).toEqual(
      new Set(['Functions/explain', 'Functions/owed']),
    );
    expect(granted.flatMap(({ Resource }) => Resource)).not.toContain('*');
  });

  it("another account's roles get a resource policy on the alias of their system", () => {
    const { template } = aStackWith((crossfade) => crossfade.grantAssign(new AccountPrincipal('111122223333'), 'new'));
    const [permission] = Object.values(template.findResources('AWS::Lambda::Permission'));
    const { Action, Principal, FunctionName } = permission!.Properties as Record<string, unknown>;
    expect({ Action, Principal }).toEqual({ Action: 'lambda:InvokeFunction', Principal: '111122223333' });
    expect(JSON.stringify(FunctionName)).toContain('assignnew');
  });

  it('two aliases of one version are all that a run can call by', () => {
    const aliases = resourcesOf<{ Name: string; FunctionVersion: unknown }>(thePlainStack(), 'AWS::Lambda::Alias');
    expect([...aliases.keys()]).toEqual(
      ['assign', 'land', 'published'].flatMap((name) => [`Aliases/${name}-old`, `Aliases/${name}-new`]),
    );
    for (const name of ['assign', 'land', 'published']) {
      const [old, next] = ['old', 'new'].map((system) => aliases.get(`Aliases/${name}-${system}`)!.Properties);
      expect([old?.Name, next?.Name]).toEqual(['old', 'new']);
      expect(old?.FunctionVersion).toEqual(next?.FunctionVersion);
    }
  });
});

describe('the queue of landings', () => {
  const allowed = (overrides: Record<string, unknown>): Statement[] => {
    const policies = resourcesOf<{ PolicyDocument: PolicyDocument }>(synthesize(overrides), 'AWS::SQS::QueuePolicy');
    return policies
      .get('Landings/Landings/Policy')!
      .Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
  };

  it('is open to nobody else by default', () => {
    expect(allowed({})).toEqual([]);
  });

  it('takes landings of the accounts and the organisation that are named, and no more', () => {
    const [accounts, organization] = allowed({
      'crossfade:reporterAccounts': '111122223333, 444455556666',
      'crossfade:organizationId': 'o-a1b2c3d4e5',
    });
    expect(accounts?.Action).toBe('sqs:SendMessage');
    expect(JSON.stringify(accounts?.Principal)).toMatch(/111122223333.*444455556666/);
    expect(organization).toMatchObject({
      Action: 'sqs:SendMessage',
      Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    });
  });
});

describe('a second stack', () => {
  const app = anApp();
  const context = readContext(app.node);
  const stacks = ['Crossfade', 'Crossfade-staging'].map((id) => new CrossfadeStack(app, id, context));
  const [first, second] = stacks.map((stack) => Template.fromStack(stack).toJSON() as Body);

  it('names nothing as the first does', () => {
    const names = (body: Body) =>
      Object.entries(body.Resources).flatMap(([id, { Type, Properties = {} }]) => physicalNames(id, Type, Properties));
    const [ours, theirs] = [names(first!), names(second!)];
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
    // What is not unique by the stack's name is unique by its id.
    expect(ours.map((name) => name.split(' ')[0]).sort()).toEqual(['AWS::Events::EventBus', 'AWS::Logs::LogGroup']);
  });

  it('exports nothing, and counts under a name of its own', () => {
    for (const output of Object.values(first!.Outputs)) expect(output).not.toHaveProperty('Export');
    expect(first!.Outputs.Deployment).not.toEqual(second!.Outputs.Deployment);
  });

  it('may also be a second construct in one stack', () => {
    const stack = new Stack(anApp(), 'Both');
    const deployments = ['Blue', 'Green'].map((id) => new Crossfade(stack, id).deployment);
    expect(new Set(deployments).size).toBe(2);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  interface Body {
    Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
    Outputs: Record<string, { Value: unknown }>;
  }

  /** Properties that name a resource for its account and region; an alias is within its function. */
  function physicalNames(_id: string, type: string, properties: Record<string, unknown>): string[] {
    const kind = type.split('::').at(-1);
    const keys = ['Name', 'ArchiveName', 'AlarmName', 'TopicName', `${kind}Name`];
    if (type === 'AWS::Lambda::Alias' || type === 'AWS::Lambda::Version' || type === 'AWS::Lambda::EventSourceMapping')
      return [];
    return keys
      .filter((key) => key in properties && !['AWS::Lambda::EventInvokeConfig'].includes(type))
      .map((key) => `${type} ${key} ${JSON.stringify(properties[key])}`);
  }
});

describe("the stack's outputs", () => {
  it('are those by which the command line finds tables and functions', () => {
    const outputs = Object.keys((thePlainStack().template.toJSON() as { Outputs: object }).Outputs);
    const wanted = ['TableJobs', 'TableLandings', 'TableEvidence', 'TableFleet', ...HANDLER_NAMES.map(functionOutput)];
    expect(outputs).toEqual(expect.arrayContaining(wanted));
    expect(outputs).toEqual(
      expect.arrayContaining(['AliasAssignOld', 'AliasPublishedNew', 'LandingsQueueUrl', 'EventBus', 'AlarmTopic']),
    );
  });
});

describe('choices', () => {
  it('bound every role of the stack, where a boundary is named', () => {
    const roles = resourcesOf<{ PermissionsBoundary?: unknown }>(
      synthesize({ 'crossfade:permissionsBoundary': 'platform' }),
      'AWS::IAM::Role',
    );
    expect(roles.size).toBeGreaterThan(20);
    for (const [name, { Properties }] of roles)
      expect(JSON.stringify(Properties.PermissionsBoundary), name).toContain(':policy/platform');
  });

  it('tag what can be tagged', () => {
    const tagged = synthesize({ 'crossfade:tags': '{"cost-centre":"42"}' });
    const [table] = resourcesOf<{ Replicas: object[] }>(tagged, 'AWS::DynamoDB::GlobalTable').values();
    const tag = { Key: 'cost-centre', Value: '42' };
    expect(table?.Properties.Replicas[0]).toMatchObject({ Tags: [tag] });
    for (const [name, { Properties }] of resourcesOf(tagged, 'AWS::Lambda::Function'))
      expect(Properties, name).toMatchObject({ Tags: [tag] });
  });

  it('mail alarms, or use a topic that is there', () => {
    const mailed = synthesize({ 'crossfade:alarmEmail': 'oncall@example.com' });
    expect([...resourcesOf(mailed, 'AWS::SNS::Subscription').values()][0]?.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'oncall@example.com',
    });
    const arn = 'arn:aws:sns:eu-west-1:111122223333:alarms';
    const given = synthesize({ 'crossfade:alarmTopicArn': arn });
    expect(resourcesOf(given, 'AWS::SNS::Topic').size).toBe(0);
    for (const [name, { Properties }] of resourcesOf<{ AlarmActions: unknown }>(given, 'AWS::CloudWatch::Alarm'))
      expect(Properties.AlarmActions, name).toEqual([arn]);
  });

  it("let the two systems' accounts in, each for its own system", () => {
    const permissions = resourcesOf<{ Principal: string; FunctionName: unknown }>(
      synthesize({ 'crossfade:oldSystemAccounts': '111122223333', 'crossfade:newSystemAccounts': ['444455556666'] }),
      'AWS::Lambda::Permission',
    );
    const admitted = [...permissions.values()].map(
      ({ Properties }) =>
        `${Properties.Principal} ${/(assign|land|published)(old|new)/.exec(JSON.stringify(Properties.FunctionName))?.[0]}`,
    );
    expect(admitted.sort()).toEqual([
      '111122223333 assignold',
      '111122223333 landold',
      '111122223333 publishedold',
      '444455556666 assignnew',
      '444455556666 landnew',
      '444455556666 publishednew',
    ]);
  });

  it.each([
    ['crossfade:intervalMinutes', 4, 'intervalMinutes: 4 is refused; a whole number from 5 to 240 is allowed'],
    ['crossfade:intervalMinutes', 'often', 'crossfade:intervalMinutes:'],
    ['crossfade:groupSize', 0, 'groupSize: 0 is refused'],
    ['crossfade:permisionsBoundary', 'platform', 'crossfade:permisionsBoundary: no such key; allowed are stackName'],
    ['crossfade:removalPolicy', 'keep', 'crossfade:removalPolicy:'],
    ['crossfade:reporterAccounts', '12345', 'reporterAccounts: 12345 is no account id of twelve digits'],
    ['crossfade:organizationId', 'acme', 'organizationId: acme is no organisation id'],
    ['crossfade:logRetentionDays', 31, 'crossfade:logRetentionDays: one of the retention times'],
  ])('refuses %s = %j with what is allowed', (key, value, message) => {
    expect(() => synthesize({ [key]: value })).toThrow(message);
  });

  it('refuses an address for a topic that is not its own', () => {
    const stack = new Stack(new App(), 'S');
    const alarmTopic = Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:eu-west-1:111122223333:alarms');
    expect(() => new Crossfade(stack, 'C', { alarmTopic, alarmEmail: 'a@example.com' })).toThrow(
      'subscribe it to your topic',
    );
  });
});

describe('policies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-policies-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are checked at synth: a wrong one is named and nothing is deployed', () => {
    writeFileSync(join(folder, 'default.yaml'), 'minPairs: 1\n');
    expect(() => synthesize({ 'crossfade:policiesFolder': folder })).toThrow(/default\.yaml: minPairs/);
  });

  it('are a layer of the functions that decide, and of no other', () => {
    const functions = resourcesOf<{ Layers?: unknown[]; Environment: { Variables: Record<string, unknown> } }>(
      thePlainStack(),
      'AWS::Lambda::Function',
    );
    const deciding = [...functions]
      .filter(([, { Properties }]) => Properties.Layers)
      .map(([name]) => name.replace('Functions/', ''));
    expect(deciding).toEqual([
      'register',
      'fan-out',
      'evaluate',
      'commit',
      'explain',
      'promote',
      'demote',
      'hold',
      'release',
      'complete',
    ]);
    for (const [name, { Properties }] of functions) {
      expect(Properties.Environment.Variables.CROSSFADE_POLICIES, name).toBe(Properties.Layers ? '/opt' : undefined);
    }
  });
});

describe('metrics', () => {
  it('can be put on any dashboard', () => {
    aStackWith((crossfade) => {
      const metrics = [
        crossfade.metricSweeps(),
        crossfade.metricEvaluationTime(),
        crossfade.metricEvaluationsFailed(),
        crossfade.metricEvidenceLag(),
      ];
      for (const metric of [...metrics, ...FLEET_METRICS.map((name) => crossfade.metricFleet(name))]) {
        expect(metric.toMetricConfig()).toBeDefined();
      }
    });
  });
});
