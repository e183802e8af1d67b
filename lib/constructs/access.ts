/**
 * Least privilege on the tables, as data: which actions on which table, index or kind of fleet record. `handlers.ts` says it
 * for each function; this makes IAM statements of it. There is no wildcard: each statement names one table or one index.
 */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { accountKind, CONTROLS_KEY, FLEET_HISTORY, LEDGER, SUMMARY, SWEEP } from '../aws/fleet-item.ts';
import { BY_ATTENTION, BY_SHARD, BY_TEAM, type Table } from '../aws/tables.ts';
import type { Tables } from './tables.ts';

export type Action = 'GetItem' | 'PutItem' | 'DeleteItem' | 'Query';

/**
 * A part of a table. Of `jobs` an index, whose ARN is its own. Of `fleet` the records of one kind, held by the partition
 * key: who may account for a group cannot lift a pause.
 */
interface Part {
  table: Table;
  index?: string;
  kind?: string;
}

const PARTS = {
  jobs: { table: 'jobs' },
  'jobs by shard': { table: 'jobs', index: BY_SHARD },
  'jobs by attention': { table: 'jobs', index: BY_ATTENTION },
  'jobs by team': { table: 'jobs', index: BY_TEAM },
  landings: { table: 'landings' },
  evidence: { table: 'evidence' },
  controls: { table: 'fleet', kind: CONTROLS_KEY.kind },
  'fleet history': { table: 'fleet', kind: FLEET_HISTORY },
  ledgers: { table: 'fleet', kind: LEDGER },
  summaries: { table: 'fleet', kind: SUMMARY },
  accounts: { table: 'fleet', kind: accountKind('*') },
  sweeps: { table: 'fleet', kind: SWEEP },
  owed: { table: 'fleet', kind: 'owed#*' },
} as const satisfies Record<string, Part>;

export type TableAccess = Partial<Record<keyof typeof PARTS, readonly Action[]>>;

export const READ_EVERYTHING: TableAccess = {
  jobs: ['GetItem', 'Query'],
  'jobs by shard': ['Query'],
  'jobs by attention': ['Query'],
  'jobs by team': ['Query'],
  landings: ['GetItem', 'Query'],
  evidence: ['GetItem', 'Query'],
  controls: ['GetItem', 'Query'],
  'fleet history': ['GetItem', 'Query'],
  ledgers: ['GetItem', 'Query'],
  summaries: ['GetItem', 'Query'],
  accounts: ['GetItem', 'Query'],
  sweeps: ['GetItem', 'Query'],
  owed: ['GetItem', 'Query'],
};

/** The part that a request is about: what `statementsFor` grants it under. */
export function partOf(table: Table, index?: string, kind?: string): keyof typeof PARTS {
  const found = Object.entries(PARTS).find(([, part]: [string, Part]) => {
    if (part.table !== table || part.index !== index) return false;
    return part.kind === undefined || part.kind === kind || kind?.startsWith(part.kind.replace(/\*$/, '')) === true;
  });
  if (!found) throw new Error(`no part of the tables is ${[table, index, kind].join(' ')}: name it in PARTS`);
  return found[0] as keyof typeof PARTS;
}

export function statementsFor(tables: Tables, access: TableAccess): PolicyStatement[] {
  const statements = Object.entries(access).map(([name, actions]) => {
    const { table, index, kind }: Part = PARTS[name as keyof typeof PARTS];
    const { tableArn } = tables.byName[table];
    return new PolicyStatement({
      sid: sidOf(name),
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [index === undefined ? tableArn : `${tableArn}/index/${index}`],
      ...(kind !== undefined && { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [kind] } } }),
    });
  });
  if (!tables.encryptionKey) return statements;
  const writes = Object.values(access).some((actions) => actions.includes('PutItem') || actions.includes('DeleteItem'));
  return [
    ...statements,
    keyStatement(tables, tables.encryptionKey, writes ? [...KEY_READS, ...KEY_WRITES] : KEY_READS),
  ];
}

/** `jobs by shard` -> `JobsByShard`. */
function sidOf(name: string): string {
  return name.replace(/(^| )(\w)/g, (_, __, letter: string) => letter.toUpperCase());
}

const KEY_READS = ['kms:Decrypt', 'kms:DescribeKey'];
const KEY_WRITES = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/** Only through DynamoDB: the key opens nothing else that it may encrypt. */
function keyStatement(tables: Tables, key: IKey, actions: string[]): PolicyStatement {
  const { urlSuffix, region } = Stack.of(tables);
  return new PolicyStatement({
    sid: 'TableKey',
    actions,
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
  });
}
