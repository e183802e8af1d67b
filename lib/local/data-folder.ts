/**
 * The folder of `--data`: who may use it, and how it was left. A lock file names the process; a second process is refused,
 * a lock whose process is dead is taken over. The lock goes only when everything was handed over, so a lock that is found
 * says that the streams were cut off and have to be replayed. `tables.json` says that the tables are complete.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DataFolder {
  /** Where the database keeps its files. */
  database: string;
  deadLetters: string;
  /** The last process was killed, or stopped before it had handed over everything. */
  interrupted: boolean;
  /** The tables are there, complete. Called once they are. */
  markComplete(): void;
  /** @param clean everything was handed over: the next start has nothing to replay. */
  release(clean: boolean): void;
}

interface Lock {
  pid: number;
  /** Of the process, where the system tells: a number of a dead process may be another's by now. */
  started?: string | undefined;
}

const LAYOUT = 1;

export function openDataFolder(folder: string): DataFolder {
  mkdirSync(folder, { recursive: true });
  const lockFile = join(folder, 'crossfade.lock');
  const marker = join(folder, 'tables.json');
  const database = join(folder, 'dynamodb');
  const interrupted = takeLock(folder, lockFile);
  try {
    if (existsSync(marker)) checkLayout(folder, marker);
    else if (existsSync(database)) discardIncomplete(folder, database, interrupted);
  } catch (error) {
    if (!interrupted) rmSync(lockFile, { force: true });
    throw error;
  }
  return {
    database,
    deadLetters: join(folder, 'dead-letters.jsonl'),
    interrupted,
    markComplete() {
      writeFileSync(`${marker}.new`, `${JSON.stringify({ layout: LAYOUT })}\n`);
      renameSync(`${marker}.new`, marker);
    },
    release: (clean) => (clean ? rmSync(lockFile, { force: true }) : undefined),
  };
}

/** Whether a dead process has left its lock. */
function takeLock(folder: string, lockFile: string): boolean {
  const own: Lock = { pid: process.pid, started: startOf(process.pid) };
  for (let tries = 0, stale = false; tries < 3; tries++) {
    try {
      writeFileSync(lockFile, JSON.stringify(own), { flag: 'wx' });
      return stale;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readLock(lockFile);
    if (holder && isAlive(holder)) {
      throw new Error(
        `${folder} is in use by process ${holder.pid}: stop that crossfade local, or choose another --data folder`,
      );
    }
    rmSync(lockFile, { force: true });
    stale = true;
  }
  throw new Error(`${folder}: the lock is taken again and again by others; try again`);
}

function readLock(lockFile: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
  } catch {
    // Its process was killed while it wrote, or has just removed it.
    return undefined;
  }
}

function isAlive({ pid, started }: Lock): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return started === undefined || now === undefined || now === started;
}

/** When a process began, in the kernel's ticks; unknown where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function checkLayout(folder: string, marker: string): void {
  const { layout } = JSON.parse(readFileSync(marker, 'utf8')) as { layout: unknown };
  if (layout === LAYOUT) return;
  throw new Error(
    `${folder} has layout ${String(layout)}, and this release reads ${LAYOUT}: use the release that made it, or another folder`,
  );
}

/** Tables that were never complete have never held anything. */
function discardIncomplete(folder: string, database: string, interrupted: boolean): void {
  if (!interrupted)
    throw new Error(`${folder} holds a database that crossfade local has not made: choose another folder`);
  rmSync(database, { recursive: true });
}
