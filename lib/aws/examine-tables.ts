/** What the four tables of a deployment are like, as DynamoDB describes them. Reads descriptions only, never an item. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { ask, type Seen } from './asking.ts';
import { TABLES, type Table, type TableNames } from './tables.ts';

export interface IndexSeen {
  name: string;
  status: string;
  /** `shard N, jobId S`: partition key, then sort key, with their types. */
  keys: string;
  projection: string;
}

export interface TableSeen {
  status: string;
  keys: string;
  indexes: IndexSeen[];
  /** What the stream carries; absent when it is off. */
  stream?: string;
  createdAtMs: number;
}

/** Expiry and backups are not asked where DynamoDB is embedded, which has neither. */
export interface TableExamined {
  name: string;
  description: Seen<TableSeen>;
  /** The attribute that items expire by; empty when expiry is off. */
  expiry?: Seen<string>;
  /** `ENABLED` when it can be restored to a point in time. */
  backups?: Seen<string>;
}

export type TablesExamined = Record<Table, TableExamined>;

export async function examineTables(
  client: DynamoDBClient,
  names: TableNames,
  local: boolean,
): Promise<TablesExamined> {
  const examined = (Object.keys(TABLES) as Table[]).map(async (table): Promise<[Table, TableExamined]> => {
    const name = names[table];
    const description = await ask(`dynamodb:DescribeTable on ${name}`, () => describe(client, name));
    if (local || description.kind === 'missing') return [table, { name, description }];
    const [expiry, backups] = await Promise.all([
      ask(`dynamodb:DescribeTimeToLive on ${name}`, () => describeExpiry(client, name)),
      ask(`dynamodb:DescribeContinuousBackups on ${name}`, () => describeBackups(client, name)),
    ]);
    return [table, { name, description, expiry, backups }];
  });
  return Object.fromEntries(await Promise.all(examined)) as TablesExamined;
}

async function describe(client: DynamoDBClient, name: string): Promise<TableSeen> {
  const { Table: table = {} } = await client.send(new DescribeTableCommand({ TableName: name }));
  const { StreamSpecification: stream, GlobalSecondaryIndexes = [], CreationDateTime } = table;
  return {
    status: table.TableStatus ?? 'unknown',
    keys: describeKeys(table.KeySchema, table),
    indexes: GlobalSecondaryIndexes.map((index) => ({
      name: index.IndexName ?? '',
      status: index.IndexStatus ?? 'unknown',
      keys: describeKeys(index.KeySchema, table),
      projection: index.Projection?.ProjectionType ?? 'unknown',
    })),
    ...(stream?.StreamEnabled && { stream: stream.StreamViewType ?? 'unknown' }),
    createdAtMs: new Date(CreationDateTime ?? 0).getTime(),
  };
}

function describeKeys(schema: TableDescription['KeySchema'], { AttributeDefinitions = [] }: TableDescription): string {
  const types = new Map(AttributeDefinitions.map((attribute) => [attribute.AttributeName, attribute.AttributeType]));
  const sorted = [...(schema ?? [])].sort((a) => (a.KeyType === 'HASH' ? -1 : 1));
  return sorted.map(({ AttributeName }) => `${AttributeName} ${types.get(AttributeName) ?? '?'}`).join(', ');
}

async function describeExpiry(client: DynamoDBClient, name: string): Promise<string> {
  const { TimeToLiveDescription: expiry } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  const on = expiry?.TimeToLiveStatus === 'ENABLED' || expiry?.TimeToLiveStatus === 'ENABLING';
  return on ? (expiry.AttributeName ?? '') : '';
}

async function describeBackups(client: DynamoDBClient, name: string): Promise<string> {
  const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: name }));
  const { PointInTimeRecoveryDescription: recovery } = answer.ContinuousBackupsDescription ?? {};
  return recovery?.PointInTimeRecoveryStatus ?? 'unknown';
}
