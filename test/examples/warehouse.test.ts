/** The fence at the destination: what is older than the newest published token never becomes the content. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Publication, Warehouse } from '../../examples/flights/warehouse.ts';
import { makeScratchFolder } from './scratch.ts';

const root = makeScratchFolder();
const TABLE = 'flights-ATL/production';
let partitions = 0;

function aPartition(): string {
  partitions += 1;
  return `2001-01-${String(partitions).padStart(2, '0')}`;
}

function aPublication(changes: Partial<Publication>): Publication {
  const at = { landedAt: '2001-01-01T06:00:00.000Z', publishedAt: '2001-01-01T06:00:01.000Z' };
  return { token: '1', system: 'old', release: '1', run: 'r', rowCount: 1, checksum: 'c', ...at, ...changes };
}

function publishText(warehouse: Warehouse, partition: string, token: string, text: string) {
  return warehouse.publish(warehouse.stage(TABLE, partition, text), aPublication({ token, checksum: `of ${text}` }));
}

describe('the warehouse', () => {
  const warehouse = new Warehouse(root);

  test('shows nothing of what is only staged', () => {
    const partition = aPartition();
    const staged = warehouse.stage(TABLE, partition, 'rows');
    expect(staged.storageBytes).toBe(4);
    expect(warehouse.read(TABLE, partition)).toBeUndefined();
    expect(warehouse.listPartitions(TABLE)).not.toContain(partition);
    warehouse.discard(staged);
    expect(readdirSync(join(root, TABLE, partition))).toEqual([]);
  });

  test('shows what was published last, and remembers what was before', () => {
    const partition = aPartition();
    expect(publishText(warehouse, partition, '1', 'first')).toEqual({ ok: true });
    expect(publishText(warehouse, partition, '2', 'second')).toEqual({ ok: true });
    expect(warehouse.read(TABLE, partition)).toBe('second');
    const history = warehouse.history(TABLE, partition);
    expect(history.map(({ version, token }) => [version, token])).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
    expect(warehouse.read(TABLE, partition, history[0])).toBe('first');
    expect(warehouse.listPartitions(TABLE)).toContain(partition);
  });

  test('refuses a token that is older than the newest, and leaves nothing of it behind', () => {
    const partition = aPartition();
    publishText(warehouse, partition, '0000000002.0000000001', 'newest');
    const before = readdirSync(join(root, TABLE, partition));
    expect(publishText(warehouse, partition, '0000000001.0000000009', 'zombie')).toMatchObject({
      ok: false,
      code: 'TokenTooOld',
      message: expect.stringContaining('older than 0000000002.0000000001'),
    });
    expect(warehouse.read(TABLE, partition)).toBe('newest');
    expect(readdirSync(join(root, TABLE, partition))).toEqual(before);
  });

  test('takes a repeat of the same token and content as done, and the same token with other content as a rerun', () => {
    const partition = aPartition();
    publishText(warehouse, partition, '1', 'rows');
    expect(publishText(warehouse, partition, '1', 'rows')).toEqual({ ok: true });
    expect(warehouse.history(TABLE, partition)).toHaveLength(1);
    expect(publishText(warehouse, partition, '1', 'better rows')).toEqual({ ok: true });
    expect(warehouse.read(TABLE, partition)).toBe('better rows');
  });

  test('keeps the fence of one partition apart from the next, whatever characters their names have', () => {
    const names = ['a/b', '../a', 'a b', '2001-01-01T13:00'];
    for (const name of names) publishText(warehouse, name, '5', name);
    for (const name of names) expect(warehouse.read(TABLE, name)).toBe(name);
    expect(publishText(warehouse, 'a/c', '1', 'other')).toEqual({ ok: true });
  });

  test('refuses when a newer token is published between its look at the log and its commit', () => {
    const partition = aPartition();
    let interrupted = false;
    class InterruptedWarehouse extends Warehouse {
      override head(table: string, name: string) {
        const seen = super.head(table, name);
        if (!interrupted) publishText(warehouse, partition, '2', 'newest');
        interrupted = true;
        return seen;
      }
    }
    expect(publishText(new InterruptedWarehouse(root), partition, '1', 'zombie')).toMatchObject({ ok: false });
    expect(warehouse.history(TABLE, partition)).toHaveLength(1);
    expect(warehouse.read(TABLE, partition)).toBe('newest');
  });

  test('never goes back and loses no commit while two processes race', async () => {
    const racers = makeScratchFolder();
    const token = (index: number) => String(index).padStart(4, '0');
    const all = Array.from({ length: 240 }, (_, index) => token(index));
    const script = fileURLToPath(new URL('racing-publisher.ts', import.meta.url));
    const startMs = String(Date.now() + 600);
    const outputs = await Promise.all(
      ['even', 'odd'].map((name, parity) => {
        const tokens = all.filter((_, index) => index % 2 === parity);
        return promisify(execFile)(process.execPath, [script, racers, name, startMs, ...tokens]);
      }),
    );
    const accepted = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);

    const shared = new Warehouse(racers);
    const history = shared.history('table', 'partition');
    const committed = history.map((entry) => entry.token);
    expect(committed).toEqual(committed.toSorted());
    expect(committed.toSorted()).toEqual(accepted.toSorted());
    expect(history.map(({ version }) => version)).toEqual(history.map((_, index) => index + 1));
    expect(committed.at(-1)).toBe(all.at(-1));
    for (const entry of history) expect(shared.read('table', 'partition', entry)).toBe(entry.checksum);
    // An entry and its data file for each commit: what was refused has left nothing.
    expect(readdirSync(join(racers, 'table', 'partition'))).toHaveLength(2 * history.length);
  });
});
