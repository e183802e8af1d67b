/**
 * Reads a table's stream from its beginning, as a Lambda trigger would be handed it. Speaks to DynamoDB Local directly,
 * which takes any signature: a client package for four calls in one test would be one more dependency.
 */
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DocumentClient } from '../../lib/aws/client.ts';
import type { NewImage } from '../../lib/aws/stream.ts';

export interface StreamRecord {
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  dynamodb: { NewImage?: NewImage; OldImage?: NewImage; StreamViewType: string };
}

const MAX_READS = 100;

export async function readStream(client: DocumentClient, endpoint: string, table: string): Promise<StreamRecord[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const stream = { StreamArn: Table?.LatestStreamArn };
  const { StreamDescription } = await call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
    endpoint,
    'DescribeStream',
    stream,
  );
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const start = { ...stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let { ShardIterator: at } = await call<{ ShardIterator?: string }>(endpoint, 'GetShardIterator', start);
    for (let reads = 0; at !== undefined && reads < MAX_READS; reads++) {
      const page: { Records: StreamRecord[]; NextShardIterator?: string } = await call(endpoint, 'GetRecords', {
        ShardIterator: at,
      });
      records.push(...page.Records);
      at = page.Records.length > 0 ? page.NextShardIterator : undefined;
    }
  }
  return records;
}

async function call<T>(endpoint: string, operation: string, input: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=any',
    },
    body: JSON.stringify(input),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${body}`);
  return JSON.parse(body) as T;
}
