/**
 * Takes the pictures of the dashboard that the README and the docs show: `node bench/dashboard/screenshots.ts`. Tells the
 * example's story, looks on until a release has regressed and jobs were demoted, and writes each view, light and dark, to
 * `docs/figures`. Run by hand, in a minute, when a page looks different; what differs from run to run is who landed first.
 */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchChromium } from '../../test/browser/chromium.ts';
import { serveExample } from '../../test/browser/served-example.ts';

const FIGURES = new URL('../../docs/figures/', import.meta.url);
const WAIT_MS = 600_000;
const LIMIT_BYTES = 250_000;

/** What the flow says, once the cells say the same: they are told of a change a moment before. */
const AGREE = `(() => {
  const numbers = (selector) => [...document.querySelectorAll(selector)].map((one) => parseInt(one.textContent)).join();
  return document.querySelector('.flow') === null || numbers('.flow .number') === numbers('.column h2 .count');
})()`;

const example = await serveExample();
const browser = await launchChromium();
try {
  // Without motion nothing is caught in the middle of it.
  await takeAll(await browser.newPage({ viewport: { width: 1_280, height: 660 }, reducedMotion: 'reduce' }));
} finally {
  await browser.close();
  await example.stop();
}

async function takeAll(page: Page): Promise<void> {
  await page.goto(example.url);
  // Whichever comes first: a story without a defect has none.
  await Promise.race([untilDemoted(page), example.settled]);
  await page.locator('canvas[data-phase="shadow"]').hover({ position: { x: 12, y: 12 } });
  const jobHref = (await page.locator('.inspector a').getAttribute('href')) ?? '';
  await shoot(page, 'fleet');
  await page.setViewportSize({ width: 1_280, height: 900 });
  await page.goto(`${example.url}/attention`);
  await shoot(page, 'attention');
  // With the first of its charts.
  await page.setViewportSize({ width: 1_280, height: 1_120 });
  await page.goto(new URL(jobHref, example.url).href);
  await shoot(page, 'job');
}

/** A release has regressed: sweeps have demoted a good part of the jobs, and the page has drawn it. */
async function untilDemoted(page: Page): Promise<void> {
  const back = page.locator('.step').nth(1).locator('.back');
  await back.filter({ hasText: /[2-9]\d/ }).waitFor({ timeout: WAIT_MS });
}

async function shoot(page: Page, view: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await untilAgreed(page);
    const path = fileURLToPath(new URL(`dashboard-${view}-${colorScheme}.png`, FIGURES));
    await page.screenshot({ path, animations: 'disabled' });
    const { size } = statSync(path);
    console.log(`${path}: ${Math.round(size / 1_000)} KB`);
    if (size > LIMIT_BYTES) throw new Error(`${path} has ${size} bytes, and ${LIMIT_BYTES} are allowed`);
  }
}

async function untilAgreed(page: Page): Promise<void> {
  for (let looks = 0; looks < 500; looks++) {
    if (await page.evaluate<boolean>(AGREE)) return;
    await page.waitForTimeout(50);
  }
  throw new Error('the flow and the cells never showed the same numbers');
}
