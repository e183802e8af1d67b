/**
 * How the local dashboard bears a large fleet: `node bench/dashboard/run.ts [--jobs 50000] [--json]`. Seeds the embedded
 * store, starts the local runtime on it, makes one sweep, and looks on in a real Chromium: bytes of the fleet, time from
 * the start of the navigation until every job is drawn, and the longest task of the page while one scrolls and filters.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startLocal } from '../../lib/local/runtime.ts';
import { launchChromium } from '../../test/browser/chromium.ts';
import { seedDataFolder } from './seed.ts';

interface Figures {
  jobs: number;
  seedSeconds: number;
  loadSeconds: number;
  sweepSeconds: number;
  fleetBytes: number;
  /** From the start of the navigation, each of several visits. */
  drawnMs: number[];
  /** The longest tasks of the page: while it is loaded, and while one scrolls and filters. */
  longestLoadTaskMs: number;
  longestUseTaskMs: number;
  coverageMs: number;
  rssMegabytes: number;
}

/** What the page keeps of itself for this benchmark. */
interface Watched {
  drawnAt?: number;
  tasks: { at: number; ms: number }[];
}

const VISITS = 3;
const TIMEOUT_MS = 120_000;

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '50000' }, json: { type: 'boolean', default: false } },
});
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs} has to be a whole number from 1`);
const figures = await measure(jobs);
if (values.json) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(20)} ${String(value)}`);
process.exit();

async function measure(count: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-dashboard-'));
  const dataDir = join(folder, 'data');
  const seed = await timed(() => seedDataFolder(dataDir, count, Date.now()));
  const runtime = await startLocal({ port: 0, everySeconds: 0, dataDir, log: console.error });
  const browser = await launchChromium();
  try {
    const load = await timed(() => untilLoaded(runtime.url, count));
    const sweep = await timed(() => runtime.sweepNow());
    const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
    await page.addInitScript(watchPage);
    const drawnMs: number[] = [];
    let longestLoadTaskMs = 0;
    for (let visit = 0; visit < VISITS; visit++) {
      await page.goto(runtime.url);
      drawnMs.push(Math.round(await untilDrawn(page)));
      longestLoadTaskMs = Math.max(longestLoadTaskMs, await longestTask(page, 0));
    }
    const usedFrom = await page.evaluate(() => performance.now());
    await use(page);
    const longestUseTaskMs = await longestTask(page, usedFrom);
    const coverage = await timed(() => page.goto(`${runtime.url}/coverage`));
    const fleet = await fetch(`${runtime.url}/fleet.bin`);
    return {
      jobs: count,
      seedSeconds: seed,
      loadSeconds: load,
      sweepSeconds: sweep,
      fleetBytes: (await fleet.arrayBuffer()).byteLength,
      drawnMs,
      longestLoadTaskMs,
      longestUseTaskMs,
      coverageMs: Math.round(coverage * 1_000),
      rssMegabytes: Math.round(process.memoryUsage().rss / 1e6),
    };
  } finally {
    await browser.close();
    await runtime.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began) / 1_000;
}

/** The head of the encoded fleet says how many it has. */
async function untilLoaded(url: string, count: number): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadline) {
    const buffer = Buffer.from(await (await fetch(`${url}/fleet.bin`)).arrayBuffer());
    const head = JSON.parse(buffer.subarray(4, 4 + buffer.readUInt32LE(0)).toString()) as { count: number };
    const page = await (await fetch(url)).text();
    if (head.count === count && !page.includes('Still reading the tables')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${count} jobs were not read within ${TIMEOUT_MS / 1_000} s`);
}

function watchPage(): void {
  const { document, MutationObserver, PerformanceObserver } = globalThis as unknown as BrowserGlobals;
  const watched: Watched = { tasks: [] };
  Object.assign(globalThis, { watched });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) watched.tasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
  new MutationObserver(() => {
    if (document.querySelector('[data-drawn]')) watched.drawnAt ??= performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn'] });
}

/** The browser's, of which this program's types know nothing. */
interface BrowserGlobals {
  document: { querySelector(selector: string): unknown };
  MutationObserver: new (callback: () => void) => { observe(target: unknown, options: object): void };
  PerformanceObserver: new (
    callback: (list: { getEntries(): { startTime: number; duration: number }[] }) => void,
  ) => {
    observe(options: object): void;
  };
}

async function untilDrawn(page: Page): Promise<number> {
  const drawn = await page.waitForFunction(
    () => (globalThis as unknown as { watched: Watched }).watched.drawnAt,
    null,
    {
      timeout: TIMEOUT_MS,
    },
  );
  return (await drawn.jsonValue()) ?? 0;
}

async function longestTask(page: Page, from: number): Promise<number> {
  const tasks = await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.tasks);
  return Math.round(Math.max(0, ...tasks.filter(({ at }) => at >= from).map(({ ms }) => ms)));
}

/** What a person does: looks around, points, and narrows down what is shown. */
async function use(page: Page): Promise<void> {
  const settle = () => page.waitForTimeout(150);
  for (let step = 0; step < 12; step++) {
    await page.mouse.wheel(0, step < 6 ? 300 : -300);
    await settle();
  }
  const canvas = page.locator('canvas[data-phase="shadow"]');
  for (let step = 0; step < 10; step++) {
    await canvas.hover({ position: { x: 20 + step * 11, y: 10 + step * 9 } });
  }
  await page.getByLabel('Find').pressSequentially('pipeline-0421', { delay: 40 });
  await settle();
  await page.getByLabel('Find').fill('');
  await page.getByLabel('Team').selectOption({ index: 7 });
  await settle();
  await page.getByLabel('Team').selectOption('');
  await page.getByRole('button', { name: /^Urgent/ }).click();
  await settle();
  await page.getByRole('button', { name: /^Urgent/ }).click();
  await settle();
}
