/**
 * The new system: the same pipeline as SQL, run by DuckDB over the Parquet of an airport and day. Which SQL is a matter
 * of the deployed release (`releases.ts`). The driver starts it as a process of its own (`protocol.ts` says how to talk
 * to it); it knows nothing of the old one.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isRelease, type ReleaseId, summarySql } from './releases.ts';
import type { SummaryRow } from './table.ts';
import { runWorker } from './worker.ts';

export async function openDuckDB(): Promise<DuckDBConnection> {
  // A source has a few hundred rows: a second thread would cost CPU, and save nothing.
  const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
  return duckdb.connect();
}

/** The output rows of one source file, as a release computes them. */
export async function summarizeParquet(
  connection: DuckDBConnection,
  release: ReleaseId,
  path: string,
): Promise<SummaryRow[]> {
  const result = await connection.runAndReadAll(summarySql(release), { file: path });
  return result.getRows().map((values) => {
    const [hour, flights, meanDelay, p90Delay, distance, onTime] = values.map(Number);
    return { hour, flights, meanDelay, p90Delay, distance, onTime } as SummaryRow;
  });
}

if (import.meta.main) {
  const connection = await openDuckDB();
  await runWorker({
    system: 'new',
    sourceFormat: 'parquet',
    release: '1.0.0',
    summarize: (path, release) => {
      if (!isRelease(release)) throw new Error(`the new system has no release ${release}`);
      return summarizeParquet(connection, release, path);
    },
  });
}
