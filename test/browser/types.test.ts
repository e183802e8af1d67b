/** The browser's modules are served as they are, so only the type checker can find what is wrong with them before a page does. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../lib/browser', import.meta.url));

it("the dashboard's scripts have no type errors", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [TSC, '-p', PROJECT]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
