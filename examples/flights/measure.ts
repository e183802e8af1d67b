/**
 * Measures the example itself: how many airport-days each release of the new system gets wrong, what share of the
 * airports that hits within three days, and what a partition costs in each system. The releases and the defaults in
 * `sources.ts` were chosen by these numbers. Nothing calls it: `node examples/flights/measure.ts [DAYS]`.
 */
import { openDuckDB, summarizeParquet } from './new-system.ts';
import { summarizeCsv } from './old-system.ts';
import { prepareSources } from './prepare.ts';
import { computeReference, expectedRows } from './reference.ts';
import { RELEASES, type ReleaseId } from './releases.ts';
import { readPlan, sourceFile } from './sources.ts';
import { formatRow, type SummaryRow } from './table.ts';

interface Partition {
  origin: string;
  day: string;
}

const folder = await prepareSources();
const plan = readPlan(folder);
const calendar = plan.calendar.slice(0, Number(process.argv[2] ?? plan.days));
const partitions = calendar.flatMap(({ day, origins }) => origins.map((origin) => ({ origin, day })));
const reference = await computeReference(plan);
const connection = await openDuckDB();

await measureSystem('old', ({ origin, day }) => summarizeCsv(sourceFile(folder, 'csv', origin, day)));
for (const release of Object.keys(RELEASES) as ReleaseId[]) {
  await measureSystem(`new ${release}`, ({ origin, day }) =>
    summarizeParquet(connection, release, sourceFile(folder, 'parquet', origin, day)),
  );
}

async function measureSystem(name: string, summarize: (id: Partition) => Promise<SummaryRow[]>): Promise<void> {
  const wrong: Partition[] = [];
  const costs: number[] = [];
  for (const id of partitions) {
    const before = process.cpuUsage();
    const rows = await summarize(id);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000);
    const expected = expectedRows(reference, id.origin, id.day) ?? [];
    if (rows.map(formatRow).sort().join() !== expected.join()) wrong.push(id);
  }
  const [low, middle, high] = describeShares(wrong);
  const ranked = costs.sort((a, b) => a - b);
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const airports = new Set(wrong.map(({ origin }) => origin));
  console.log(
    [
      `${name}: ${wrong.length} of ${partitions.length} airport-days wrong, at ${airports.size} airports`,
      `airports hit within 3 days: ${low} to ${high} %, median ${middle} %`,
      `CPU ms a partition: mean ${mean.toFixed(2)}, median ${at(ranked, 0.5).toFixed(2)}, p99 ${at(ranked, 0.99).toFixed(2)}`,
    ].join('; '),
  );
}

/** The least, the median and the greatest share of airports that are hit in three days on end, in percent. */
function describeShares(wrong: readonly Partition[]): [number, number, number] {
  const shares = calendar.slice(2).map((_, first) => {
    const days = calendar.slice(first, first + 3).map(({ day }) => day);
    const hit = new Set(wrong.filter(({ day }) => days.includes(day)).map(({ origin }) => origin));
    return Math.round((100 * hit.size) / plan.origins.length);
  });
  const ranked = shares.sort((a, b) => a - b);
  return [at(ranked, 0), at(ranked, 0.5), at(ranked, 1)];
}

function at(ranked: readonly number[], share: number): number {
  return ranked[Math.floor(share * (ranked.length - 1))] ?? Number.NaN;
}
