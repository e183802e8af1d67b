/** `crossfade events` against a runtime in this process: what is shown, followed, chosen, and refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliError } from '../../lib/cli/connection.ts';
import { type EventFlags, showEvents } from '../../lib/cli/events.ts';
import type { Output } from '../../lib/cli/output.ts';
import type { Event } from '../../lib/domain/event.ts';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';

const by = { actor: 'ana', reason: 'a holiday' };
let folder: string;
let runtime: LocalRuntime;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-events-'));
  writeFileSync(join(folder, 'default.yaml'), 'automation: observe\n');
  const now = () => Date.parse('2026-11-22T13:00:00.000Z');
  runtime = await startLocal({ port: 0, everySeconds: 0, policiesDir: folder, now });
  const job = { policy: 'default', initialPhase: 'shadow' };
  await runtime.call('register', {
    jobs: [
      { ...job, jobId: 'orders', team: 'orders' },
      { ...job, jobId: 'hotels', team: 'hotels' },
    ],
  });
  await runtime.call('hold', { jobId: 'orders', ...by });
  await runtime.call('hold', { jobId: 'hotels', ...by });
  await runtime.call('restart', { jobId: 'orders', ...by });
  await runtime.idle();
}, 30_000);

afterAll(async () => {
  await runtime.stop();
  rmSync(folder, { recursive: true, force: true });
});

function anOutput(json = false) {
  const printed: string[] = [];
  const waiting: { count: number; resume: () => void }[] = [];
  const output: Output = {
    json,
    width: 100,
    print(text) {
      printed.push(text);
      for (const { count, resume } of waiting) if (printed.length >= count) resume();
    },
  };
  const lines = (count: number) => new Promise<void>((resume) => waiting.push({ count, resume }));
  return { output, printed, lines };
}

const flags = (given: Partial<EventFlags> = {}): EventFlags => ({ local: runtime.url, limit: 50, ...given });

describe('crossfade events', () => {
  it('shows what was told, oldest first', async () => {
    const { output, printed } = anOutput();
    await showEvents(flags(), output);
    expect(
      printed
        .join('\n')
        .split('\n')
        .map((line) => line.replace(/ {2,}/g, ' | ')),
    ).toEqual([
      'at | event | of | message',
      '2026-11-22T13:00:00Z | JobHeld | orders | a holiday',
      '2026-11-22T13:00:00Z | JobHeld | hotels | a holiday',
      '2026-11-22T13:00:00Z | JobRestarted | orders | a holiday',
    ]);
  });

  it('shows those of one type, of one team, the newest so many', async () => {
    const shown = async (given: Partial<EventFlags>) => {
      const { output, printed } = anOutput(true);
      await showEvents(flags(given), output);
      return (JSON.parse(printed.join('')) as Event[]).map((event) => event.eventId);
    };
    expect(await shown({ type: 'JobHeld' })).toEqual(['orders#2#JobHeld', 'hotels#2#JobHeld']);
    expect(await shown({ team: 'hotels' })).toEqual(['hotels#2#JobHeld']);
    expect(await shown({ limit: 1 })).toEqual([expect.stringContaining('#JobRestarted')]);
    expect(await shown({ type: 'SweepFinished', team: 'hotels' })).toEqual([]);
  });

  it('follows what comes, a line each, until it is ended', async () => {
    const { output, printed, lines } = anOutput();
    const ended = new AbortController();
    const following = showEvents(flags({ follow: true, team: 'hotels' }), output, ended.signal);
    const first = lines(1);
    // Whether the connection stands already is not to be seen from here, so it is told until it is heard.
    let heard = false;
    void first.then(() => {
      heard = true;
    });
    for (let turn = 0; turn < 200 && !heard; turn++) {
      await runtime.call('restart', { jobId: turn % 2 === 0 ? 'orders' : 'hotels', ...by });
      await runtime.idle();
    }
    await first;
    ended.abort();
    await following;
    expect(printed[0]).toBe('2026-11-22T13:00:00Z  JobRestarted  hotels  a holiday');
    expect(printed.join('\n')).not.toContain('orders');
  });

  it('comes again where it was cut off, with the number of the last event that it has seen', async () => {
    const asked: (string | undefined)[] = [];
    const event = { type: 'JobHeld', at: '2026-11-22T13:00:00.000Z', jobId: 'a\u001b[2Jb', message: 'm' };
    const server = createServer((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: ${asked.length}\nevent: JobHeld\ndata: ${JSON.stringify(event)}\n\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { output, printed, lines } = anOutput();
    const ended = new AbortController();
    const following = showEvents(flags({ local: url, follow: true }), output, ended.signal);
    await lines(2);
    ended.abort();
    await following;
    server.close();
    expect(asked.slice(0, 2)).toEqual([undefined, '1']);
    expect(printed[0], 'what a job is called never clears the screen').not.toContain('\u001b');
  }, 20_000);

  it('refuses a stack, and says where its events are', async () => {
    const refused = showEvents({ stack: 'Crossfade', limit: 50, follow: true }, anOutput().output);
    await expect(refused).rejects.toThrow(CliError);
    await expect(refused).rejects.toThrow(/docs\/events\/README\.md.*--stack-name Crossfade/s);
  });

  it('says what to do when nobody answers', async () => {
    const local = 'http://127.0.0.1:9';
    for (const follow of [false, true]) {
      const refused = showEvents({ local, limit: 50, follow }, anOutput().output);
      await expect(refused).rejects.toThrow(/cannot be reached .*start `crossfade local`/);
    }
  });
});
