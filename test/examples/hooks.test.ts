/** The hooks to copy, against the conformance kit and a pretended Airflow; and what each of them does there. */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { checkHook } from '../../lib/controller/check-hook.ts';
import { type HookRequest, hookRequestSchema, parseHookAnswer } from '../../lib/domain/hook.ts';
import type { HookStep } from '../../lib/domain/hook-policy.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { openHookSource } from '../../lib/local/hook-source.ts';

const FILES = {
  gate: new URL('../../examples/hooks/gate.ts', import.meta.url),
  prepare: new URL('../../examples/hooks/prepare.ts', import.meta.url),
  settle: new URL('../../examples/hooks/settle.ts', import.meta.url),
  remove: new URL('../../examples/hooks/remove.ts', import.meta.url),
};
const ANNOUNCE = new URL('../../examples/hooks/announce.py', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'crossfade-example-hooks-'));

const dags = new Map<string, { paused: boolean; running: number }>();
const posts: string[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { status, answer } = airflow(request.method ?? '', request.url ?? '', body);
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(status === 204 ? '' : JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

beforeEach(() => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AIRFLOW_URL', url);
  vi.stubEnv('CHAT_WEBHOOK_URL', `${url}/chat`);
  vi.stubEnv('ANNOUNCED_DB', join(mkdtempSync(join(folder, 'db-')), 'announced.db'));
  posts.length = 0;
  dags.clear();
  dags.set('orders_v1', { paused: false, running: 0 });
  dags.set('orders_v2', { paused: false, running: 0 });
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function airflow(method: string, url: string, body: string): { status: number; answer?: object } {
  if (url === '/chat') {
    posts.push((JSON.parse(body) as { text: string }).text);
    return { status: 200, answer: {} };
  }
  const [, name = '', runs] = /^\/api\/v1\/dags\/([^/?]+)(\/dagRuns)?/.exec(url) ?? [];
  const dag = dags.get(decodeURIComponent(name));
  if (!dag) return { status: 404, answer: {} };
  if (runs) return { status: 200, answer: { total_entries: dag.running } };
  if (method === 'PATCH') dag.paused = (JSON.parse(body) as { is_paused: boolean }).is_paused;
  if (method === 'DELETE') dags.delete(decodeURIComponent(name));
  return method === 'DELETE' ? { status: 204 } : { status: 200, answer: { is_paused: dag.paused } };
}

const labels = { oldDag: 'orders_v1', newDag: 'orders_v2' };

type Phase = HookRequest['transition']['to'];

/** @param phase as the job is now: of a hook that is told late it may be past `to`. */
async function ask(step: keyof typeof FILES, to: Phase, { dryRun = false, phase = to } = {}) {
  const request = {
    schemaVersion: 1,
    step,
    idempotencyKey: `orders/3/${to}/${step}`,
    dryRun,
    job: { jobId: 'orders', labels, phase },
    transition: { kind: 'promotion', from: 'shadow', to },
  };
  const answer = parseHookAnswer(step, await openHookSource(fileURLToPath(FILES[step]))(request));
  if ('malformed' in answer) throw new Error(answer.malformed);
  return answer;
}

function check(step: HookStep, file: URL, live: boolean) {
  const source = openHookSource(fileURLToPath(file));
  const call = async (request: unknown) => ({ answered: await source(request) });
  return checkHook({ step, timeoutSeconds: 60, live, jobId: 'conformance', labels, call, clock: () => 0 });
}

describe.each([
  ['a dry run', false],
  ['live', true],
])('%s', (_, live) => {
  it.each(Object.entries(FILES) as [HookStep, URL][])('%s does what the kit wants', async (step, file) => {
    expect((await check(step, file, live)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('announce.py does what the kit wants', async () => {
    expect((await check('settle', ANNOUNCE, live)).filter(({ ok }) => !ok)).toEqual([]);
    // Five transitions in all, however often each was told.
    expect(posts).toHaveLength(live ? 5 : 0);
  });
});

describe('docs/hooks.md', () => {
  const blocks = (language: string) =>
    [...readFileSync(new URL('../../docs/hooks.md', import.meta.url), 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)]
      .filter(([, found]) => found === language)
      .map(([, , text]) => text ?? '');

  it('shows a policy that is accepted, and a request and an answer as they are', () => {
    expect(
      policySchema.parse({ name: 'p', ...(parseYaml(blocks('yaml')[0]!) as object) }).hooks.complete,
    ).toMatchObject({
      confirmRemoval: 'hook',
    });
    const [request, answer] = blocks('json').map((text) => JSON.parse(text) as unknown);
    expect(hookRequestSchema.parse(request)).toEqual(request);
    expect(parseHookAnswer('gate', answer)).toEqual(answer);
  });
});

describe('what the hooks do', () => {
  it('the gate waits for a run to end, and calls a person where time will not do', async () => {
    expect(await ask('gate', 'reverse-shadow')).toMatchObject({ answer: 'pass' });
    dags.get('orders_v2')!.running = 2;
    expect(await ask('gate', 'reverse-shadow')).toMatchObject({
      answer: 'not-yet',
      message: expect.stringContaining('2 runs'),
    });
    dags.get('orders_v2')!.paused = true;
    expect(await ask('gate', 'reverse-shadow')).toMatchObject({ answer: 'fail' });
    dags.delete('orders_v2');
    expect(await ask('gate', 'reverse-shadow')).toMatchObject({ answer: 'fail' });
  });

  it('prepare starts the new pipeline, and a dry run does not', async () => {
    dags.get('orders_v2')!.paused = true;
    expect(await ask('prepare', 'shadow', { dryRun: true })).toMatchObject({ answer: 'pass' });
    expect(dags.get('orders_v2')).toMatchObject({ paused: true });
    await ask('prepare', 'shadow');
    expect(dags.get('orders_v2')).toMatchObject({ paused: false });
  });

  it('settle stops the old pipeline in cleanup, and starts it again when the job comes back', async () => {
    await ask('settle', 'cleanup');
    expect(dags.get('orders_v1')).toMatchObject({ paused: true });
    await ask('settle', 'reverse-shadow');
    expect(dags.get('orders_v1')).toMatchObject({ paused: false });
  });

  it('settle does not stop the old pipeline of a job that is back already, when it is told late of the way there', async () => {
    await ask('settle', 'cleanup', { phase: 'reverse-shadow' });
    expect(dags.get('orders_v1')).toMatchObject({ paused: false });
  });

  it('remove deletes a pipeline that is stopped, and says so when it is gone', async () => {
    expect(await ask('remove', 'complete')).toMatchObject({ answer: 'fail' });
    dags.get('orders_v1')!.paused = true;
    expect(await ask('remove', 'complete')).toMatchObject({ answer: 'not-yet', retryAfterSeconds: 300 });
    expect(await ask('remove', 'complete')).toMatchObject({ answer: 'pass', removed: true });
  });
});
