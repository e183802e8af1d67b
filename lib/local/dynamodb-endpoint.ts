/**
 * DynamoDB for reading: passes what only reads on to the embedded database and refuses the rest, because a write around
 * the functions would be fenced by nothing and seen by no stream.
 */
import { Agent, request as httpRequest } from 'node:http';
import { AwsError } from './aws-error.ts';
import { UNCHECKED_AUTHORIZATION } from './database.ts';
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
const TIMEOUT_MS = 15_000;

export class DynamoDbEndpoint {
  readonly #agent: Agent;

  constructor(socketPath: string) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, socketPath } as object);
  }

  answer(operation: string, contentType: string, body: Buffer): Promise<Answer> {
    if (!READS.has(operation)) {
      const way = 'writes go through the functions (assign, land, register, hold, ...), which keep the invariants';
      throw new AwsError('AccessDeniedException', `${operation} is refused: this endpoint only reads tables; ${way}`);
    }
    return new Promise((resolve, reject) => {
      const passed = httpRequest({
        agent: this.#agent,
        method: 'POST',
        path: '/',
        timeout: TIMEOUT_MS,
        headers: {
          host: 'localhost',
          'content-type': contentType,
          'content-length': body.length,
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          'x-amz-date': '20260101T000000Z',
          authorization: UNCHECKED_AUTHORIZATION,
        },
      });
      passed.on('timeout', () => passed.destroy(new Error(`the database did not answer ${operation} in time`)));
      passed.on('error', reject);
      passed.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { 'content-type': type = contentType, 'x-amz-crc32': crc } = response.headers;
          const headers = { 'content-type': type, ...(typeof crc === 'string' && { 'x-amz-crc32': crc }) };
          resolve({ status: response.statusCode ?? 500, headers, body: Buffer.concat(chunks) });
        });
      });
      passed.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
