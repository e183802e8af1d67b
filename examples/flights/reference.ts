/**
 * What every table should contain, computed a third way: one query over the original three million flights, with
 * neither system's code, sources or text formatting. It ranks with window functions instead of sorting or asking for a
 * quantile, rounds with whole numbers only, and builds the text of each row in SQL. The driver compares every
 * production partition with it at the end, and the tests compare both systems with it. Also runs alone: `node
 * examples/flights/reference.ts`.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { DEFAULT_PARAMETERS, FLIGHTS_FILE, type PlanParameters } from './sources.ts';

/** The expected rows of a partition, in order. */
export type Reference = ReadonlyMap<string, readonly string[]>;

const REFERENCE_SQL = `
  WITH ranked AS (
    SELECT origin, date::DATE::VARCHAR AS day, strftime(date, '%H') AS hour, delay, distance,
           row_number() OVER (PARTITION BY origin, day, hour ORDER BY delay) AS place,
           count(*) OVER (PARTITION BY origin, day, hour) AS flights
    FROM read_parquet($file)
    WHERE date >= $firstDay::TIMESTAMP AND date < $firstDay::TIMESTAMP + to_days($days::INTEGER)
  ), hours AS (
    SELECT origin, day, hour, flights,
           2 * sum(delay) + flights AS above, 2 * flights AS below,
           min(delay) FILTER (10 * place >= 9 * flights) AS p90,
           sum(distance) AS distance,
           10000 * sum(CASE WHEN delay < 15 THEN 1 ELSE 0 END) // flights AS share
    FROM ranked GROUP BY origin, day, hour, flights
  ), lines AS (
    -- The mean rounded to the nearest, halves up, is the floor of (2 sum + n) / 2n; // and % round towards zero.
    SELECT origin, day,
           printf('%s,%d,%d,%d,%d,%d.%04d', hour, flights, (above - (above % below + below) % below) // below,
                  p90, distance, share // 10000, share % 10000) AS line
    FROM hours
  )
  SELECT origin, day, string_agg(line, chr(10) ORDER BY line) FROM lines GROUP BY origin, day`;

/** Every airport's expected tables, also of airports that the example leaves out. */
export async function computeReference({ firstDay, days }: PlanParameters): Promise<Reference> {
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  try {
    const result = await connection.runAndReadAll(REFERENCE_SQL, { file: FLIGHTS_FILE, firstDay, days });
    return new Map(
      result.getRows().map(([origin, day, lines]) => [keyOf(String(origin), String(day)), String(lines).split('\n')]),
    );
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
}

/** The rows that the airport's table of that day must have; `undefined` where it had no flights. */
export function expectedRows(reference: Reference, origin: string, day: string): readonly string[] | undefined {
  return reference.get(keyOf(origin, day));
}

function keyOf(origin: string, day: string): string {
  return `${origin} ${day}`;
}

if (import.meta.main) {
  const startedMs = Date.now();
  const reference = await computeReference(DEFAULT_PARAMETERS);
  console.log(`${reference.size} tables (${Date.now() - startedMs} ms)`);
}
