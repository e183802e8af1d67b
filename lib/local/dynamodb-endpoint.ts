/**
 * DynamoDB for reading: passes what only reads on to the embedded database and refuses the rest, because a write around
 * the functions would be fenced by nothing and seen by no stream.
 */
import { AwsError } from './aws-error.ts';
import type { Database } from './database.ts';
import type { Answer } from './lambda-endpoint.ts';

const READS = new Set([
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'DescribeTable',
  'ListTables',
  'DescribeTimeToLive',
]);

export async function answerDynamoDb(
  database: Pick<Database, 'request'>,
  operation: string,
  contentType: string,
  body: Buffer,
): Promise<Answer> {
  if (!READS.has(operation)) {
    const way = 'writes go through the functions (assign, land, register, hold, ...), which keep the invariants';
    throw new AwsError('AccessDeniedException', `${operation} is refused: this endpoint only reads tables; ${way}`);
  }
  const { status, body: text } = await database.request(operation, body);
  return { status, headers: { 'content-type': contentType }, body: text };
}
