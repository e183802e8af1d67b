import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, describe, expect, it } from 'vitest';
import { functionOutput } from '../../lib/aws/deployment.ts';
import { readContext } from '../../lib/constructs/context.ts';
import { Crossfade } from '../../lib/constructs/crossfade.ts';
import { HANDLER_NAMES } from '../../lib/constructs/handlers.ts';
import { FLEET_METRICS } from '../../lib/constructs/metrics.ts';
import { CrossfadeStack } from '../../lib/constructs/stack.ts';
import { loadPolicies } from '../../lib/policies/load.ts';
import { aBareApp, anApp, resourcesOf, synthesize, thePlainStack } from './synth.ts';

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
    const kinds = new Set(ours.map((name) => name.split(' ')[0]));
    expect([...kinds].sort()).toEqual(['AWS::Events::EventBus', 'AWS::Logs::LogGroup', 'AWS::Logs::QueryDefinition']);
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
      expect.arrayContaining([
        'AliasAssignOld',
        'AliasPublishedNew',
        'LandingsQueueUrl',
        'EventBus',
        'AlarmTopic',
        'PageTopic',
        'Dashboard',
      ]),
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
    const stack = new Stack(aBareApp(), 'S');
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
    writeFileSync(join(folder, 'default.yaml'), 'flapping: { demotions: 1 }\n');
    writeFileSync(join(folder, 'strict.yaml'), 'extends: defualt\n');
    const refusal = [
      `policies in ${folder} are refused, 2 problems:`,
      `${folder}/default.yaml:1:24: flapping.demotions: 1 is refused; allowed is a whole number from 2 to 10`,
      `${folder}/strict.yaml:1:10: extends: no policy "defualt" in this folder; did you mean default? there are default`,
    ].join('\n');
    expect(() => synthesize({ 'crossfade:policiesFolder': folder })).toThrow(refusal);
    expect(() => loadPolicies(folder), 'as everywhere else').toThrow(refusal);
    rmSync(join(folder, 'strict.yaml'));
  });

  it('are a layer of the functions that decide, and of no other', () => {
    const functions = resourcesOf<{ Layers?: unknown[]; Environment: { Variables: Record<string, unknown> } }>(
      thePlainStack(),
      'AWS::Lambda::Function',
    );
    const deciding = [...functions]
      .filter(([, { Properties }]) => Properties.Layers)
      .map(([name]) => name.replace('Functions/', ''));
    expect(deciding.sort()).toEqual([
      'approve',
      'commit',
      'complete',
      'demote',
      'evaluate',
      'explain',
      'fan-out',
      'gather',
      'hold',
      'hook',
      'promote',
      'register',
      'release',
      'report-difference',
      'restart',
      'retire',
      'widget',
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
