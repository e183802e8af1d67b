/**
 * The DynamoDB client of everything that stores: made once per process, so that its connections are reused. Retries are
 * the SDK's own (exponential, with jitter). A retried conditional write may meet its own first attempt;
 * `conditional-put.ts` deals with that.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What the stores work with; others name it without knowing the SDK. */
export type DocumentClient = DynamoDBDocumentClient;

/** DynamoDB answers in milliseconds; what takes this long is lost, and a retry on another connection is faster. */
const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTION_TIMEOUT_MS = 1_000;
/** With the SDK's delays these give up after some 25 s, within the time that a function has. */
const MAX_ATTEMPTS = 5;
/** An evaluation reads a group's shards at once. */
const MAX_SOCKETS = 128;

/** @param config the endpoint and credentials where it is not AWS; by default all comes from the environment. */
export function createDocumentClient(config: DynamoDBClientConfig = {}): DocumentClient {
  const client = new DynamoDBClient({
    retryMode: 'standard',
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK only warns, and a connection that hangs holds the function until its own end.
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
    ...config,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
