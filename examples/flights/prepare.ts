/**
 * Prepares the example's input: from the three million flights of vega-datasets, the source files of each airport and
 * day, as CSV for the old system and as Parquet for the new one. The driver calls it before anything else, and it takes
 * two or three seconds once; afterwards the files are there. Also runs alone: `node examples/flights/prepare.ts`.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  DEFAULT_PARAMETERS,
  DEFAULT_WORK_FOLDER,
  dayFolder,
  FLIGHTS_FILE,
  type PlanParameters,
  planFile,
  type SourcePlan,
  sourcesFolder,
} from './sources.ts';

/** A sparse airport flies on at least this many days of the half year: seasonal, or small, and not a closed one. */
const SPARSE_FLYING_DAYS = 60;

/** The folder with the sources and their plan. Sources that are there already are taken as they are. */
export async function prepareSources(
  workFolder = DEFAULT_WORK_FOLDER,
  parameters: PlanParameters = DEFAULT_PARAMETERS,
): Promise<string> {
  const folder = sourcesFolder(workFolder, parameters);
  if (existsSync(planFile(folder))) return folder;
  // Written beside, then renamed: a run that is killed half-way leaves nothing that the next one would believe.
  const draft = `${folder}.draft-${process.pid}`;
  for (const format of ['csv', 'parquet']) mkdirSync(join(draft, format), { recursive: true });
  // One thread: with two, DuckDB may split a partition into two files.
  const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await duckdb.connect();
  try {
    const plan = await selectFlights(connection, parameters);
    for (const { day } of plan.calendar) await writeDay(connection, draft, day);
    writeFileSync(planFile(draft), JSON.stringify(plan));
    publishDraft(draft, folder);
  } finally {
    connection.closeSync();
    duckdb.closeSync();
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Leaves the flights of the chosen airports and days in the table `flights`. */
async function selectFlights(connection: DuckDBConnection, parameters: PlanParameters): Promise<SourcePlan> {
  await connection.run(
    `CREATE TABLE airports AS
     WITH all_airports AS (
       SELECT origin, count(*) AS flights, count(DISTINCT date::DATE) AS flying_days,
              count(DISTINCT date::DATE) FILTER (
                date::DATE >= $firstDay::DATE AND date::DATE < $firstDay::DATE + $days::INTEGER
              ) AS days_here
       FROM read_parquet($file) GROUP BY origin
     ), sparse AS (
       FROM all_airports WHERE flying_days >= ${SPARSE_FLYING_DAYS} ORDER BY days_here, flights, origin LIMIT $sparse
     ), busy AS (
       FROM all_airports ANTI JOIN sparse USING (origin) ORDER BY flights DESC, origin LIMIT $busy
     )
     FROM busy UNION ALL FROM sparse`,
    {
      file: FLIGHTS_FILE,
      firstDay: parameters.firstDay,
      days: parameters.days,
      sparse: parameters.sparse,
      busy: parameters.airports - parameters.sparse,
    },
  );
  await connection.run(
    `CREATE TABLE flights AS
     SELECT date, delay, distance, destination, origin, date::DATE AS day
     FROM read_parquet($file) SEMI JOIN airports USING (origin)
     WHERE day >= $firstDay::DATE AND day < $firstDay::DATE + $days::INTEGER
     ORDER BY day, origin, date, destination, delay`,
    { file: FLIGHTS_FILE, firstDay: parameters.firstDay, days: parameters.days },
  );
  const origins = await readColumn(connection, 'SELECT origin FROM airports ORDER BY flights DESC, origin');
  const days = await readColumn(connection, 'SELECT DISTINCT day::VARCHAR AS day FROM flights ORDER BY day');
  const calendar: SourcePlan['calendar'] = [];
  for (const day of days) {
    const sql = `SELECT origin FROM flights WHERE day = '${day}' GROUP BY origin ORDER BY origin`;
    calendar.push({ day, origins: await readColumn(connection, sql) });
  }
  return { ...parameters, origins, calendar };
}

async function readColumn(connection: DuckDBConnection, sql: string): Promise<string[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRows().map(([value]) => String(value));
}

async function writeDay(connection: DuckDBConnection, folder: string, day: string): Promise<void> {
  for (const format of ['csv', 'parquet']) {
    const target = dayFolder(folder, format, day).replaceAll("'", "''");
    await connection.run(
      `COPY (SELECT date, delay, distance, destination, origin FROM flights WHERE day = '${day}')
       TO '${target}' (FORMAT ${format}, PARTITION_BY (origin))`,
    );
  }
}

function publishDraft(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another run was faster; its sources are as good as ours.
    if (!existsSync(planFile(folder))) throw error;
  }
}

if (import.meta.main) {
  const startedMs = Date.now();
  const folder = await prepareSources();
  console.log(`sources are in ${folder} (${Date.now() - startedMs} ms)`);
}
