/** The dashboard over HTTP, on a running local runtime: what it refuses, what it streams, and how it ends. */
import { request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';

interface Reply {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

describe('the dashboard', () => {
  let local: LocalRuntime;
  beforeAll(async () => {
    local = await startLocal({ port: 0, everySeconds: 0 });
    await local.call('register', {
      jobs: [
        { jobId: 'orders', team: 'sales' },
        { jobId: 'refunds', team: 'sales' },
      ],
    });
  }, 30_000);
  afterAll(() => local.stop());

  function send(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = request(`${local.url}${path}`, { method, headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };

  async function openPage(path: string): Promise<{ cookie: string; token: string; text: string }> {
    const { headers, text } = await send('GET', path);
    const [cookie = ''] = String(headers['set-cookie']).split(';');
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(text) ?? [];
    return { cookie, token, text };
  }

  const holdOf = async (jobId: string) => (await local.call<{ job: { hold?: object } }>('explain', { jobId })).job.hold;
  const hold = { jobId: 'orders', actor: 'ana', reason: 'month end', scope: 'promotions', expectedVersion: '1' };
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

  it('bears the strictest headers on everything that it answers', async () => {
    for (const path of [
      '/',
      '/attention',
      '/coverage',
      '/job?id=orders',
      '/job?id=nobody',
      '/fleet.bin',
      '/assets/fleet.js',
    ]) {
      const { headers } = await send('GET', path);
      expect(headers['content-security-policy'], path).toContain("default-src 'none'");
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['cache-control'], path).toBe('no-store');
    }
  });

  it('has nothing in a page that its policy would block: no style, script or handler beside the files', async () => {
    for (const path of ['/', '/attention', '/coverage', '/job?id=orders']) {
      const { text } = await send('GET', path);
      expect(text, path).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
      expect(text.match(/<script(?![^>]*\ssrc=)/i), path).toBeNull();
      expect(text, path).not.toMatch(/(src|href|action)="(https?:)?\/\//);
    }
  });

  it('refuses foreign names and origins, and says which address is its own', async () => {
    const { status, text } = await send('GET', '/', { host: 'evil.example' });
    expect([status, text]).toEqual([403, `Host evil.example is refused: open ${local.url}`]);
    expect(await send('GET', '/fleet.bin', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).toMatchObject({
      status: 403,
    });
    expect(await send('GET', '/live', { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  it('refuses a verb without both of the secrets, or from elsewhere, and does nothing', async () => {
    const { cookie, token } = await openPage('/job?id=orders');
    const own = { ...FORM, cookie, origin: local.url };
    const { cookie: _, ...withoutCookie } = own;
    const confirmed = { ...hold, requestId: 'r-1' };
    const attempts: [Record<string, string>, string][] = [
      [withoutCookie, form({ ...confirmed, token })],
      [own, form(confirmed)],
      [own, form({ ...confirmed, token: 'x'.repeat(token.length) })],
      [{ ...own, origin: 'http://127.0.0.1:3000' }, form({ ...confirmed, token })],
      [{ ...own, host: 'evil.example' }, form({ ...confirmed, token })],
      [{ ...own, 'sec-fetch-site': 'cross-site' }, form({ ...confirmed, token })],
    ];
    for (const [headers, body] of attempts)
      expect(await send('POST', '/verbs/hold', headers, body)).toMatchObject({ status: 403 });
    expect(await holdOf('orders')).toBeUndefined();
  });

  it('shows what a verb would do before it is done, and does it when that is confirmed', async () => {
    const { cookie, token } = await openPage('/job?id=orders');
    const own = { ...FORM, cookie, origin: local.url };
    const { text } = await send('POST', '/verbs/hold', own, form({ ...hold, token }));
    expect(text).toContain('would be');
    expect(await holdOf('orders')).toBeUndefined();
    const fields = Object.fromEntries(
      [...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    await send('POST', '/verbs/hold', own, form(fields as Record<string, string>));
    expect(await holdOf('orders')).toMatchObject({ actor: 'ana', reason: 'month end' });
  });

  it('shows the refusal of a verb with its reason, and a form that it does not understand by its field', async () => {
    const { cookie, token } = await openPage('/job?id=refunds');
    const own = { ...FORM, cookie, origin: local.url };
    const release = form({ jobId: 'refunds', actor: 'ana', reason: 'r', token });
    expect((await send('POST', '/verbs/release', own, release)).text).toContain('refunds is not held');
    const odd = form({ jobId: 'refunds', actor: 'ana', reason: 'r', token, colour: 'red' });
    expect(await send('POST', '/verbs/release', own, odd)).toMatchObject({
      status: 400,
      text: expect.stringContaining('colour'),
    });
    const evil = form({ jobId: 'refunds', actor: 'ana', reason: 'r', token });
    expect(await send('POST', '/verbs/register', own, evil)).toMatchObject({ status: 400 });
    expect(await send('POST', '/verbs/hold', own, 'x'.repeat(40_000))).toMatchObject({ status: 413 });
  });

  it('keeps the fleet without reading the tables: what is written is there', async () => {
    const { text } = await send('GET', '/coverage');
    expect(text).toContain('orders');
    await local.call('register', { jobs: [{ jobId: 'a-third', team: 'sales' }] });
    expect((await send('GET', '/coverage')).text).toContain('a-third');
  });

  describe('as it streams', () => {
    const since = async () => {
      const [, revision = ''] = /data-revision="([^"]+)"/.exec((await send('GET', '/')).text) ?? [];
      return revision;
    };

    /** Hears events until it is told enough. */
    function listen(query: string, headers: Record<string, string> = {}) {
      const heard: EventSourceMessage[] = [];
      const waiting: (() => void)[] = [];
      const parser = createParser({ onEvent: (event) => void heard.push(event) });
      const ended = Promise.withResolvers<void>();
      const sent = request(`${local.url}/live?${query}`, { headers, agent: false }, (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          parser.feed(chunk);
          for (const look of waiting) look();
        });
        response.on('close', () => ended.resolve());
      });
      sent.on('error', () => ended.resolve());
      sent.end();
      return {
        heard,
        ended: ended.promise,
        stop: () => sent.destroy(),
        hears(wanted: (event: EventSourceMessage) => boolean): Promise<EventSourceMessage> {
          return new Promise((resolve) => {
            const look = () => {
              const found = heard.find(wanted);
              if (found) resolve(found);
            };
            waiting.push(look);
            look();
          });
        },
      };
    }

    it('tells the changed rows, and after a break all that was missed', async () => {
      const from = await since();
      const first = listen(`rows=1&since=${from}`);
      await first.hears(({ event }) => event === 'hello');
      await local.call('register', { jobs: [{ jobId: 'streamed', team: 'sales' }] });
      const told = await first.hears(({ data }) => data.includes('streamed'));
      first.stop();

      await local.call('register', { jobs: [{ jobId: 'missed', team: 'sales' }] });
      // As a browser comes back: by the id of the last event.
      const second = listen(`rows=1&since=${from}`, { 'last-event-id': told.id ?? '' });
      const caughtUp = await second.hears(({ event }) => event === 'changed');
      expect(caughtUp.data).toContain('missed');
      expect(caughtUp.data).not.toContain('streamed');
      second.stop();
    });

    it('tells a page of an earlier process to load again', async () => {
      const old = listen('rows=1&since=another:5');
      await old.hears(({ event }) => event === 'reload');
      old.stop();
    });

    it('tells a job page of its own job only', async () => {
      const from = await since();
      const [page, list] = [listen(`job=orders&since=${from}`), listen(`since=${from}`)];
      await Promise.all([page, list].map((one) => one.hears(({ event }) => event === 'hello')));
      await local.call('hold', { jobId: 'refunds', actor: 'ana', reason: 'r' });
      const told = await list.hears(({ event }) => event === 'changed');
      await local.call('release', { jobId: 'orders', actor: 'ana', reason: 'r' });
      const { data } = await page.hears(({ event }) => event === 'changed');
      const revisionOf = (text: string) => (JSON.parse(text) as { revision: number }).revision;
      // The first that it hears is newer than what the list was told of the other job.
      expect(revisionOf(data)).toBeGreaterThan(revisionOf(told.data));
      page.stop();
      list.stop();
    });

    it('takes so many pages, refuses the next with when to come back, and has room again when one has gone', async () => {
      const isTaken = async (page: ReturnType<typeof listen>) =>
        Promise.race([page.hears(({ event }) => event === 'reload').then(() => true), page.ended.then(() => false)]);
      const taken: ReturnType<typeof listen>[] = [];
      // Pages of the tests before may not have been missed yet.
      while (taken.length < 32) {
        const page = listen('rows=1&since=x:1');
        if (await isTaken(page)) taken.push(page);
      }
      expect(await send('GET', '/live')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
      for (const page of taken) page.stop();
      await expect
        .poll(
          async () => {
            const next = listen('rows=1&since=x:1');
            const heard = await isTaken(next);
            next.stop();
            return heard;
          },
          { timeout: 15_000 },
        )
        .toBe(true);
    });

    it('ends with the runtime, which does not wait for pages', async () => {
      const page = listen('rows=1&since=x:1');
      await page.hears(({ event }) => event === 'reload');
      expect(await local.stop(60_000)).toBe(true);
      await page.ended;
    });
  });
});
