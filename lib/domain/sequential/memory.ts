/**
 * How much a pair resembles the one before it: lag-1 autocorrelation, measured in two ways, the larger of which counts.
 * Around the mean of segments of 24 pairs it is known early and hardly sees a change of level, but is blind to slow
 * waves. Around the long-run level it sees those, but would take a regression for memory, so its newest 24 to 48 pairs
 * are held back. Outliers are cut at 2.5 spreads.
 */
import { clamp } from './ratio.ts';

export interface MemoryState {
  /** The typical log-ratio: a running mean of cut deviations. */
  level: number;
  /** Of the present segment: sum, sum of squares, sum of products of neighbours, first and last deviation. */
  sum: number;
  squares: number;
  products: number;
  first: number;
  last: number;
  /** Of the finished segments: how many pairs, and their correlation times pairs. */
  pooledPairs: number;
  pooledCorrelation: number;
  /** Around the long-run level: of this segment, of the one held back, of all before. */
  newSquares: number;
  newProducts: number;
  heldSquares: number;
  heldProducts: number;
  pastSquares: number;
  pastProducts: number;
}

const SEGMENT = 24;
const MEMORY = 96;
/** What a finished segment keeps of those before it: about 256 pairs count. */
const KEPT = 1 - SEGMENT / 256;
const CUT = 2.5;
/** Fewer pairs of a segment say nothing about it. */
const LEAST_PAIRS = 6;
/** Pseudo-pairs without correlation. */
const PRIOR_PAIRS = 3;
/** Taking a segment's own mean away biases its correlation r by about -(1 + 3 r) / SEGMENT (Kendall 1954). */
const SHRINKAGE = 1 - 3 / SEGMENT;

export function emptyMemory(): MemoryState {
  return {
    level: 0,
    sum: 0,
    squares: 0,
    products: 0,
    first: 0,
    last: 0,
    pooledPairs: 0,
    pooledCorrelation: 0,
    newSquares: 0,
    newProducts: 0,
    heldSquares: 0,
    heldProducts: 0,
    pastSquares: 0,
    pastProducts: 0,
  };
}

/** `pairs` is the number of pairs before this one, `spread` the standard deviation that was known before it. */
export function foldMemory(memory: MemoryState, logRatio: number, spread: number, pairs: number): MemoryState {
  const level = pairs === 0 ? logRatio : memory.level;
  const deviation = clamp((logRatio - level) / spread, CUT);
  const begins = pairs % SEGMENT === 0;
  const product = pairs === 0 ? 0 : deviation * memory.last;
  const next: MemoryState = {
    ...memory,
    level: Math.fround(level + (deviation * spread) / Math.min(pairs + 1, MEMORY)),
    sum: Math.fround((begins ? 0 : memory.sum) + deviation),
    squares: Math.fround((begins ? 0 : memory.squares) + deviation ** 2),
    products: Math.fround(begins ? 0 : memory.products + product),
    first: begins ? Math.fround(deviation) : memory.first,
    last: Math.fround(deviation),
    newSquares: Math.fround(memory.newSquares + deviation ** 2),
    newProducts: Math.fround(memory.newProducts + product),
  };
  return (pairs + 1) % SEGMENT === 0 ? finishSegment(next) : next;
}

function finishSegment(memory: MemoryState): MemoryState {
  const { pairs, correlation } = correlationOf(memory, SEGMENT);
  return {
    ...memory,
    pooledPairs: Math.fround(memory.pooledPairs * KEPT + pairs),
    pooledCorrelation: Math.fround(memory.pooledCorrelation * KEPT + correlation),
    pastSquares: Math.fround(memory.pastSquares * KEPT + memory.heldSquares),
    pastProducts: Math.fround(memory.pastProducts * KEPT + memory.heldProducts),
    heldSquares: memory.newSquares,
    heldProducts: memory.newProducts,
    newSquares: 0,
    newProducts: 0,
  };
}

/** Lag-1 autocorrelation of the pairs, from -0.5 to 0.95. */
export function autocorrelationOf(memory: MemoryState, pairs: number): number {
  const open = correlationOf(memory, pairs % SEGMENT);
  const within = (memory.pooledCorrelation + open.correlation) / (memory.pooledPairs + open.pairs + PRIOR_PAIRS);
  const overall = memory.pastProducts / (memory.pastSquares + PRIOR_PAIRS);
  return Math.min(0.95, Math.max(-0.5, within / SHRINKAGE, overall));
}

/** Of a segment's first `pairs` pairs: each segment weighs by its pairs, whatever its spread, so one with a jump is one of many. */
function correlationOf(segment: MemoryState, pairs: number): { pairs: number; correlation: number } {
  if (pairs < LEAST_PAIRS) return { pairs: 0, correlation: 0 };
  const mean = segment.sum / pairs;
  const squares = segment.squares - pairs * mean ** 2;
  // A measure without noise resembles itself for no other reason than that.
  if (squares < 1e-6 * pairs) return { pairs, correlation: 0 };
  const products = segment.products - mean * (2 * segment.sum - segment.first - segment.last) + (pairs - 1) * mean ** 2;
  return { pairs, correlation: (products / squares) * pairs + 1 };
}
