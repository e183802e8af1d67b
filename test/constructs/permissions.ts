/**
 * Who may do what, read from the synthesized template and written as the tables of docs/permissions.md. What is not
 * understood is shown as it stands in the template, so that nothing is granted without being seen.
 */
import type { Stack } from 'aws-cdk-lib';
import { HANDLER_NAMES } from '../../lib/constructs/handlers.ts';
import { namesOf, type Resource, resourcesOf, type Synthesized } from './synth.ts';

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface PolicyDocument {
  Statement: Statement[];
}

interface RoleProperties {
  AssumeRolePolicyDocument: PolicyDocument;
  Policies?: { PolicyDocument: PolicyDocument }[];
  ManagedPolicyArns?: unknown[];
}

export interface Permission {
  role: string;
  statement: string;
  actions: string[];
  resources: string[];
  condition: string;
}

/** Every statement of every role, by the role's name: a function's is called by the function. */
export function permissionsOf(synthesized: Synthesized): Permission[] {
  const name = namer(synthesized.stack);
  const roles = [...resourcesOf<RoleProperties>(synthesized, 'AWS::IAM::Role')].map(([path, role]) => ({
    role: path.replace(/^Functions\/(.+)-role$/, '$1').replace(/\/Role$/, ''),
    statements: statementsOf(role),
  }));
  return roles
    .sort((a, b) => rank(a.role) - rank(b.role))
    .flatMap(({ role, statements }) =>
      statements.map(({ Sid = '', Action, Resource, Condition }) => ({
        role,
        statement: Sid,
        actions: [Action].flat(),
        resources: [Resource].flat().map(name),
        condition: describeCondition(Condition, name),
      })),
    );
}

function statementsOf({ Properties }: Resource<RoleProperties>): Statement[] {
  if (Properties.ManagedPolicyArns) throw new Error(`a role has managed policies: ${JSON.stringify(Properties)}`);
  return (Properties.Policies ?? []).flatMap((policy) => policy.PolicyDocument.Statement);
}

/** Who may assume each role, and under which condition. */
export function trustOf(synthesized: Synthesized): Map<string, Statement[]> {
  const roles = resourcesOf<RoleProperties>(synthesized, 'AWS::IAM::Role');
  return new Map([...roles].map(([path, role]) => [path, role.Properties.AssumeRolePolicyDocument.Statement]));
}

export function renderPermissions(synthesized: Synthesized): string {
  const permissions = permissionsOf(synthesized);
  const roles = [...new Set(permissions.map((permission) => permission.role))];
  const isFunction = (role: string) => (HANDLER_NAMES as string[]).includes(role);
  return [
    '# Permissions',
    '',
    'What each role of a deployment may do, generated from the synthesized template by',
    '`npx vitest run test/constructs/permissions.test.ts -u`; a test holds the two together. Nothing else is attached to a',
    'role: no managed policy, and no wildcard but two of the state machine, whose actions know no resource. `logs` is the',
    "role's own log group, `index by-shard` that index without its table.",
    '',
    ...renderRoles('Functions', roles.filter(isFunction), permissions),
    ...renderRoles(
      'Services',
      roles.filter((role) => !isFunction(role)),
      permissions,
    ),
  ].join('\n');
}

/** Roles that may do the same share a table. */
function renderRoles(title: string, roles: string[], permissions: Permission[]): string[] {
  const rowsOf = (role: string) =>
    permissions
      .filter((permission) => permission.role === role)
      .map(renderRow)
      .join('\n');
  const groups = Map.groupBy(roles, rowsOf);
  const tables = [...groups].map(([rows, same]) =>
    [`### ${same.join(', ')}`, '', '| may | on | only where |', '| --- | --- | --- |', rows, ''].join('\n'),
  );
  return [`## ${title}`, '', ...tables];
}

function renderRow({ actions, resources, condition }: Permission): string {
  return `| ${actions.map((action) => `\`${action}\``).join(' ')} | ${resources.join(', ')} | ${condition} |`;
}

/** `Tables/landings`, `Tables/jobs index by-shard`, `Functions/commit`; the template's own words where there is no name. */
function namer(stack: Stack): (arn: unknown) => string {
  const names = namesOf(stack);
  const name = (arn: unknown): string => {
    if (typeof arn === 'string') return arn;
    const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = arn as Record<string, unknown>;
    if (typeof Ref === 'string') return names.get(Ref) ?? Ref;
    if (Array.isArray(attribute)) {
      const path = names.get(attribute[0]) ?? attribute[0];
      if (attribute[1] === 'StreamArn') return `${path} stream`;
      return attribute[1] === 'Arn'
        ? path.replace(/^Functions\/.+-logs$|^.+\/Logs$/, 'logs')
        : `${path}.${attribute[1]}`;
    }
    if (Array.isArray(join)) {
      const [separator, parts] = join as [string, unknown[]];
      return parts.map(name).join(separator).replace('/index/', ' index ');
    }
    return JSON.stringify(arn);
  };
  return name;
}

/** In words where they are known. */
const WORDS: Record<string, string> = {
  'dynamodb:LeadingKeys': 'the partition key',
  'ForAllValues:StringLike': 'is like',
  StringEquals: 'is',
};

function describeCondition(condition: Statement['Condition'], name: (value: unknown) => string): string {
  const clauses = Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => {
      const values = [value].flat().map((one) => `\`${name(one)}\``);
      return `${WORDS[key] ?? key} ${WORDS[operator] ?? operator} ${values.join(', ')}`;
    }),
  );
  return clauses.join('; ');
}

/** In the order of `handlers.ts`, which is that of a landing's way; services after them. */
function rank(role: string): number {
  const index = (HANDLER_NAMES as string[]).indexOf(role);
  return index < 0 ? HANDLER_NAMES.length : index;
}
