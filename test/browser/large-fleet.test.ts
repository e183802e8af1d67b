/**
 * A fleet that an earlier process has left in the embedded store, larger than anybody looks at one by one. How fast it is,
 * and with fifty thousand jobs, `bench/dashboard/run.ts` measures; here nothing depends on the time that a machine takes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedDataFolder } from '../../bench/dashboard/seed.ts';
import { type LocalRuntime, startLocal } from '../../lib/local/runtime.ts';
import { launchChromium } from './chromium.ts';

const JOBS = 5_000;
const WAIT_MS = 60_000;

describe(`a fleet of ${JOBS} jobs`, { timeout: 2 * WAIT_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-large-'));
  let local: LocalRuntime;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const dataDir = join(folder, 'data');
    await seedDataFolder(dataDir, JOBS, Date.now());
    local = await startLocal({ port: 0, everySeconds: 0, dataDir });
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(local.url);
    // What the tables hold is read beside the running work, and told to the page as it comes.
    await page.getByText(`${JOBS.toLocaleString('en-US')} jobs`, { exact: true }).waitFor();
  }, 4 * WAIT_MS);
  afterAll(async () => {
    await browser?.close();
    await local?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, WAIT_MS);

  const countsOf = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => Number((one.textContent ?? '').replaceAll(',', ''))));
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

  it('has a cell for every job, each in one phase and one state', async () => {
    await page.locator('[data-drawn]').waitFor();
    await expect.poll(async () => sum(await countsOf('.column h2 .count')), { timeout: WAIT_MS }).toBe(JOBS);
    expect(sum(await countsOf('.legend .count'))).toBe(JOBS);
    const heights = await page.locator('canvas:not([hidden])').evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(heights).toHaveLength(5);
    expect(Math.min(...heights)).toBeGreaterThan(20);
  });

  it('is sent in less than 25 bytes a job', async () => {
    const answer = await fetch(`${local.url}/fleet.bin`);
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(25 * JOBS);
  });

  it('leads with a filter and the arrow keys from job to job that is meant', async () => {
    await page.getByLabel('Find').fill('team-007');
    const [, meant = ''] = /^([\d,]+) of/.exec((await page.locator('.matches').textContent()) ?? '') ?? [];
    expect(Number(meant)).toBeGreaterThan(10);
    await page.locator('canvas[data-phase="shadow"]').focus();
    const seen = new Set<string>();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'End']) {
      await page.keyboard.press(key);
      seen.add((await page.locator('.inspector').textContent()) ?? '');
    }
    expect(seen.size).toBe(4);
    for (const text of seen) expect(text).toContain('team team-007');
    await page.getByLabel('Find').fill('');
  });

  it('shows under the pointer the job that opens when it is pressed', async () => {
    const canvas = page.locator('canvas[data-phase="reverse-shadow"]');
    await canvas.hover({ position: { x: 12, y: 12 } });
    const name = (await page.locator('.inspector a').textContent()) ?? '';
    await canvas.click({ position: { x: 12, y: 12 } });
    await page.getByRole('heading', { name }).waitFor();
    await page.goBack();
  });

  it('is told a change of many jobs at once, and shows all of it', async () => {
    await page.locator('[data-drawn]').waitFor();
    const before = sum(await countsOf('.column h2 .count'));
    const jobs = Array.from({ length: 300 }, (_, i) => ({ jobId: `added-${i}`, team: 'added' }));
    await local.call('register', { jobs });
    await page.getByText(`${(before + 300).toLocaleString('en-US')} jobs`, { exact: true }).waitFor();
    await page.getByLabel('Team').selectOption('added');
    await page.getByText(`300 of ${(before + 300).toLocaleString('en-US')} jobs`).waitFor();
  });
});
