/** Gates and hooks through everything that runs on one machine: policies, sweeps, the state machine, Lambda's own client. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHooks } from '../../lib/aws/hooks.ts';
import type { Explanation } from '../../lib/controller/explain.ts';
import type { HookRequest } from '../../lib/domain/hook.ts';
import { FUNCTIONS } from '../../lib/local/functions.ts';
import { type LocalOptions, type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';

const folders: string[] = [];
let started: LocalRuntime | undefined;
let clockMs = Date.parse('2026-11-22T13:00:00.000Z');

afterEach(async () => {
  await started?.stop();
  started = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function aRuntime(options: LocalOptions, policy = '{}'): Promise<LocalRuntime> {
  const policiesDir = mkdtempSync(join(tmpdir(), 'crossfade-policies-'));
  folders.push(policiesDir);
  writeFileSync(join(policiesDir, 'default.yaml'), policy);
  started = await startLocal({ port: 0, everySeconds: 0, policiesDir, now: () => clockMs, ...options });
  return started;
}

const POLICY = `
automation: enforce
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 1d }
criteria: { landingLatency: false, resourceUtilization: false }
hooks:
  reverse-shadow:
    gate: { function: orders-gate }
    prepare: { function: "arn:aws:lambda:us-east-1:000000000000:function:orders-prepare:live" }
    settle: { function: orders-told }
  shadow:
    settle: { function: orders-told }
`;

async function deliver(local: LocalRuntime, system: 'old' | 'new', partition: string, checksum = 'c') {
  const of = { jobId: 'orders', partition, system };
  const { token, write } = await local.call<{ token: string; write: string }>('assign', of);
  const landedAt = new Date(clockMs).toISOString();
  const content = { rowCount: 1, checksum, checksumAlgorithm: 'sha256-sum', landedAt, final: true };
  await local.call('land', { ...of, token, ...content });
  if (write === 'production') await local.call('published', { ...of, token, checksum });
}

const explained = (local: LocalRuntime) => local.call<Explanation>('explain', { jobId: 'orders' });

describe('hooks on one machine', () => {
  it('are asked on the way to a promotion, again while they say not yet, and told of what happened', async () => {
    const asked: string[] = [];
    let open = false;
    const note = (answer: () => string) => async (request: unknown) => {
      const { step, idempotencyKey, transition } = request as HookRequest;
      asked.push(`${step} ${transition.from} -> ${transition.to} ${idempotencyKey}`);
      return { schemaVersion: 1, answer: answer(), message: 'freeze until Monday' };
    };
    const local = await aRuntime(
      {
        hooks: {
          'orders-gate': note(() => (open ? 'pass' : 'not-yet')),
          'orders-prepare': note(() => 'pass'),
          'orders-told': note(() => 'pass'),
        },
      },
      POLICY,
    );
    await local.call('register', { jobs: [{ jobId: 'orders', team: 'orders', initialPhase: 'shadow' }] });
    for (const partition of ['2026-11-20', '2026-11-21', '2026-11-22']) {
      await deliver(local, 'old', partition);
      await deliver(local, 'new', partition);
    }
    await local.idle();
    // The first sweep sees who is ready, the second has room for them.
    await local.sweepNow();
    await local.sweepNow();
    const gate = 'gate shadow -> reverse-shadow orders/1/reverse-shadow/gate';
    expect(new Set(asked)).toEqual(new Set([gate]));
    const { decision } = await explained(local);
    expect(decision).toMatchObject({ reason: 'not-prepared', unmet: [{ need: 'prepared' }] });
    expect(decision.message).toContain('gate orders-gate says not yet: freeze until Monday');

    open = true;
    clockMs += 3_600_000;
    asked.length = 0;
    // One that asks again, and one that commits what has passed.
    await local.sweepNow();
    await local.sweepNow();
    await local.idle();
    expect((await explained(local)).job).toMatchObject({ phase: 'reverse-shadow' });
    expect(asked).toEqual([
      gate,
      'prepare shadow -> reverse-shadow orders/1/reverse-shadow/prepare',
      'settle shadow -> reverse-shadow orders/2/reverse-shadow/settle',
    ]);

    asked.length = 0;
    await deliver(local, 'new', '2026-11-23', 'wrong');
    await deliver(local, 'old', '2026-11-23', 'right');
    await local.idle();
    await local.sweepNow();
    await local.idle();
    const { job } = await explained(local);
    expect(job).toMatchObject({ phase: 'shadow' });
    expect(job.hooks).toBeUndefined();
    expect(asked).toEqual(['settle reverse-shadow -> shadow orders/3/shadow/settle']);
  });

  it('may not take the name of a function of Crossfade', async () => {
    await expect(aRuntime({ hooks: { commit: async () => ({}) } })).rejects.toThrow(
      'commit is a function of Crossfade',
    );
  });
});

describe("Lambda's client for hooks", () => {
  const request = { step: 'gate' } as HookRequest;
  const never = new Promise(() => {});
  const hooks = {
    fine: async (event: unknown) => ({ got: event }),
    throwing: async () => {
      throw new TypeError('no such table');
    },
    large: async () => 'x'.repeat(100_000),
    hanging: async () => never,
  };

  it('hands over the request, and the answer as it came', async () => {
    await aRuntime({ hooks, functions: FUNCTIONS });
    expect(await createHooks().call('fine', request, 60)).toEqual({ answered: { got: request } });
    expect(await createHooks().call('arn:aws:lambda:us-east-1:000000000000:function:fine:live', request, 60)).toEqual({
      answered: { got: request },
    });
  });

  it('repeats a call that was throttled or lost on the way, as it was', async () => {
    const bodies: string[] = [];
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.on('end', () => {
        bodies.push(body);
        if (bodies.length === 1) response.writeHead(429, { 'x-amzn-errortype': 'TooManyRequestsException' }).end('{}');
        else if (bodies.length === 2) response.writeHead(500, { 'x-amzn-errortype': 'ServiceException' }).end('{}');
        else response.writeHead(200).end('{"schemaVersion":1,"answer":"pass"}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    const answer = await createHooks().call('orders-gate', request, 60);
    expect(answer).toEqual({ answered: { schemaVersion: 1, answer: 'pass' } });
    expect(bodies).toEqual([JSON.stringify(request), JSON.stringify(request), JSON.stringify(request)]);
    server.close();
  });

  it('answers for a hook whose report of an exception is no report', async () => {
    await aRuntime({ hooks });
    for (const [body, failed] of [
      ['it broke', 'it threw: it broke'],
      ['null', 'it threw: null'],
    ]) {
      const server = createServer((incoming, response) => {
        incoming.resume();
        response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(body);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await createHooks().call('orders-gate', request, 60)).toEqual({ failed });
      server.close();
    }
  });

  it.each<[string, number, string]>([
    ['throwing', 60, 'it threw: TypeError: no such table'],
    ['large', 60, 'its answer has 100002 bytes, and may have 65536'],
    ['hanging', 0.2, 'no answer within 0.2 s'],
    ['absent', 60, 'there is no function absent: deploy it, or name another in the policy'],
  ])('answers for a hook that is %s, and says why', async (name, timeoutSeconds, failed) => {
    await aRuntime({ hooks });
    expect(await createHooks().call(name, request, timeoutSeconds)).toEqual({ failed });
  });
});
