import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callUrl } from '../../lib/aws/operator-url.ts';
import { actOnFleet, actOnJob } from '../../lib/cli/act.ts';
import { explainFailure } from '../../lib/cli/failure.ts';
import { aJob } from '../builders/records.ts';
import { aStage } from '../controller/stage.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

const SECRET = 'a-secret';
const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET, sessionToken: 'a-session' };
const client = new LambdaClient({ region: 'eu-west-1', credentials });

interface Received {
  request: IncomingMessage;
  body: string;
}

describe('a verb through its function’s URL', () => {
  const received: Received[] = [];
  let answer = { status: 200, body: '{"ok":true}' };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ request, body });
    response.writeHead(answer.status).end(answer.body);
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is signed for Lambda in the region, as who has the credentials, over the body', async () => {
    received.length = 0;
    expect(await callUrl(client, url, { jobId: 'a', reason: 'größer' })).toEqual({ ok: true });
    const [{ request, body }] = received as [Received];
    expect(JSON.parse(body)).toEqual({ jobId: 'a', reason: 'größer' });
    expect(request.method).toBe('POST');
    expect(request.headers['x-amz-security-token']).toBe('a-session');
    expect(request.headers.authorization).toContain('/eu-west-1/lambda/aws4_request');
    expect(request.headers.authorization).toBe(expectedAuthorization({ request, body }));
  });

  it.each([400, 403, 409])('that answers %d with a refusal is refused, and not a failure', async (status) => {
    answer = { status, body: '{"ok":false,"code":"NeedsNotMet","message":"m"}' };
    expect(await callUrl(client, url, {})).toEqual({ ok: false, code: 'NeedsNotMet', message: 'm' });
  });

  it('that IAM refuses says that it is not allowed, and whom to ask', async () => {
    answer = { status: 403, body: '{"Message":"Forbidden"}' };
    const failed = await callUrl(client, url, {}).catch((error: unknown) => error);
    const { exitCode, message } = explainFailure(failed);
    expect(exitCode).toBe(1);
    expect(message).toContain('you may not do this here');
  });

  it('that fails says what came back', async () => {
    answer = { status: 502, body: 'Internal Server Error' };
    await expect(callUrl(client, url, {})).rejects.toThrow('answered 502: Internal Server Error');
  });
});

describe('--verified', () => {
  it('sends the verb to the URL without an actor, and nothing to the function', async () => {
    const deployment = aMemoryDeployment(aStage({ jobs: [aJob({ phase: 'shadow' })] }));
    const sent: [string, object][] = [];
    const verified = {
      ...deployment,
      invokeVerified: async (verb: string, payload: object) => {
        sent.push([verb, payload]);
        return { ok: true };
      },
    };
    await actOnJob(verified, 'hold', { jobId: 'a', reason: 'r', requestId: 'r-1', verified: true }, anOutput());
    await actOnFleet(verified, 'pause', { reason: 'r', requestId: 'r-2', verified: true }, anOutput());
    expect(sent).toEqual([
      ['hold', { jobId: 'a', reason: 'r', requestId: 'r-1' }],
      ['pause', { reason: 'r', requestId: 'r-2' }],
    ]);
    expect(deployment.invoked).toEqual([]);
  });

  it('is refused with an actor, and where nobody vouches for who calls', async () => {
    const deployment = aMemoryDeployment(aStage());
    const asVerified = (given: object) => ({ jobId: 'a', reason: 'r', verified: true, ...given });
    await expect(actOnJob(deployment, 'hold', asVerified({}), anOutput())).rejects.toThrow('nobody vouches');
    const vouching = { ...deployment, invokeVerified: async () => ({ ok: true }) };
    const byBob = actOnJob(vouching, 'hold', asVerified({ actor: 'bob' }), anOutput());
    await expect(byBob).rejects.toThrow('AWS says who you are');
    expect(deployment.invoked).toEqual([]);
  });
});

/** Signature Version 4 as AWS documents it, computed from what arrived. */
function expectedAuthorization({ request, body }: Received): string {
  const { headers, method, url: path } = request;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [, scope, names] = /Credential=AKID\/(\S+), SignedHeaders=(\S+),/.exec(headers.authorization!)!;
  const signed = names!.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = [method, path, '', signed.join(''), names, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope!.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${SECRET}`);
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
