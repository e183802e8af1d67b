/**
 * What the two systems of `examples/flights` really needed, from `flights.json`, which `record-flights.ts` wrote: of each
 * airport, its days in order, CPU time and lag on both sides. They differ by a factor that is theirs; here each airport's
 * is divided out (the median of its log-ratios), so that what remains is the noise of two real programs on a real, busy
 * machine.
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
  const ratio = median(next.map((value, i) => value / old[i]!));
  const typical = median(old);
  return { old: old.map((value) => value / typical), next: next.map((value) => value / typical / ratio) };
}

function median(values: readonly number[]): number {
  const ranked = values.toSorted((a, b) => a - b);
  return (ranked[(ranked.length - 1) >> 1]! + ranked[ranked.length >> 1]!) / 2;
}
