/**
 * The same tests written the other way round, over whole lists instead of pair by pair: every running bet as a product of
 * its own, blocks cut out of the list, correlations from their textbook sums. What has to be recursive (the scale and the
 * typical level, which know only the past) is, in double precision. `fold.test.ts` holds the two together.
 */
import { blockLengthFor, varianceInflation } from '../../../lib/domain/sequential/blocks.ts';

const clamp = (value: number, limit: number) => Math.min(limit, Math.max(-limit, value));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export interface Batch {
  autocorrelation: number;
  spread: number;
  plain: number;
  decorrelated: number;
  health: number[];
  blockLength: number;
}

export function judgeBatch(ratios: readonly number[], tolerated: number, detectable: number): Batch {
  const spreads: number[] = [];
  const correlations: number[] = [];
  const deviations: number[] = [];
  let variance = 0.64;
  let level = ratios[0] ?? 0;
  ratios.forEach((ratio, i) => {
    correlations.push(correlationOf(deviations));
    spreads.push(spreadOf(variance, correlations[i]!));
    deviations.push(clamp((ratio - level) / spreads[i]!, 2.5));
    level += (deviations[i]! * spreads[i]!) / Math.min(i + 1, 96);
    if (i === 0) return;
    const cut = Math.min((ratio - ratios[i - 1]!) ** 2 / 2, 2.25 * variance) * 1.2847;
    variance += (cut - variance) / Math.min(i + 4, 96);
  });
  const autocorrelation = correlationOf(deviations);
  const gap = detectable - tolerated;

  const plainScores = ratios.map((ratio, i) => scoreOf((ratio - tolerated) / spreads[i]!));
  const plainStakes = spreads.map((spread) => stakeFor(gap / spread));
  const shares = correlations.map((r, i) => (i === 0 ? 0 : clamp(Math.max(0, r + 5 / (i + 5)), 0.9)));
  const newsSpreads = spreads.map((spread, i) => spread * Math.sqrt(1 - shares[i]! ** 2));
  const newsScores = ratios.map((ratio, i) => {
    const expected = i === 0 ? 0 : shares[i]! * (ratios[i - 1]! - tolerated);
    return scoreOf((ratio - tolerated - expected) / newsSpreads[i]!);
  });
  const newsStakes = newsSpreads.map((spread, i) => stakeFor((gap * (1 - shares[i]!)) / spread));

  const shortfalls = ratios.map((ratio, i) => clamp((detectable - ratio) / spreads[i]!, 2.5));
  const health = [1, 2, 4, 8, 16].map((length) => {
    let worth = 1;
    for (let end = length; end <= ratios.length; end += length) {
      const spread = Math.sqrt(length * varianceInflation(correlations[end - 1]!, length));
      const stake = stakeFor(((detectable / spreads[end - 1]!) * length) / spread);
      const score = scoreOf(sum(shortfalls.slice(end - length, end)) / spread);
      worth = Math.min(1e4, Math.max(1e-4, worth * (1 + stake * score)));
    }
    return worth;
  });
  return {
    autocorrelation,
    spread: spreadOf(variance, autocorrelation),
    plain: worthOfAllBets(plainScores, plainStakes),
    decorrelated: worthOfAllBets(newsScores, newsStakes),
    health,
    blockLength: blockLengthFor(autocorrelation, ratios.length),
  };
}

/** For every pair the bets that begin with it, each multiplied up to the end on its own. */
function worthOfAllBets(scores: readonly number[], tuned: readonly number[]): number {
  const fractions = [tuned, tuned.map(() => 0.3), tuned.map(() => 0.95)];
  const started = [0.6, 0.2, 0.2];
  return sum(
    scores.flatMap((_, from) =>
      fractions.map((fraction, kind) => {
        let worth = started[kind]!;
        for (let i = from; i < scores.length; i++) worth *= 1 + fraction[i]! * scores[i]!;
        return worth;
      }),
    ),
  );
}

function scoreOf(deviations: number): number {
  return clamp(deviations / 2, 1);
}

function stakeFor(shift: number): number {
  return shift >= 1 ? 0.95 : Math.min(0.95, (2.4 * shift) / (1 + shift ** 2));
}

function spreadOf(variance: number, correlation: number): number {
  return Math.max(0.02, Math.sqrt(variance / (1 - Math.min(0.9, Math.max(0, correlation)))));
}

function correlationOf(deviations: readonly number[]): number {
  const segments: number[][] = [];
  for (let from = 0; from < deviations.length; from += 24) segments.push(deviations.slice(from, from + 24));
  const finished = Math.floor(deviations.length / 24);
  const kept = 1 - 24 / 256;
  let pairs = 0;
  let correlation = 0;
  let squares = 0;
  let products = 0;
  segments.forEach((segment, i) => {
    const own = segmentCorrelation(segment);
    const before = i < finished ? kept : 1;
    pairs = pairs * before + own.pairs;
    correlation = correlation * before + own.correlation;
    // Of the segments that are finished, all but the newest count, and the older the less.
    if (i >= finished - 1) return;
    squares = squares * kept + sum(segment.map((x) => x ** 2));
    products = products * kept + sum(segment.map((x, j) => x * (deviations[24 * i + j - 1] ?? 0)));
  });
  const within = correlation / (pairs + 3) / (1 - 3 / 24);
  return Math.min(0.95, Math.max(-0.5, within, products / (squares + 3)));
}

function segmentCorrelation(segment: readonly number[]): { pairs: number; correlation: number } {
  const pairs = segment.length;
  const mean = sum(segment) / pairs;
  const squares = sum(segment.map((x) => (x - mean) ** 2));
  if (pairs < 6) return { pairs: 0, correlation: 0 };
  if (squares < 1e-6 * pairs) return { pairs, correlation: 0 };
  const products = sum(segment.slice(1).map((x, i) => (x - mean) * (segment[i]! - mean)));
  return { pairs, correlation: (products / squares) * pairs + 1 };
}
