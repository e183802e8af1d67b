/**
 * Somebody who looks at the dashboard: a page in a context of its own, what a person does with it, and everything that the
 * browser complains of meanwhile (blocked by the policy, failed, thrown, or a dialog that should not be).
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export const WAIT_MS = 60_000;

export class Visitor {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #url: string;

  private constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(WAIT_MS);
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    return new Visitor(await (await browser.newContext(options)).newPage(), url);
  }

  /** The browser tells of a page that is not there; whoever asked for it knows. */
  async goTo(path: string): Promise<void> {
    const answer = await this.page.goto(`${this.#url}${path}`);
    if (path === '/' || path.startsWith('/?')) await this.page.locator('[data-drawn]').waitFor();
    if (answer?.status() === 404) this.complaints.splice(0);
  }

  /** Waits for a text in the page itself. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.locator('main').getByText(text).first().waitFor();
  }

  /** As a person does it: unfold the verb, say who and why, look at what it would do, confirm. */
  async carryOut(label: string, verb: string, reason: string): Promise<void> {
    const { page } = this;
    await page.locator('summary', { hasText: label }).click();
    const form = page.locator('details[open] form');
    await form.getByLabel(/name, without blanks/).fill('ana');
    await form.getByLabel(/Reason/).fill(reason);
    await form.getByRole('button').click();
    await page.getByRole('heading', { name: new RegExp(`^${verb} .*\\?$`, 'i') }).waitFor();
    await page.getByRole('button', { name: new RegExp(verb, 'i') }).click();
    await this.reads(/: (done|refused)$/);
  }

  /** By the keyboard, to the element of which this expression holds. */
  async tabTo(isReached: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if (await this.page.evaluate<boolean>(`document.activeElement.${isReached}`)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`sixty times Tab did not lead to where ${isReached}`);
  }

  /** Leaves a mark that a page which is loaded again has not. */
  async mark(): Promise<void> {
    await this.page.evaluate('globalThis.sameDocument = true');
  }

  isMarked(): Promise<boolean> {
    return this.page.evaluate('globalThis.sameDocument === true');
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
