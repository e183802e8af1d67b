/**
 * The folder of one run, in which its warehouse lies. At the end it is put out of sight at once, and removed by a process
 * of its own: a run leaves some twenty thousand files, and there are disks on which removing them takes as long as the
 * run. What such a process has not finished, the next one does.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const PREFIX = 'run-';
const GONE_PREFIX = 'gone-';
const REMOVE = `for (const path of process.argv.slice(1)) {
  require('node:fs').rmSync(path, { recursive: true, force: true });
}`;

export function makeRunFolder(workFolder: string): string {
  mkdirSync(workFolder, { recursive: true });
  return mkdtempSync(join(workFolder, PREFIX));
}

export function discardRunFolder(folder: string): void {
  const workFolder = dirname(folder);
  renameSync(folder, join(workFolder, GONE_PREFIX + basename(folder)));
  const gone = readdirSync(workFolder).filter((name) => name.startsWith(GONE_PREFIX));
  const paths = gone.map((name) => join(workFolder, name));
  spawn(process.execPath, ['-e', REMOVE, ...paths], { detached: true, stdio: 'ignore' }).unref();
}
