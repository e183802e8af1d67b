/**
 * Records `flights.json`: runs the two systems of `examples/flights` over the same airport-days and notes, of each, the
 * CPU time of the partition and its lag, that is the time since the day's sources were ready, while the system works
 * through the day's airports one after the other. Takes turns day by day, so that both see the same busy machine.
 * Run once, as `node bench/decisions/record-flights.ts && biome format --write bench/decisions/flights.json`; the tables
 * depend on the file, not on this program.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { openDuckDB, summarizeParquet } from '../../examples/flights/new-system.ts';
import { summarizeCsv } from '../../examples/flights/old-system.ts';
import { prepareSources } from '../../examples/flights/prepare.ts';
import { readPlan, sourceFile } from '../../examples/flights/sources.ts';
import { FLIGHTS_JSON, type FlightFile, type FlightRecord } from './flights.ts';

const LEAST_DAYS = 45;

const folder = await prepareSources();
const plan = readPlan(folder);
const connection = await openDuckDB();
const records = new Map<string, FlightRecord>();

const systems = {
  old: (origin: string, day: string) => summarizeCsv(sourceFile(folder, 'csv', origin, day)),
  next: (origin: string, day: string) =>
    summarizeParquet(connection, '1.0.0', sourceFile(folder, 'parquet', origin, day)),
};

for (const { day, origins } of plan.calendar) {
  const old = await runDay(systems.old, day, origins);
  const next = await runDay(systems.next, day, origins);
  origins.forEach((airport, i) => {
    const record = records.get(airport) ?? { airport, oldCpu: [], newCpu: [], oldLag: [], newLag: [] };
    records.set(airport, record);
    record.oldCpu.push(old[i]!.cpu);
    record.newCpu.push(next[i]!.cpu);
    record.oldLag.push(old[i]!.lag);
    record.newLag.push(next[i]!.lag);
  });
}

const file: FlightFile = {
  recordedWith: 'node bench/decisions/record-flights.ts',
  recordedAt: new Date().toISOString(),
  machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, shared with other work`,
  airports: [...records.values()].filter(({ oldCpu }) => oldCpu.length >= LEAST_DAYS),
};
writeFileSync(FLIGHTS_JSON, `${JSON.stringify(file, null, 2)}\n`);
console.log(`${file.airports.length} airports, ${plan.calendar.length} days`);

async function runDay(
  summarize: (origin: string, day: string) => Promise<unknown>,
  day: string,
  origins: readonly string[],
): Promise<{ cpu: number; lag: number }[]> {
  const ready = performance.now();
  const costs: { cpu: number; lag: number }[] = [];
  for (const origin of origins) {
    const before = process.cpuUsage();
    await summarize(origin, day);
    const { user, system } = process.cpuUsage(before);
    costs.push({ cpu: rounded((user + system) / 1000), lag: rounded(performance.now() - ready) });
  }
  return costs;
}

function rounded(milliseconds: number): number {
  return Number(milliseconds.toPrecision(4));
}
