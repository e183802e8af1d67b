/** The local endpoint as AWS's own clients see it. The functions are fakes; the tables, queues and state machine are not. */
import { request } from 'node:http';
import {
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type InvocationType, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionModule } from '../../lib/local/functions.ts';
import { STATE_MACHINE_ARN } from '../../lib/local/names.ts';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';

const seen: { name: string; event: unknown; context: { functionName: string; getRemainingTimeInMillis(): number } }[] =
  [];
const of = (name: string) => seen.filter((call) => call.name === name);

const module = (name: string, answer: (event: never) => unknown = () => ({ ok: true })): (() => FunctionModule) => {
  return () => ({
    handler: (event, context) => {
      seen.push({ name, event, context });
      return answer(event);
    },
  });
};

let flaky = 2;
const functions = {
  assign: module('assign', (event) => ({ got: event, when: new Date(0), nothing: undefined })),
  broken: module('broken', () => {
    throw Object.assign(new TypeError('no such partition'), { code: 'E1' });
  }),
  silent: module('silent', () => undefined),
  large: module('large', () => 'x'.repeat(7_000_000)),
  flaky: module('flaky', () => {
    if (--flaky > 0) throw new Error('again');
  }),
  ingest: module('ingest', ({ Records }: SQSEvent) => ({
    batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  })),
  gather: module('gather'),
  'fan-out': module('fan-out'),
  evaluate: module('evaluate', (event: object) => ({ ...event, promotions: [] })),
  commit: module('commit'),
  account: module('account'),
};

describe('the local endpoint', () => {
  let local: LocalRuntime;
  let config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  beforeAll(async () => {
    local = await startLocal({ port: 0, everySeconds: 0, functions });
    config = { endpoint: local.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  }, 30_000);
  afterAll(() => local.stop());

  describe('for Lambda', () => {
    async function invoke(FunctionName: string, payload?: string, InvocationType?: InvocationType) {
      const command = new InvokeCommand({
        FunctionName,
        ...(payload !== undefined && { Payload: payload }),
        ...(InvocationType && { InvocationType }),
      });
      const { Payload, ...answer } = await new LambdaClient(config).send(command);
      return { ...answer, text: Payload?.transformToString() ?? '' };
    }

    it.each([
      'assign',
      'crossfade-assign',
      'crossfade-assign:live',
      '000000000000:function:crossfade-assign',
      'arn:aws:lambda:us-east-1:000000000000:function:crossfade-assign',
      'arn:aws:lambda:eu-west-1:123456789012:function:crossfade-assign:live',
    ])('invokes assign by the name %s, with a JSON event and result', async (name) => {
      const { StatusCode, FunctionError, ExecutedVersion, text } = await invoke(name, '{"jobId":"ü"}');
      expect([StatusCode, FunctionError, ExecutedVersion]).toEqual([200, undefined, '$LATEST']);
      expect(JSON.parse(text)).toEqual({ got: { jobId: 'ü' }, when: '1970-01-01T00:00:00.000Z' });
      expect(of('assign').at(-1)?.context.functionName).toBe('crossfade-assign');
      expect(of('assign').at(-1)?.context.getRemainingTimeInMillis()).toBeGreaterThan(50_000);
    });

    it('hands over an empty event as {}, and answers null for no result', async () => {
      expect((await invoke('silent')).text).toBe('null');
      expect(of('silent')[0]?.event).toEqual({});
    });

    it('answers an exception with 200 and its type and message', async () => {
      const { StatusCode, FunctionError, text } = await invoke('broken', '{}');
      expect([StatusCode, FunctionError]).toEqual([200, 'Unhandled']);
      expect(JSON.parse(text)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such partition' });
      expect(JSON.parse(text).trace[0]).toBe('TypeError: no such partition');
    });

    it('answers an event at once, and tries it again when it fails', async () => {
      expect(await invoke('flaky', '{}', 'Event')).toMatchObject({ StatusCode: 202, text: '' });
      await local.idle();
      expect(of('flaky')).toHaveLength(2);
    });

    it('says that a function is not there, and which are', async () => {
      await expect(invoke('toString')).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: expect.stringContaining('Deployed here: assign, broken'),
        $metadata: { httpStatusCode: 404 },
      });
    });

    it('refuses a payload that is not JSON, one that is too large, and an answer that is', async () => {
      await expect(invoke('assign', '{')).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
      const large = JSON.stringify('x'.repeat(6 * 1024 * 1024));
      await expect(invoke('assign', large)).rejects.toMatchObject({
        name: 'RequestTooLargeException',
        $metadata: { httpStatusCode: 413 },
      });
      expect(await invoke('large', '{}')).toMatchObject({
        FunctionError: 'Unhandled',
        text: expect.stringContaining('Function.ResponseSizeTooLarge'),
      });
    });
  });

  describe('for Step Functions', () => {
    const input = JSON.stringify({ sweepId: 's', group: 0, shards: [1], grants: {}, expiresAt: 'e' });

    it('starts an execution of the state machine, and describes it', async () => {
      const sfn = new SFNClient(config);
      const started = await sfn.send(
        new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, name: 's-000', input }),
      );
      expect(started.startDate).toBeInstanceOf(Date);
      await local.idle();
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn: String(started.executionArn) }));
      expect(described).toMatchObject({ status: 'SUCCEEDED', name: 's-000', input, output: '{"ok":true}' });
      expect(of('evaluate')[0]?.event).toEqual(JSON.parse(input));
      expect(of('account')[0]?.event).toEqual({ sweepId: 's', group: 0, input: JSON.parse(input), results: [] });
    });

    it('refuses a name that was used, and a state machine that is not there', async () => {
      const sfn = new SFNClient(config);
      const again = new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, name: 's-000', input });
      await expect(sfn.send(again)).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
      const other = new StartExecutionCommand({ stateMachineArn: `${STATE_MACHINE_ARN}x`, input });
      await expect(sfn.send(other)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    });
  });

  describe('for SQS', () => {
    it('ingests what is sent to the landings queue, and keeps what fails as a dead letter until it is deleted', async () => {
      const sqs = new SQSClient(config);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'crossfade-landings' }));
      const letters = (await sqs.send(new GetQueueUrlCommand({ QueueName: 'crossfade-landings-dead-letters' })))
        .QueueUrl;
      const attributes = { source: { DataType: 'String', StringValue: 'test' } };
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageAttributes: attributes }));
      const { Records } = of('ingest').at(-1)!.event as SQSEvent;
      expect(Records).toMatchObject([
        {
          body: 'one',
          messageAttributes: { source: { stringValue: 'test', dataType: 'String' } },
          eventSource: 'aws:sqs',
        },
      ]);

      const Entries = ['two', 'bad', 'three'].map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['0', '1', '2']);

      const count = new GetQueueAttributesCommand({ QueueUrl: letters, AttributeNames: ['All'] });
      expect((await sqs.send(count)).Attributes).toMatchObject({ ApproximateNumberOfMessages: '1' });
      expect(local.status()).toMatchObject({ deadLetters: 1 });
      const receive = new ReceiveMessageCommand({
        QueueUrl: letters,
        MessageAttributeNames: ['All'],
        VisibilityTimeout: 0,
      });
      const [letter] = (await sqs.send(receive)).Messages ?? [];
      expect(letter).toMatchObject({
        Body: 'bad',
        MessageAttributes: { reason: { StringValue: expect.stringContaining('3 times') } },
      });
      await sqs.send(new DeleteMessageCommand({ QueueUrl: letters, ReceiptHandle: String(letter?.ReceiptHandle) }));
      expect((await sqs.send(receive)).Messages ?? []).toEqual([]);
    });

    it('refuses an unknown queue, an empty message and a batch of eleven', async () => {
      const sqs = new SQSClient(config);
      const unknown = sqs.send(new GetQueueUrlCommand({ QueueName: 'landings' }));
      await expect(unknown).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
      const QueueUrl = `${local.url}/000000000000/crossfade-landings`;
      const empty = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' }));
      await expect(empty).rejects.toMatchObject({ name: 'MissingParameter' });
      const Entries = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' }));
      const eleven = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      await expect(eleven).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    });
  });

  describe('for DynamoDB', () => {
    it('reads the tables', async () => {
      const dynamo = new DynamoDBClient(config);
      expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual([
        'crossfade-evidence',
        'crossfade-fleet',
        'crossfade-jobs',
        'crossfade-landings',
      ]);
      const Key = { jobId: { S: 'none' }, record: { S: 'job' } };
      expect((await dynamo.send(new GetItemCommand({ TableName: 'crossfade-jobs', Key }))).Item).toBeUndefined();
      const query = new QueryCommand({
        TableName: 'crossfade-jobs',
        IndexName: 'by-shard',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'shard' },
        ExpressionAttributeValues: { ':s': { N: '1' } },
      });
      expect((await dynamo.send(query)).Items).toEqual([]);
      const missing = new GetItemCommand({ TableName: 'crossfade-none', Key });
      await expect(dynamo.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });

    it('refuses to write, and says how one writes', async () => {
      const put = new PutItemCommand({
        TableName: 'crossfade-jobs',
        Item: { jobId: { S: 'a' }, record: { S: 'job' } },
      });
      await expect(new DynamoDBClient(config).send(put)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('writes go through the functions'),
      });
    });
  });

  describe('for anybody else', () => {
    /** A plain request, with headers that `fetch` would not let through. */
    function send(method: string, path: string, headers: Record<string, string> = {}, body = '') {
      return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const sent = request(new URL(path, local.url), { method, headers, agent: false }, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode, text }));
        });
        sent.on('error', reject);
        sent.end(body);
      });
    }
    const PATH = '/2015-03-31/functions/assign/invocations';

    it('says how it is', async () => {
      const { status, text } = await send('GET', '/healthz');
      expect([status, JSON.parse(text)]).toMatchObject([200, { status: 'ok', stream: { waiting: 0, failed: 0 } }]);
    });

    it('needs no signature', async () => {
      expect(await send('POST', PATH, {}, '{}')).toMatchObject({ status: 200 });
    });

    it('refuses requests from web pages, and those that a foreign name was resolved for', async () => {
      const before = of('assign').length;
      expect(await send('POST', PATH, { origin: 'https://example.com' }, '{}')).toMatchObject({ status: 403 });
      expect(await send('POST', PATH, { host: 'example.com:4400' }, '{}')).toMatchObject({ status: 403 });
      // Not from the dashboard's own pages either, whatever gets into one.
      expect(await send('POST', PATH, { origin: local.url }, '{}')).toMatchObject({ status: 403 });
      expect(of('assign')).toHaveLength(before);
    });

    it('refuses what it has not, and names what it has', async () => {
      for (const [method, path] of [
        ['GET', '/nowhere'],
        ['POST', '/'],
        ['PUT', PATH],
        ['POST', '/2015-03-31/functions/%ff/invocations'],
      ]) {
        const { status, text } = await send(String(method), String(path));
        expect([400, 404]).toContain(status);
        expect(JSON.parse(text).message).not.toBe('');
      }
    });
  });
});
