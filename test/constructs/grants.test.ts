import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { Crossfade } from '../../lib/constructs/crossfade.ts';
import { OVERRIDES } from '../../lib/constructs/handlers.ts';
import { VERIFIED_ALIAS } from '../../lib/controller/override-request.ts';
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
      PolicyDocument.Statement.map(({ Action, Resource, Condition }) => ({
        condition: Condition,
        actions: [Action].flat(),
        on: [...new Set([Resource].flat().map((arn) => names.get(referredBy(arn) ?? '') ?? JSON.stringify(arn)))],
        text: JSON.stringify(Resource),
      })),
    ]),
  ) as Record<N, { actions: string[]; on: string[]; text: string; condition: Statement['Condition'] }[]>;
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
    verified: (crossfade, role) => crossfade.grantVerifiedOverride('promote', role),
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

  it('a verified override is given through its URL, and not as a plain invoke of what is behind it', () => {
    expect(granted.verified.map(({ actions, on, condition }) => ({ actions, on, condition }))).toEqual([
      {
        actions: ['lambda:InvokeFunctionUrl'],
        on: ['Operators/promote'],
        condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      { actions: INVOKE, on: ['Operators/promote'], condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } } },
    ]);
  });

  it('every verb has a URL that answers only signed requests', () => {
    const urls = resourcesOf<{ AuthType: string; Qualifier: string }>(thePlainStack(), 'AWS::Lambda::Url');
    expect(urls.size).toBe(OVERRIDES.length);
    for (const [name, { Properties }] of urls) {
      expect(Properties, name).toMatchObject({ AuthType: 'AWS_IAM', Qualifier: VERIFIED_ALIAS });
    }
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
    expect(on).toEqual(new Set([...tables, 'Functions/explain', 'Functions/owed', 'Functions/widget']));
  });

  it('never hold a wildcard', () => {
    for (const [name, statements] of Object.entries(granted)) {
      for (const { actions, text } of statements) expect(`${actions} ${text}`, name).not.toContain('*');
    }
  });

  it('two aliases of one version are all that a run can call by', () => {
    const all = resourcesOf<{ Name: string; FunctionVersion: unknown }>(thePlainStack(), 'AWS::Lambda::Alias');
    const aliases = new Map([...all].filter(([path]) => path.startsWith('Aliases/')));
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
