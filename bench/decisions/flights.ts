/**
 * What the two systems of `examples/flights` really needed, from `flights.json`, which `record-flights.ts` wrote: of each
 * airport, its days in order, CPU time and lag on both sides. They differ by a factor that is theirs; here each airport's
 * is divided out (the geometric mean of its ratios), so that what remains is the noise of two real programs on a real,
 * busy machine. It is not symmetric: the old system's lags have the longer tail, so the median ratio of a levelled airport
 * is above 1 and the ratio of the sums below.
 */
import { readFileSync } from 'node:fs';

export interface FlightTrace {
  cpu: { old: number[]; next: number[] };
  lag: { old: number[]; next: number[] };
}

/** Milliseconds, day by day. */
export interface FlightRecord {
  airport: string;
  oldCpu: number[];
  newCpu: number[];
  oldLag: number[];
  newLag: number[];
}

export interface FlightFile {
  recordedWith: string;
  recordedAt: string;
  machine: string;
  airports: FlightRecord[];
}

export const FLIGHTS_JSON = new URL('flights.json', import.meta.url);

let traces: FlightTrace[] | undefined;

export function flightTraces(): FlightTrace[] {
  traces ??= readFlights().airports.map(({ oldCpu, newCpu, oldLag, newLag }) => {
    return { cpu: levelled(oldCpu, newCpu), lag: levelled(oldLag, newLag) };
  });
  return traces;
}

function readFlights(): FlightFile {
  return JSON.parse(readFileSync(FLIGHTS_JSON, 'utf8'));
}

function levelled(old: readonly number[], next: readonly number[]): { old: number[]; next: number[] } {
  const oldMean = geometricMean(old);
  const newMean = geometricMean(next);
  return { old: old.map((value) => value / oldMean), next: next.map((value) => value / newMean) };
}

function geometricMean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += Math.log(value);
  return Math.exp(sum / values.length);
}
