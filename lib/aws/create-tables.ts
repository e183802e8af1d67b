/**
 * Creates the tables where there is no CloudFormation: the local runtime at its start, the contract tests. Safe to run
 * again: a table that is there is left as it is. Expiry is not switched on, since embedded DynamoDB has none; there
 * nothing expires.
 */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import type { DocumentClient } from './client.ts';
import { TABLES, type Table, type TableNames, type TableShape } from './tables.ts';

const POLLS = 200;
const POLL_MS = 50;

export async function createTables(client: DocumentClient, names: TableNames): Promise<void> {
  const tables = Object.keys(TABLES) as Table[];
  await Promise.all(tables.map((table) => createTable(client, names[table], TABLES[table])));
}

async function createTable(client: DocumentClient, name: string, shape: TableShape): Promise<void> {
  try {
    await client.send(new CreateTableCommand(createTableInput(name, shape)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilActive(client, name);
}

async function waitUntilActive(client: DocumentClient, name: string): Promise<void> {
  for (let poll = 0; poll < POLLS; poll++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`table ${name} did not become active within ${(POLLS * POLL_MS) / 1000} s: start again`);
}

function createTableInput(name: string, shape: TableShape): CreateTableCommandInput {
  const keySchema = ({ partitionKey, sortKey }: Pick<TableShape, 'partitionKey' | 'sortKey'>) => [
    { AttributeName: partitionKey.name, KeyType: 'HASH' as const },
    { AttributeName: sortKey.name, KeyType: 'RANGE' as const },
  ];
  const keys = [shape, ...shape.indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
  const types = new Map(keys.map((key) => [key.name, key.type]));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(shape),
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    ...(shape.indexes.length > 0 && {
      GlobalSecondaryIndexes: shape.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
    ...(shape.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: shape.stream } }),
  };
}
