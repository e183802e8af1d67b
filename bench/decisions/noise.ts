/**
 * The noise models, with fixed parameters: what the lags of a healthy job look like on both sides, before a regression is
 * multiplied into the new one's. A lag is two hours times the exponential of the side's own noise; `sigma` is that of
 * one side, so the log-ratio of independent sides has 1.41 times as much.
 */
import { type FlightTrace, flightTraces } from './flights.ts';
import type { Random } from './random.ts';

export interface NoiseModel {
  name: string;
  says: string;
  sigma: number;
  /** Between the sides. */
  correlation?: number;
  /** Chance, on each side, of a lag that is at least doubled: a Pareto factor of index 1.5 from 2 upwards. */
  tail?: number;
  /** Of first-order autoregression, on each side. */
  autoregression?: number;
  /** The share of a side's variance that is a slow wave of autoregression 0.9; the rest is fresh at every landing. */
  wave?: number;
  /** Amplitude of a weekly cycle of the load, which both sides share. */
  season?: number;
  /** Chance, on each side, of the slow mode, three times as slow. */
  slowMode?: number;
  /** Recorded from the two systems of `examples/flights`. */
  recorded?: keyof FlightTrace;
  /** Successive pairs are independent, so that the stricter target applies. */
  independent: boolean;
}

export const NOISE_MODELS: readonly NoiseModel[] = [
  { name: 'lognormal-0.2', says: 'log-normal, sigma 0.2', sigma: 0.2, independent: true },
  { name: 'lognormal-0.5', says: 'log-normal, sigma 0.5', sigma: 0.5, independent: true },
  { name: 'correlated-0.3', says: 'sigma 0.5, sides correlated 0.3', sigma: 0.5, correlation: 0.3, independent: true },
  { name: 'correlated-0.7', says: 'sigma 0.5, sides correlated 0.7', sigma: 0.5, correlation: 0.7, independent: true },
  { name: 'tails-2%', says: 'sigma 0.2, 2 % heavy tails', sigma: 0.2, tail: 0.02, independent: true },
  { name: 'tails-5%', says: 'sigma 0.2, 5 % heavy tails', sigma: 0.2, tail: 0.05, independent: true },
  { name: 'seasonal', says: 'sigma 0.2, weekly cycle of 30 %', sigma: 0.2, season: 0.3, independent: true },
  { name: 'bimodal', says: 'sigma 0.2, 30 % three times slower', sigma: 0.2, slowMode: 0.3, independent: true },
  { name: 'ar-0.5', says: 'sigma 0.5, AR(1) 0.5', sigma: 0.5, autoregression: 0.5, independent: false },
  { name: 'ar-0.7', says: 'sigma 0.5, AR(1) 0.7', sigma: 0.5, autoregression: 0.7, independent: false },
  { name: 'ar-0.7-quiet', says: 'sigma 0.2, AR(1) 0.7', sigma: 0.2, autoregression: 0.7, independent: false },
  {
    name: 'waves',
    says: 'sigma 0.5, half of it AR(1) 0.9',
    sigma: 0.5,
    autoregression: 0.9,
    wave: 0.5,
    independent: false,
  },
  { name: 'flights-cpu', says: 'recorded CPU seconds', sigma: 0, recorded: 'cpu', independent: false },
  { name: 'flights-lag', says: 'recorded lags', sigma: 0, recorded: 'lag', independent: false },
];

/** Seconds. */
const TYPICAL_LAG = 7200;
const LANDINGS_A_WEEK = 168;

export interface Trace {
  old: Float64Array;
  next: Float64Array;
}

/** Fills the first `length` landings of a healthy job. */
export function drawTrace(model: NoiseModel, random: Random, trace: Trace, length: number): void {
  if (model.recorded) {
    replayFlights(model.recorded, random, trace, length);
    return;
  }
  const { sigma, correlation = 0, tail = 0, autoregression: memory = 0, wave = 1, season = 0, slowMode = 0 } = model;
  const own = Math.sqrt(1 - correlation ** 2);
  const fresh = Math.sqrt(1 - memory ** 2);
  const phase = season > 0 ? random.uniform() : 0;
  let oldNoise = random.normal();
  let newNoise = correlation * oldNoise + own * random.normal();
  for (let i = 0; i < length; i++) {
    let load = TYPICAL_LAG;
    if (season > 0) load *= 1 + season * Math.sin(2 * Math.PI * (i / LANDINGS_A_WEEK + phase));
    trace.old[i] = load * Math.exp(sigma * mixed(oldNoise, wave, random)) * oddity(random, tail, slowMode);
    trace.next[i] = load * Math.exp(sigma * mixed(newNoise, wave, random)) * oddity(random, tail, slowMode);
    const shared = random.normal();
    oldNoise = memory * oldNoise + fresh * shared;
    newNoise = memory * newNoise + fresh * (correlation * shared + own * random.normal());
  }
}

function mixed(slow: number, wave: number, random: Random): number {
  return wave === 1 ? slow : Math.sqrt(wave) * slow + Math.sqrt(1 - wave) * random.normal();
}

function oddity(random: Random, tail: number, slowMode: number): number {
  if (tail > 0 && random.uniform() < tail) return 2 * (1 - random.uniform()) ** (-1 / 1.5);
  return slowMode > 0 && random.uniform() < slowMode ? 3 : 1;
}

/** Stretches of 25 days of one airport, one after the other; every day is as likely as any, so both sides are equal in the mean. */
function replayFlights(what: keyof FlightTrace, random: Random, trace: Trace, length: number): void {
  const traces = flightTraces();
  const recorded = traces[random.whole(traces.length)]![what];
  let at = 0;
  for (let i = 0; i < length; i++) {
    at = i % 25 === 0 ? random.whole(recorded.old.length) : (at + 1) % recorded.old.length;
    trace.old[i] = TYPICAL_LAG * recorded.old[at]!;
    trace.next[i] = TYPICAL_LAG * recorded.next[at]!;
  }
}

/** How much slower the new system is, so many landings after its regression began. */
export const REGRESSIONS = {
  '1.3': () => 1.3,
  '2': () => 2,
  /** To 1.5 times within 240 landings. */
  drift: (landings: number) => 1 + 0.5 * Math.min(1, landings / 240),
} as const;
export type Regression = keyof typeof REGRESSIONS;
