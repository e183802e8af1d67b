import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { type Database, startDatabase } from '../../lib/local/database.ts';
import { TABLE_NAMES } from '../../lib/local/names.ts';

const WRITER = fileURLToPath(new URL('./database-writer.ts', import.meta.url));
const INDEXES = [
  ['by-shard', 'shard'],
  ['by-attention', 'attentionBucket'],
  ['by-team', 'teamBucket'],
] as const;

type Row = Record<string, unknown>;

async function scan(database: Database, IndexName?: string): Promise<Row[]> {
  const { Items = [] } = await database
    .connect()
    .send(new ScanCommand({ TableName: TABLE_NAMES.jobs, ...(IndexName !== undefined && { IndexName }) }));
  return Items.sort((a, b) => (String(a.jobId) < String(b.jobId) ? -1 : 1));
}

/** Writes for so long once it has begun, and is killed. What was acknowledged last, by job. */
async function writeUntilKilled(folder: string, from: number, lifeMs: number): Promise<Map<string, number>> {
  const args = [WRITER, folder, String(from), String(lifeMs)];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const [, signal] = await once(writer, 'close');
  expect(signal).toBe('SIGKILL');
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

describe('the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-db-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has every acknowledged write after SIGKILL, and no index entry that its item has not', async () => {
    let from = 1;
    for (let round = 0; round < 4; round++) {
      const acknowledged = await writeUntilKilled(folder, from, 40 + 23 * round);
      expect(acknowledged.size).toBe(16);
      const database = await startDatabase(folder);
      try {
        const items = await scan(database);
        for (const { jobId, version } of items) {
          expect(version).toBeGreaterThanOrEqual(acknowledged.get(String(jobId)) ?? 0);
          expect(version).toBeLessThanOrEqual((acknowledged.get(String(jobId)) ?? 0) + 2);
        }
        for (const [index, attribute] of INDEXES) {
          expect(await scan(database, index), `${index}, round ${round}`).toEqual(
            items.filter((item) => item[attribute] !== undefined),
          );
        }
        from = Math.max(...items.map(({ version }) => Number(version))) + 1;
      } finally {
        await database.close();
      }
    }
  }, 60_000);

  it('refuses a folder that another database has open', async () => {
    const database = await startDatabase(folder);
    await expect(startDatabase(folder)).rejects.toThrow('is another process using it?');
    await database.close();
  });

  it('can be closed twice, and says so to whoever asks afterwards', async () => {
    const database = await startDatabase();
    await database.close();
    await database.close();
    await expect(database.request('ListTables', Buffer.from('{}'))).rejects.toThrow('the database is closed');
  });
});
