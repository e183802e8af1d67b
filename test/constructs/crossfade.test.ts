import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { functionOutput } from '../../lib/aws/deployment.ts';
import { readContext } from '../../lib/constructs/context.ts';
import { Crossfade } from '../../lib/constructs/crossfade.ts';
import { HANDLER_NAMES } from '../../lib/constructs/handlers.ts';
import { FLEET_METRICS } from '../../lib/constructs/metrics.ts';
import { CrossfadeStack } from '../../lib/constructs/stack.ts';
import type { PolicyDocument, Statement } from './permissions.ts';
import { anApp, namesOf, referredBy, resourcesOf, synthesize, thePlainStack } from './synth.ts';

/** Someone's own app: a stack with Crossfade, and a role for each name that is granted one thing. */
function grantedTo<N extends string>(uses: Record<N, (crossfade: Crossfade, role: Role) => void>) {
  const stack = new Stack(anApp(), 'Pipelines');
  const crossfade = new Crossfade(stack, 'Crossfade');
  for (const [name, use] of Object.entries(uses) as [N, (crossfade: Crossfade, role: Role) => void][]) {
    use(crossfade, new Role(stack, name, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
  }
  const names = namesOf(stack);
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy') as Record<string, Policy>;
  return Object.fromEntries(
    Object.values(policies).map(({ Properties: { Roles, PolicyDocument } }) => [
      names.get(referredBy(Roles[0]) ?? ''),
      PolicyDocument.Statement.map(({ Action, Resource }) => ({
        actions: [Action].flat(),
        on: [...new Set([Resource].flat().map((arn) => names.get(referredBy(arn) ?? '') ?? JSON.stringify(arn)))],
        text: JSON.stringify(Resource),
      })),
    ]),
  ) as Record<N, { actions: string[]; on: string[]; text: string }[]>;
}

interface Policy {
  Properties: { Roles: unknown[]; PolicyDocument: PolicyDocument };
}

describe('grants', () => {
  const granted = grantedTo({
    assignOld: (crossfade, role) => crossfade.grantAssign(role, 'old'),
    assignBoth: (crossfade, role) => crossfade.grantAssign(role),
    landNew: (crossfade, role) => crossfade.grantLand(role, 'new'),
    publishedOld: (crossfade, role) => crossfade.grantPublished(role, 'old'),
    report: (crossfade, role) => crossfade.grantReport(role),
    register: (crossfade, role) => crossfade.grantRegister(role),
    demote: (crossfade, role) => crossfade.grantOverride('demote', role),
    pause: (crossfade, role) => crossfade.grantOverride('pause', role),
    read: (crossfade, role) => crossfade.grantRead(role),
  });
  const INVOKE = ['lambda:InvokeFunction'];

  it.each([
    ['assignOld', ['Aliases/assign-old']],
    ['assignBoth', ['Aliases/assign-new', 'Aliases/assign-old']],
    ['landNew', ['Aliases/land-new']],
    ['publishedOld', ['Aliases/published-old']],
  ] as const)('%s is given through aliases, and no other way', (name, aliases) => {
    expect(granted[name].flatMap(({ actions }) => actions)).toEqual(INVOKE);
    expect(granted[name].flatMap(({ on }) => on)).toEqual(aliases);
  });

  it.each(['register', 'demote', 'pause'] as const)('%s is given alone', (name) => {
    expect(granted[name].flatMap(({ actions }) => actions)).toEqual(INVOKE);
    expect(granted[name].flatMap(({ on }) => on)).toEqual([`Functions/${name}`]);
  });

  it('reporters may send to the queue, and not read it', () => {
    expect(granted.report).toHaveLength(1);
    expect(granted.report[0]).toMatchObject({
      actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
      on: ['Landings/Landings'],
    });
  });

  it('readers may read everything and change nothing', () => {
    const actions = new Set(granted.read.flatMap((statement) => statement.actions));
    expect(actions).toEqual(new Set(['dynamodb:GetItem', 'dynamodb:Query', ...INVOKE]));
    const on = new Set(granted.read.flatMap((statement) => statement.on));
    const tables = ['jobs', 'landings', 'evidence', 'fleet'].map((table) => `Tables/${table}`);
    expect(on).toEqual(new Set([...tables, 'Functions/explain', 'Functions/owed']));
  });

  it('never hold a wildcard', () => {
    for (const [name, statements] of Object.entries(granted)) {
      for (const { actions, text } of statements) expect(`${actions} ${text}`, name).not.toContain('*');
    }
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
      'restart',
      'retire',
    ]);
    for (const [name, { Properties }] of functions) {
      expect(Properties.Environment.Variables.CROSSFADE_POLICIES, name).toBe(Properties.Layers ? '/opt' : undefined);
    }
  });
});

describe('metrics', () => {
  it('can be put on any dashboard', () => {
    const { crossfade } = thePlainStack().stack;
    const metrics = [
      crossfade.metricSweeps(),
      crossfade.metricEvaluationTime(),
      crossfade.metricEvaluationsFailed(),
      crossfade.metricEvidenceLag(),
      ...FLEET_METRICS.map((name) => crossfade.metricFleet(name)),
    ];
    for (const metric of metrics) expect(metric.toMetricConfig()).toBeDefined();
  });
});
