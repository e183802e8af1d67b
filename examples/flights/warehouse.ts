/**
 * The warehouse: tables as folders, partitions as folders of files, and the fence at the destination. Each table keeps,
 * per partition, the highest token that was ever published, and refuses a lower one; that is the half of the protocol
 * that no controller can do, because only the destination sees a publish that was delayed.
 *
 * A partition has a commit log, as Delta Lake's tables have: `00000001.json`, `00000002.json`, ... Each entry names a
 * data file and its token, and the newest is the content. An entry is created complete and only if its number is free
 * (`link` is atomic, across processes), so a publisher that lost a race reads the log again and decides again.
 * Rejected: a lock file, which has to be broken when its owner dies, and breaking it is a race of its own. A publisher
 * that dies leaves at most a file that no entry names.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Output that is written, complete, and visible to nobody. */
export interface StagedOutput {
  table: string;
  partition: string;
  path: string;
  storageBytes: number;
}

/** What a publisher says about its content. */
export interface Publication {
  token: string;
  system: 'old' | 'new';
  release: string;
  run: string;
  rowCount: number;
  checksum: string;
  /** When the run reported what it was about to publish. */
  landedAt: string;
  publishedAt: string;
}

/** An entry of a partition's log. */
export interface Manifest extends Publication {
  version: number;
  dataFile: string;
}

export type PublishOutcome = { ok: true } | { ok: false; code: 'TokenTooOld'; message: string };

/** Every lost race is a commit of somebody else, so this many in a row mean a fault and not a busy partition. */
const MAX_RACES = 100;
const LOG_ENTRY = /^\d{8}\.json$/;

export class Warehouse {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  stage(table: string, partition: string, text: string): StagedOutput {
    const folder = this.#folder(table, partition);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `staged-${randomUUID()}.csv`);
    writeFileSync(path, text);
    return { table, partition, path, storageBytes: Buffer.byteLength(text) };
  }

  discard(staged: StagedOutput): void {
    rmSync(staged.path, { force: true });
  }

  /**
   * Makes staged output the content of its partition, unless a newer token was there first. The same token may publish
   * again: a shadow table's right outlives a rerun, and a repeat of the same content changes nothing.
   */
  publish(staged: StagedOutput, publication: Publication): PublishOutcome {
    const folder = this.#folder(staged.table, staged.partition);
    // Named by its token, and unique, so that a refused publish never takes the file of an accepted one with it.
    const dataFile = `${encodeURIComponent(publication.token)}-${randomUUID().slice(0, 8)}.csv`;
    renameSync(staged.path, join(folder, dataFile));
    for (let race = 0; race < MAX_RACES; race += 1) {
      const newest = this.head(staged.table, staged.partition);
      if (newest && publication.token < newest.token) {
        rmSync(join(folder, dataFile));
        const message = `${publication.token} is older than ${newest.token}, which ${newest.system} has published`;
        return { ok: false, code: 'TokenTooOld', message };
      }
      if (newest && newest.token === publication.token && newest.checksum === publication.checksum) {
        rmSync(join(folder, dataFile));
        return { ok: true };
      }
      const manifest: Manifest = { ...publication, version: (newest?.version ?? 0) + 1, dataFile };
      if (createEntry(folder, manifest)) return { ok: true };
    }
    throw new Error(`${folder}: lost ${MAX_RACES} races to publish; is something else writing this log?`);
  }

  /** The newest log entry of a partition: what its content is, and by whom. */
  head(table: string, partition: string): Manifest | undefined {
    const folder = this.#folder(table, partition);
    const newest = listNames(folder).filter(isLogEntry).sort().at(-1);
    return newest === undefined ? undefined : readEntry(folder, newest);
  }

  /** Every publication of a partition, oldest first. */
  history(table: string, partition: string): Manifest[] {
    const folder = this.#folder(table, partition);
    return listNames(folder)
      .filter(isLogEntry)
      .sort()
      .map((name) => readEntry(folder, name));
  }

  /** The content of a publication, by default of the newest; `undefined` where nothing was published. */
  read(table: string, partition: string, manifest = this.head(table, partition)): string | undefined {
    return manifest && readFileSync(join(this.#folder(table, partition), manifest.dataFile), 'utf8');
  }

  /** The partitions that have content, in time order. A folder in which something was only staged is not one. */
  listPartitions(table: string): string[] {
    return listNames(join(this.#root, table))
      .map(decodeURIComponent)
      .filter((partition) => this.head(table, partition) !== undefined)
      .sort();
  }

  #folder(table: string, partition: string): string {
    return join(this.#root, table, encodeURIComponent(partition));
  }
}

/** `true` when this call created the entry, `false` when the number was taken. */
function createEntry(folder: string, manifest: Manifest): boolean {
  const complete = join(folder, `entry-${randomUUID()}.tmp`);
  writeFileSync(complete, JSON.stringify(manifest));
  try {
    linkSync(complete, join(folder, `${String(manifest.version).padStart(8, '0')}.json`));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(complete);
  }
}

function readEntry(folder: string, name: string): Manifest {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

function isLogEntry(name: string): boolean {
  return LOG_ENTRY.test(name);
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
