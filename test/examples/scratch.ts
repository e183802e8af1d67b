/** A folder of a test's own, under the system's temporary files, gone when the test file has ended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function makeScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-flights-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
