/**
 * Where the source files of each airport and day lie, and the plan that says which there are. `prepare.ts` writes them;
 * both systems and the driver read them. An airport without flights on a day has no source and hence no partition.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PlanParameters {
  airports: number;
  /** How many of the airports are small ones that have no flights on many of the days. */
  sparse: number;
  firstDay: string;
  days: number;
}

export interface SourcePlan extends PlanParameters {
  /** Every airport, also those without a single flight in these days, busiest first. */
  origins: string[];
  /** The airports that have flights, day by day. */
  calendar: { day: string; origins: string[] }[];
}

export const DEFAULT_PARAMETERS: PlanParameters = { airports: 80, sparse: 10, firstDay: '2001-01-01', days: 50 };

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const DEFAULT_WORK_FOLDER = join(REPOSITORY, '.crossfade', 'flights');
/** Three million real flights, of the vega-datasets package. */
export const FLIGHTS_FILE = join(REPOSITORY, 'node_modules', 'vega-datasets', 'data', 'flights-3m.parquet');

/** Each set of parameters has a folder of its own, so that a change of them never mixes with what was there. */
export function sourcesFolder(workFolder: string, { airports, sparse, firstDay, days }: PlanParameters): string {
  return join(workFolder, `sources-${airports}-airports-${sparse}-sparse-${days}-days-from-${firstDay}`);
}

export function planFile(folder: string): string {
  return join(folder, 'plan.json');
}

export function readPlan(folder: string): SourcePlan {
  return JSON.parse(readFileSync(planFile(folder), 'utf8'));
}

export function dayFolder(folder: string, format: string, day: string): string {
  return join(folder, format, day);
}

/** The folder of each airport is named as DuckDB's partitioned COPY does it. */
export function sourceFile(folder: string, format: 'csv' | 'parquet', origin: string, day: string): string {
  return join(dayFolder(folder, format, day), `origin=${origin}`, `data_0.${format}`);
}
