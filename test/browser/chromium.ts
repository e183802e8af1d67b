/**
 * Debian's Chromium for the browser tests, the dashboard's benchmark and the screenshots. A machine without it fails with a
 * sentence that says what to install; nothing is skipped, and nothing is downloaded.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

export async function launchChromium(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`${EXECUTABLE} is not there: install Debian's package chromium (apt-get install chromium)`);
  }
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    timeout: 60_000,
  });
}
