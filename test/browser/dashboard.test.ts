/**
 * The local dashboard in a real Chromium, with the example's data. Nothing waits for a time: a test waits for what it wants
 * to see, for as long as a busy machine may take.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBarriers } from './axe.ts';
import { launchChromium } from './chromium.ts';
import { type ServedExample, serveExample } from './served-example.ts';
import { Visitor, WAIT_MS } from './visitor.ts';

const AIRPORTS = 8;
const HOSTILE = '<img/src=x/onerror=alert(1)>';
const HOSTILE_TEAM = '"><script>alert(2)</script>';

describe('the dashboard', { timeout: 2 * WAIT_MS }, () => {
  let example: ServedExample;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    const options = ['--airports', String(AIRPORTS), '--days', '20'];
    [example, browser] = await Promise.all([serveExample(...options), launchChromium()]);
    await example.settled;
    await example.invoke('register', { jobs: [{ jobId: HOSTILE, team: HOSTILE_TEAM, labels: { a: '<b>' } }] });
    await example.invoke('hold', { jobId: HOSTILE, actor: '<b>eve</b>', reason: '<script>alert(3)</script>' });
  }, 10 * WAIT_MS);
  afterAll(async () => {
    await browser?.close();
    await example?.stop();
  }, WAIT_MS);
  beforeEach(() => come());
  afterEach(async () => {
    await visitor.close();
    expect(visitor.complaints).toEqual([]);
  });

  async function come(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
    visitor = await Visitor.open(browser, example.url, options);
    page = visitor.page;
  }

  const job = (jobId: string) => `/job?id=${encodeURIComponent(jobId)}`;
  const explain = async (jobId: string) =>
    (await example.invoke<{ job: { version: number; hold?: object } }>('explain', { jobId })).job;

  describe('the fleet view', () => {
    it('shows every job as a cell of its phase, and how many there are', async () => {
      await visitor.goTo('/');
      await page.getByText(`${AIRPORTS + 1} jobs`, { exact: true }).waitFor();
      const labels = await page
        .locator('canvas')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
      const counts = labels.map((label) => Number.parseInt(label ?? '', 10));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(AIRPORTS + 1);
      const numbers = await page
        .locator('.flow .number')
        .evaluateAll((all) => all.map((one) => Number.parseInt(one.textContent ?? '', 10)));
      expect(numbers).toEqual(counts);
    });

    it('shows how jobs flowed in the last sweeps', async () => {
      await visitor.goTo('/');
      await page.getByText(/The last \d+ sweeps: \d+ promoted, \d+ demoted/).waitFor();
      expect(await page.locator('.sweeps svg g').count()).toBeGreaterThan(10);
    });

    it('finds jobs by text, by team and by state, and keeps what was asked for in its address', async () => {
      await visitor.goTo('/');
      await page.getByLabel('Find').fill('ATL');
      await page.getByText(`1 of ${AIRPORTS + 1} jobs`).waitFor();
      await page.locator('.found').getByRole('link', { name: 'flights-ATL' }).waitFor();
      expect(page.url()).toContain('text=atl');
      await page.getByLabel('Find').fill('');
      await page.getByLabel('Team').selectOption('flights');
      await page.getByText(`${AIRPORTS} of ${AIRPORTS + 1} jobs`).waitFor();
      await page.reload();
      await page.getByText(`${AIRPORTS} of ${AIRPORTS + 1} jobs`).waitFor();
      await page.getByRole('button', { name: /^Complete/ }).click();
      await visitor.reads('No job is like that.');
    });

    it('shows what has changed elsewhere, without being loaded again', async () => {
      await visitor.goTo('/');
      await visitor.mark();
      const held = page.getByRole('button', { name: /^Held/ }).locator('.count');
      const before = Number(await held.textContent());
      const heldAre = (count: number) =>
        expect.poll(() => held.textContent(), { timeout: WAIT_MS }).toBe(String(count));

      await example.invoke('register', { jobs: [{ jobId: 'a-new-job', team: 'others' }] });
      await page.getByText(`${AIRPORTS + 2} jobs`, { exact: true }).waitFor();
      await example.invoke('hold', { jobId: 'a-new-job', actor: 'bob', reason: 'from elsewhere' });
      await heldAre(before + 1);
      await example.invoke('release', { jobId: 'a-new-job', actor: 'bob', reason: 'done' });
      await heldAre(before);
      await example.invoke('retire', { jobId: 'a-new-job', confirm: 'a-new-job', actor: 'bob', reason: 'a mistake' });
      await page.getByText(`${AIRPORTS + 1} jobs`, { exact: true }).waitFor();
      expect(await visitor.isMarked()).toBe(true);
    });

    it('keeps the job in sight that was chosen, wherever its cell moves', async () => {
      await visitor.goTo('/?text=flights-ATL');
      const phase = await page
        .getByText(/team flights, wave 0, \S+ for/)
        .first()
        .textContent();
      const [, name = ''] = /wave 0, (\S+) for/.exec(phase ?? '') ?? [];
      await page.locator(`canvas[data-phase="${name}"]`).focus();
      await page.locator('.inspector a', { hasText: 'flights-ATL' }).waitFor();
      const before = await page.locator('.inspector').textContent();
      await example.invoke('register', { jobs: [{ jobId: 'AAA-before-it', team: 'others' }] });
      await page.getByText(`1 of ${AIRPORTS + 2} jobs`).waitFor();
      expect(await page.locator('.inspector').textContent()).toBe(before);
      expect(await page.locator('.cursor:visible').count()).toBe(1);
      await example.invoke('retire', {
        jobId: 'AAA-before-it',
        confirm: 'AAA-before-it',
        actor: 'bob',
        reason: 'a mistake',
      });
      await page.getByText(`1 of ${AIRPORTS + 1} jobs`).waitFor();
    });

    it('says at once that somebody has paused the fleet, and offers to resume it', async () => {
      await visitor.goTo('/');
      await visitor.carryOut('Pause promotions', 'pause', 'quarter end');
      await visitor.reads('Pause the fleet: done');
      await page.getByText(/Promotions are paused by ana.*: quarter end/).waitFor();
      await visitor.goTo('/');
      await example.invoke('resume', { actor: 'bob', reason: 'over' });
      await page.getByText(/Promotions are paused/).waitFor({ state: 'detached' });
    });
  });

  describe('the attention list', () => {
    it('names the jobs that need a person, and leads to them', async () => {
      await visitor.goTo('/attention');
      const jobs = page.locator('main').getByRole('link', { name: /^flights-/ });
      expect(await jobs.count()).toBeGreaterThan(0);
      const name = (await jobs.first().textContent()) ?? '';
      await jobs.first().click();
      await page.getByRole('heading', { name }).waitFor();
    });
  });

  describe('the coverage view', () => {
    it('shows silence as silence: a job that nothing has landed for is missing, and counted as such', async () => {
      await visitor.goTo(`/coverage?team=${encodeURIComponent(HOSTILE_TEAM)}`);
      const row = page.getByRole('row').filter({ hasText: HOSTILE });
      expect(await row.locator('.badge.silent').allTextContents()).toContain('missing');
      expect(await row.locator('.badge.good').count()).toBe(0);
      await page.getByRole('link', { name: 'missing (1)' }).waitFor();
      await page.getByRole('link', { name: 'paired (0)' }).waitFor();
    });

    it('shows for every job which system landed when', async () => {
      await visitor.goTo('/coverage?team=flights');
      const row = page.getByRole('row').filter({ hasText: 'flights-ATL' });
      expect(await row.locator('time').count()).toBeGreaterThanOrEqual(2);
    });
  });

  describe('a job page', () => {
    it('shows the timeline of phases, the verdicts, and old against new as a chart', async () => {
      await visitor.goTo(job('flights-ATL'));
      await page.getByRole('heading', { name: /flights-ATL/ }).waitFor();
      const charts = await page
        .locator('main svg[role="img"]')
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      expect(charts.length).toBeGreaterThanOrEqual(2);
      expect(Math.min(...charts)).toBeGreaterThan(30);
      await page.getByRole('cell', { name: 'dataQuality', exact: true }).first().waitFor();
    });

    it('holds and releases with a reason, after it has shown what that would do', async () => {
      await visitor.goTo(job('flights-ATL'));
      await visitor.carryOut('Hold', 'hold', 'month end in OPS-31');
      await visitor.reads(/: done$/);
      await page.getByRole('link', { name: 'To the job' }).click();
      await visitor.reads('month end in OPS-31');
      expect((await explain('flights-ATL')).hold).toMatchObject({
        actor: 'ana',
        reason: 'month end in OPS-31',
        scope: 'promotions',
      });

      await visitor.carryOut('Release', 'release', 'the month is over');
      await visitor.reads(/: done$/);
      expect((await explain('flights-ATL')).hold).toBeUndefined();
    });

    it('carries out a form that is sent twice once', async () => {
      await visitor.goTo(job('flights-ATL'));
      await visitor.carryOut('Hold', 'hold', 'twice');
      await visitor.reads(/: done$/);
      const { version } = await explain('flights-ATL');
      // The browser sends the form again.
      await page.reload();
      await visitor.reads(/: done$/);
      expect((await explain('flights-ATL')).version).toBe(version);
      await example.invoke('release', { jobId: 'flights-ATL', actor: 'bob', reason: 'done' });
    });

    it('shows what has changed elsewhere, and leaves a form alone that somebody writes in', async () => {
      await visitor.goTo(job('flights-ATL'));
      await visitor.mark();
      await example.invoke('hold', { jobId: 'flights-ATL', actor: 'bob', reason: 'seen at once' });
      await visitor.reads('seen at once');
      await page.locator('summary', { hasText: 'Release' }).click();
      const reason = page.locator('details[open]').getByLabel(/Reason/);
      await reason.fill('half a sen');
      await example.invoke('release', { jobId: 'flights-ATL', actor: 'bob', reason: 'meanwhile' });
      await page.getByText('This page has changed meanwhile.').waitFor();
      expect(await reason.inputValue()).toBe('half a sen');
      expect(await visitor.isMarked()).toBe(true);
    });

    it('says of a job that is not there that it is not', async () => {
      await visitor.goTo(job('nobody'));
      await visitor.reads(/nobody/);
    });
  });

  it('shows hostile names as the text that they are, everywhere', async () => {
    for (const path of ['/', '/?text=img', '/attention', '/coverage', job(HOSTILE)]) {
      await visitor.goTo(path);
      expect(await page.locator('img, main script').count(), path).toBe(0);
    }
    await visitor.reads(HOSTILE);
    await visitor.reads('<script>alert(3)</script>');
    await visitor.goTo('/?text=img');
    await page.locator('.found').getByRole('link', { name: HOSTILE }).click();
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
  });

  it('can be used with the keyboard alone', async () => {
    await visitor.goTo('/');
    const phase = (await page.locator('canvas:not([hidden])').first().getAttribute('data-phase')) ?? '';
    await visitor.tabTo("localName === 'canvas'");
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    const name = (await page.locator('.inspector a').textContent()) ?? '';
    expect(await page.locator(`.column[data-phase="${phase}"] .cursor`).isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name }).waitFor();

    await visitor.tabTo("textContent === 'Hold'");
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ana');
    await page.keyboard.press('Tab');
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Hold ${name}?` }).waitFor();
    await visitor.tabTo("localName === 'button'");
    await page.keyboard.press('Enter');
    await visitor.reads(/: done$/);
    await example.invoke('release', { jobId: name, actor: 'bob', reason: 'done' });
  });

  const VIEWS = ['/', '/?text=a', '/attention', '/coverage', job('flights-ATL'), job('nobody')];

  it.each(VIEWS)('%s is readable at a width of 320', async (path) => {
    await visitor.close();
    await come({ viewport: { width: 320, height: 640 }, hasTouch: true });
    await visitor.goTo(path);
    // What lies beyond the edge and is in nothing that can be scrolled.
    const beyond = await page
      .locator('main *')
      .evaluateAll((all) =>
        all
          .filter((element) => element.getBoundingClientRect().right > 321 && !element.closest('.scroll, .sr'))
          .map((element) => element.outerHTML.slice(0, 80)),
      );
    expect(beyond).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    it.each(VIEWS)('%s has no serious barrier', async (path) => {
      await visitor.close();
      await come({ colorScheme, reducedMotion: 'reduce' });
      await visitor.goTo(path);
      expect(await findBarriers(page)).toEqual([]);
    });
  });
});
