/** The events of the local runtime: from the handlers' own writes, through the streams and `tell`, to who follows them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../lib/domain/event.ts';
import { FUNCTIONS } from '../../lib/local/functions.ts';
import { type LocalOptions, type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';
import { findFaults } from '../events/schema-files.ts';

const POLICY = `automation: enforce
minPairs: 3
settleSeconds: 0
soak: { shadowSeconds: 0, reverseShadowSeconds: 0 }
criteria: { landingLatency: { method: hard-limits-only }, resourceUtilization: false }
`;
const START_MS = Date.parse('2026-11-22T13:00:00.000Z');
const by = { actor: 'ana', reason: 'a holiday' };

let folder: string;
let local: LocalRuntime | undefined;
let nowMs = START_MS;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-events-'));
  writeFileSync(join(folder, 'default.yaml'), POLICY);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await local?.stop();
  local = undefined;
});

async function aRuntime(options: Partial<LocalOptions> = {}): Promise<LocalRuntime> {
  nowMs = START_MS;
  local = await startLocal({ port: 0, everySeconds: 0, policiesDir: folder, now: () => nowMs, ...options });
  return local;
}

const register = (runtime: LocalRuntime, jobId: string, team = 'orders') =>
  runtime.call('register', { jobs: [{ jobId, team, initialPhase: 'shadow' }] });

/** One landing of each system that may write, published where it is production; new's are wrong where that is said. */
async function deliver(runtime: LocalRuntime, jobId: string, partition: string, wrong = false): Promise<void> {
  for (const system of ['old', 'new']) {
    const on = { jobId, partition, system };
    const { write, token } = await runtime.call<{ write: string; token: string }>('assign', on);
    if (write === 'nothing') continue;
    const checksum = wrong && system === 'new' ? 'wrong' : 'right';
    const content = { rowCount: 1, checksum, checksumAlgorithm: 'sum', final: true };
    await runtime.call('land', { ...on, token, landedAt: new Date(nowMs).toISOString(), ...content });
    if (write === 'production') await runtime.call('published', { ...on, token, checksum });
  }
}

async function recent(runtime: LocalRuntime): Promise<Event[]> {
  await runtime.idle();
  return (await (await fetch(`${runtime.url}/events`)).json()) as Event[];
}

async function sweep(runtime: LocalRuntime): Promise<void> {
  await runtime.idle();
  nowMs += 60_000;
  expect(await runtime.sweepNow()).not.toHaveProperty('error');
}

/** The next so many messages of the stream, and how to end it. */
async function follow(runtime: LocalRuntime, headers: Record<string, string> = {}) {
  const ended = new AbortController();
  const response = await fetch(`${runtime.url}/events`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: ended.signal,
  });
  const messages = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = messages?.getReader();
  return {
    async take(count: number) {
      const taken: { id: string | undefined; event: string | undefined; data: Event }[] = [];
      while (taken.length < count) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done || !value) break;
        taken.push({ id: value.id, event: value.event, data: JSON.parse(value.data) as Event });
      }
      return taken;
    },
    end: () => ended.abort(),
  };
}

const typesOf = (events: readonly Event[]) => events.map((event) => event.type);

describe('the events of a local runtime', () => {
  it('tell the whole life of a regression in the order of its commits, each as its schema has it', async () => {
    const runtime = await aRuntime();
    const heard: Event[] = [];
    runtime.onEvent((event) => heard.push(event));
    await register(runtime, 'orders');
    for (const partition of ['2026-11-20', '2026-11-21', '2026-11-22']) await deliver(runtime, 'orders', partition);
    await sweep(runtime);
    await deliver(runtime, 'orders', '2026-11-23', true);
    await sweep(runtime);
    await runtime.call('hold', { jobId: 'orders', ...by, requestId: 'ticket-7' });
    await runtime.call('release', { jobId: 'orders', ...by });

    const told = await recent(runtime);
    expect(told).toEqual(heard);
    expect(told.flatMap(findFaults)).toEqual([]);
    expect(new Set(told.map((event) => event.eventId)).size).toBe(told.length);
    const ofJob = told.filter((event) => 'version' in event && 'jobId' in event);
    expect(typesOf(ofJob)).toEqual(['JobPromoted', 'JobDemoted', 'AttentionRaised', 'JobHeld', 'JobReleased']);
    const versions = ofJob.map((event) => ('version' in event ? event.version : 0));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    const ofPartition = told.filter((event) => 'partition' in event);
    expect(typesOf(ofPartition).sort()).toEqual(['PartitionReassigned', 'QuarantineOpened']);
    expect(ofPartition).toMatchObject([{ team: 'orders' }, { team: 'orders' }]);
    const sweeps = told.filter((event) => event.type === 'SweepFinished');
    expect(sweeps).toMatchObject([
      { groups: 1, missingGroups: 0, promotedWeight: { 'reverse-shadow': 1 }, demotions: 0, jobs: { shadow: 1 } },
      { groups: 1, missingGroups: 0, demotions: 1, jobs: { shadow: 1 }, attention: { regressing: 1 } },
    ]);
    expect(ofJob[1]?.correlation).toEqual({ sweepId: sweeps[1]?.sweepId });
    expect(ofJob[3]).toMatchObject({ correlation: { requestId: 'ticket-7' }, message: 'a holiday' });
  });

  it('tell of the fleet: paused and resumed', async () => {
    const runtime = await aRuntime();
    await runtime.call('pause', by);
    await runtime.call('resume', by);
    expect(typesOf(await recent(runtime))).toEqual(['FleetPaused', 'FleetResumed']);
  });

  it('are followed live, and from where one left off', async () => {
    const runtime = await aRuntime();
    await register(runtime, 'orders');
    await runtime.call('hold', { jobId: 'orders', ...by });
    await runtime.idle();
    const first = await follow(runtime);
    await runtime.call('release', { jobId: 'orders', ...by });
    const [released] = await first.take(1);
    expect(released).toMatchObject({ event: 'JobReleased', data: { type: 'JobReleased', jobId: 'orders' } });
    first.end();

    await runtime.call('hold', { jobId: 'orders', ...by });
    await runtime.call('release', { jobId: 'orders', ...by });
    const again = await follow(runtime, { 'last-event-id': released?.id ?? '' });
    expect((await again.take(2)).map(({ event }) => event)).toEqual(['JobHeld', 'JobReleased']);
    again.end();
  });

  it('are told from the start to who comes with a number of another process', async () => {
    const runtime = await aRuntime();
    await register(runtime, 'orders');
    await runtime.call('hold', { jobId: 'orders', ...by });
    await runtime.idle();
    // The first is a number that this log has told of already.
    for (const id of ['another-process#1', '1', '999', 'nonsense', '-5.5', '#', '']) {
      const client = await follow(runtime, { 'last-event-id': id });
      expect((await client.take(1)).map(({ event }) => event)).toEqual(['JobHeld']);
      client.end();
    }
  });

  it('come again with the same ids when their function fails in between', async () => {
    let failures = 0;
    const asked: string[][] = [];
    const functions = {
      ...FUNCTIONS,
      async tell() {
        const { handler } = await FUNCTIONS.tell();
        return {
          async handler(records: Parameters<typeof handler>[0]) {
            const events = await handler(records);
            asked.push(events.map((event) => event.eventId));
            if (failures++ === 0) throw new Error('the answer was lost');
            return events;
          },
        };
      },
    };
    const runtime = await aRuntime({ functions });
    await register(runtime, 'orders');
    await runtime.call('hold', { jobId: 'orders', ...by });
    expect((await recent(runtime)).map((event) => event.eventId)).toEqual(['orders#2#JobHeld']);
    expect(
      asked
        .slice(0, 2)
        .flat()
        .filter((id) => id.endsWith('JobHeld')).length,
    ).toBeGreaterThan(1);
  });

  it('are refused to a foreign web page', async () => {
    const runtime = await aRuntime();
    const response = await fetch(`${runtime.url}/events`, { headers: { origin: 'https://example.com' } });
    expect(response.status).toBe(403);
  });

  it('end with the runtime, and do not hold up its end', async () => {
    const runtime = await aRuntime();
    const client = await follow(runtime);
    const [clean, messages] = await Promise.all([runtime.stop(60_000), client.take(1)]);
    expect([clean, messages]).toEqual([true, []]);
  });
});
