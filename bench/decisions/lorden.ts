/**
 * How soon any rule at all could notice a regression that raises a false alarm once in `threshold` landings or more
 * rarely. Lorden (1971): the mean delay is at least log(threshold) / K (1 + o(1)), K being the Kullback-Leibler divergence
 * a landing of the worse log-ratios from those of a job at the tolerance. The figure given is the exact form for a
 * Brownian motion of the same K (Shiryaev 1996, Moustakides 2004), since at such thresholds the o(1) is a third.
 */
import { type NoiseModel, REGRESSIONS } from './noise.ts';

/** `undefined` for recorded noise, whose density nobody knows, and for mixtures of memories. */
export function bestDelay(
  model: NoiseModel,
  ratio: '1.3' | '2',
  tolerance: number,
  threshold: number,
): number | undefined {
  const shift = Math.log(REGRESSIONS[ratio]() / (1 + tolerance));
  const divergence = divergenceOf(model, shift);
  return divergence === undefined ? undefined : brownianDelay(divergence, threshold);
}

/** With y such that (e^y - y - 1) / K is the threshold, the least delay is (e^-y + y - 1) / K. */
function brownianDelay(divergence: number, threshold: number): number {
  let low = 0;
  let high = 60;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if ((Math.exp(middle) - middle - 1) / divergence < threshold) low = middle;
    else high = middle;
  }
  return (Math.exp(-low) + low - 1) / divergence;
}

function divergenceOf(model: NoiseModel, shift: number): number | undefined {
  const { sigma, correlation = 0, autoregression = 0, recorded, wave, tail, slowMode } = model;
  if (recorded || wave) return undefined;
  if (!tail && !slowMode) {
    const variance = 2 * sigma ** 2 * (1 - correlation);
    return ((shift ** 2 / (2 * variance)) * (1 - autoregression)) / (1 + autoregression);
  }
  return gridDivergence(model, shift);
}

const STEP = 0.02;
const REACH = 500;

/** Of the density of log-ratios, which is that of a side's logarithm convolved with its mirror image. */
function gridDivergence(model: NoiseModel, shift: number): number {
  const side = sideDensity(model);
  const ratio = new Float64Array(4 * REACH + 1);
  for (let i = 0; i <= 2 * REACH; i++) {
    for (let j = 0; j <= 2 * REACH; j++) ratio[i - j + 2 * REACH]! += side[i]! * side[j]! * STEP;
  }
  const moved = Math.round(shift / STEP);
  let divergence = 0;
  for (let i = moved; i <= 4 * REACH; i++) {
    const worse = ratio[i - moved]!;
    if (worse > 1e-12 && ratio[i]! > 0) divergence += worse * Math.log(worse / ratio[i]!) * STEP;
  }
  return divergence;
}

function sideDensity({ sigma, tail = 0, slowMode = 0 }: NoiseModel): Float64Array {
  const density = new Float64Array(2 * REACH + 1);
  const normal = (x: number) => Math.exp((-x * x) / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI));
  for (let i = 0; i <= 2 * REACH; i++) {
    const x = (i - REACH) * STEP;
    density[i] = (1 - tail - slowMode) * normal(x) + slowMode * normal(x - Math.log(3));
    // The logarithm of the Pareto factor is log 2 plus an exponential variable of rate 1.5.
    if (tail === 0) continue;
    for (let e = STEP / 2; e < 8; e += STEP) {
      density[i]! += tail * 1.5 * Math.exp(-1.5 * e) * normal(x - Math.log(2) - e) * STEP;
    }
  }
  return density;
}
