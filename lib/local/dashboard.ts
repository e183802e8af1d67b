/**
 * The dashboard at the local endpoint's own address: pages of `lib/view` over the fleet in memory, live by server-sent
 * events, and verbs by forms that call the functions. Its guard is stricter than the endpoint's, since it answers browsers.
 * `server.ts` hands it the requests that `owns` says are its own.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { encodeFleet } from '../view/fleet-encoding.ts';
import { loadAssets } from './dashboard-assets.ts';
import { refuseForeign, SECURITY_HEADERS, VerbTokens } from './dashboard-guard.ts';
import { LiveFeed } from './dashboard-live.ts';
import { DashboardPages } from './dashboard-pages.ts';
import { carryOut, confirmationOf, parseVerbForm, rehearse } from './dashboard-verbs.ts';
import type { FleetModel } from './fleet-model.ts';
import type { Invoker } from './invoke.ts';

export interface DashboardParts {
  /** Of the endpoint, once it is known. */
  url: () => string;
  model: FleetModel;
  invoker: Invoker;
  log: (message: string) => void;
}

export interface Dashboard {
  /** Whether a request is for the dashboard; everything else is for the AWS endpoints. */
  owns(method: string | undefined, pathname: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends what is streamed. */
  close(): Promise<void>;
}

const PATHS = new Set(['/', '/attention', '/coverage', '/job', '/fleet.bin', '/live']);
const FORM_LIMIT_BYTES = 32_768;
const formLimit = bodyLimit({
  maxSize: FORM_LIMIT_BYTES,
  onError: (c) => c.text(`a form of more than ${FORM_LIMIT_BYTES} bytes is refused`, 413),
});

export function createDashboard(parts: DashboardParts): Dashboard {
  const { model, log } = parts;
  const feed = new LiveFeed(model);
  const app = createApp(parts, feed);
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    owns: (method, pathname) =>
      method === 'POST'
        ? pathname.startsWith('/verbs/')
        : (method === 'GET' || method === 'HEAD') && (PATHS.has(pathname) || pathname.startsWith('/assets/')),
    async handle(request, response) {
      await listen(request, response).catch((error: unknown) => {
        log(`dashboard: ${String(error)}`);
        response.destroy();
      });
    },
    close: async () => feed.close(),
  };
}

function createApp({ url, model, invoker, log }: DashboardParts, feed: LiveFeed): Hono {
  const app = new Hono();
  const assets = loadAssets();
  // Made when first asked for: until then the endpoint has no port.
  let known: { tokens: VerbTokens; pages: DashboardPages } | undefined;
  const own = () => {
    if (known) return known;
    const tokens = new VerbTokens(url());
    known = { tokens, pages: new DashboardPages({ model, invoker, token: tokens.field }) };
    return known;
  };

  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    const { method } = c.req;
    const asked = { method, host: c.req.header('host'), origin: c.req.header('origin') };
    const browser = { site: c.req.header('sec-fetch-site'), mode: c.req.header('sec-fetch-mode') };
    const refused = refuseForeign({ ...asked, ...browser }, url());
    if (refused !== undefined) return c.text(refused, 403);
    return next();
  });
  app.onError((error, c) => {
    log(`dashboard: ${error.stack ?? error.message}`);
    return c.html(own().pages.failure('This page has failed', error.message), 500);
  });
  app.notFound((c) => c.html(own().pages.failure('Not found', `There is no page ${c.req.path}`), 404));

  const page = async (c: Context, made: string | Promise<string>) => {
    c.header('set-cookie', own().tokens.setCookie);
    return c.html(await made);
  };
  app.get('/', (c) => page(c, own().pages.fleet()));
  app.get('/attention', (c) => page(c, own().pages.attention(c.req.query())));
  app.get('/coverage', (c) => page(c, own().pages.coverage(c.req.query())));
  app.get('/job', async (c) => {
    const made = await own().pages.job(c.req.query('id') ?? '');
    return made.found ? page(c, made.page) : c.html(made.page, 404);
  });

  app.get('/fleet.bin', (c) => {
    model.sync();
    const rows = model.entries().map(({ row }) => row);
    return c.body(encodeFleet(rows, model.version, model.now), 200, { 'content-type': 'application/octet-stream' });
  });
  app.get('/live', (c) => {
    if (feed.isFull) return c.text('too many pages are open: close some', 503, { 'retry-after': '5' });
    const { rows, job, since } = c.req.query();
    const topic = { rows: rows === '1', jobId: job, since: c.req.header('last-event-id') ?? since };
    return streamSSE(c, (stream) => feed.serve(stream, topic));
  });
  app.get('/assets/:name', (c) => {
    const asset = assets.get(c.req.param('name'));
    return asset ? c.body(asset.text, 200, { 'content-type': asset.type }) : c.notFound();
  });

  app.post('/verbs/:verb', formLimit, async (c) => {
    const { tokens, pages } = own();
    const { token, ...fields } = await c.req.parseBody();
    if (!tokens.accept(getCookie(c, tokens.cookieName), typeof token === 'string' ? token : undefined)) {
      const why = 'The page that this came from is of an earlier process, or not of this dashboard: load it again';
      return c.html(pages.failure('Refused', why), 403);
    }
    const form = parseVerbForm({ ...fields, verb: c.req.param('verb') });
    if ('refused' in form) return c.html(pages.failure('Refused', form.refused), 400);
    if (form.requestId !== undefined) return c.html(pages.done(form, await carryOut(invoker, form)));
    return c.html(pages.confirmation(form, await rehearse(invoker, form), confirmationOf(form)));
  });
  return app;
}

/** Tells one process from another: a browser throws away what it knows of an earlier one. */
export function newRun(): string {
  return randomUUID().slice(0, 8);
}
