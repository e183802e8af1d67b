import { describe, expect, it } from 'vitest';
import { answerCall } from '../../functions/caller.ts';

const ARN = 'arn:aws:sts::123456789012:assumed-role/Lead/ann';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:Crossfade-Hold';
const byUrl = { invokedFunctionArn: `${FUNCTION}:verified` };

/** What Lambda hands over for a request to a function URL, payload format 2.0. */
const aUrlEvent = (body: string, given: object = {}) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/',
  headers: { 'content-type': 'application/json' },
  requestContext: {
    accountId: '123456789012',
    authorizer: {
      iam: { accessKey: 'AKIA', accountId: '123456789012', callerId: 'AROA:ann', userArn: ARN, userId: 'AROA' },
    },
    http: { method: 'POST', path: '/', sourceIp: '192.0.2.1' },
  },
  body,
  isBase64Encoded: false,
  ...given,
});

const seen: [unknown, boolean][] = [];
const call = async (event: unknown, context: { invokedFunctionArn?: string } = byUrl, ok = true) => {
  seen.length = 0;
  const answered = await answerCall(event, context, async (request, verified) => {
    seen.push([request, verified]);
    return ok ? { ok: true } : { ok: false, code: 'NeedsNotMet' };
  });
  return answered as { statusCode: number; body: string };
};

describe('a call', () => {
  it('by plain invoke has the actor that it claims, also on the alias of the URL', async () => {
    const request = { jobId: 'a', actor: 'ann' };
    for (const context of [byUrl, { invokedFunctionArn: FUNCTION }]) {
      expect(await call(request, context)).toEqual({ ok: true });
      expect(seen).toEqual([[request, false]]);
    }
  });

  it('through the URL has the actor that AWS vouches for', async () => {
    expect(await call(aUrlEvent('{"jobId": "a", "reason": "x"}'))).toMatchObject({
      statusCode: 200,
      body: '{"ok":true}',
    });
    expect(seen).toEqual([[{ jobId: 'a', reason: 'x', actor: ARN }, true]]);
    await call(aUrlEvent(Buffer.from('{"jobId": "b"}').toString('base64'), { isBase64Encoded: true }));
    expect(seen).toEqual([[{ jobId: 'b', actor: ARN }, true]]);
  });

  it.each<[string, unknown, { invokedFunctionArn?: string }]>([
    ['a plain invoke that carries such an event', aUrlEvent('{}'), { invokedFunctionArn: FUNCTION }],
    ['one on another alias', aUrlEvent('{}'), { invokedFunctionArn: `${FUNCTION}:live` }],
    ['one without a context', aUrlEvent('{}'), {}],
    ['a URL without IAM auth', aUrlEvent('{}', { requestContext: { http: { method: 'POST' } } }), byUrl],
  ])('of %s is refused: nobody vouches for it', async (_, event, context) => {
    const answered = await call(event, context);
    expect(answered).toMatchObject({ statusCode: 403 });
    expect(JSON.parse(answered.body)).toMatchObject({ ok: false, code: 'NotVerified' });
    expect(seen).toEqual([]);
  });

  it.each([
    ['in another name', aUrlEvent('{"actor": "bob"}'), 'actor'],
    ['that is not JSON', aUrlEvent('{'), 'body'],
    ['that is a list', aUrlEvent('[]'), 'body'],
    ['without a body', aUrlEvent(undefined as never), 'body'],
  ])('%s is refused with the field', async (_, event, field) => {
    const answered = await call(event);
    expect(answered.statusCode).toBe(400);
    expect(JSON.parse(answered.body)).toMatchObject({ code: 'Invalid', field });
    expect(seen).toEqual([]);
  });

  it('that a verb refuses is a conflict', async () => {
    expect(await call(aUrlEvent('{}'), byUrl, false)).toMatchObject({ statusCode: 409 });
  });
});
