/**
 * The old system: reads the CSV of an airport and day row by row, in plain TypeScript, and adds up as it goes. It has
 * done so for years, and what it delivers is right by definition. The driver starts it as a process of its own
 * (`protocol.ts` says how to talk to it); it knows nothing of the new one.
 */
import { createReadStream } from 'node:fs';
import type { SummaryRow } from './table.ts';
import { runWorker } from './worker.ts';

interface HourSoFar {
  delays: number[];
  totalDelay: number;
  distance: number;
  onTime: number;
}

/** The output rows of one source file. */
export async function summarizeCsv(path: string): Promise<SummaryRow[]> {
  const hours = new Map<number, HourSoFar>();
  let header = true;
  for await (const line of readLines(path)) {
    if (!header) addFlight(hours, line);
    header = false;
  }
  return [...hours].map(([hour, soFar]) => summarizeHour(hour, soFar));
}

/** Lines of a file, without ever holding the whole of it. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** `2001-01-01 00:01:00,19,215,SAV`: no field can hold a comma, so none is quoted. */
function addFlight(hours: Map<number, HourSoFar>, line: string): void {
  const [date = '', delayText, distanceText] = line.split(',');
  const hour = Number(date.slice(11, 13));
  const delay = Number(delayText);
  const distance = Number(distanceText);
  if (Number.isNaN(hour + delay + distance)) throw new Error(`not a flight: ${line}`);
  const soFar = hours.get(hour) ?? { delays: [], totalDelay: 0, distance: 0, onTime: 0 };
  hours.set(hour, soFar);
  soFar.delays.push(delay);
  soFar.totalDelay += delay;
  soFar.distance += distance;
  if (delay < 15) soFar.onTime += 1;
}

function summarizeHour(hour: number, { delays, totalDelay, distance, onTime }: HourSoFar): SummaryRow {
  const flights = delays.length;
  const ranked = delays.toSorted((a, b) => a - b);
  return {
    hour,
    flights,
    // Adding zero makes -0 (from -0.3) a plain 0.
    meanDelay: Math.round(totalDelay / flights) + 0,
    p90Delay: ranked[Math.ceil((flights * 9) / 10) - 1] ?? Number.NaN,
    distance,
    onTime: Math.floor((10_000 * onTime) / flights),
  };
}

if (import.meta.main) {
  await runWorker({
    system: 'old',
    sourceFormat: 'csv',
    release: 'legacy-7.4',
    summarize: summarizeCsv,
  });
}
