/**
 * A state as bytes, and back: Float32, little-endian, in the order in which both functions name the numbers. Pure and
 * exact, since the fold rounds to Float32 itself. A state of another layout is not read but folded again from the
 * landings. Sweeps unpack a state for every measure of every job, hence no loop over names.
 */
import { BLOCK_LENGTHS } from './blocks.ts';
import type { HealthBlocks } from './health.ts';
import type { Bets } from './regression.ts';
import type { SequentialState } from './state.ts';

/** A change of the order, or of what a number means, raises this. */
const LAYOUT = 1;
/** Layout, settings, pairs; noise, memory, twice the bets; the worth of each block length, and the half of all but one. */
const NUMBERS = 1 + 3 + 1 + 2 + 14 + 2 * 3 + BLOCK_LENGTHS.length + (BLOCK_LENGTHS.length - 1);
export const PACKED_BYTES = 4 * NUMBERS;

export function packState({ under, pairs, noise, memory, regression, health }: SequentialState): Uint8Array {
  const view = new DataView(new ArrayBuffer(PACKED_BYTES));
  let at = 0;
  const write = (...numbers: number[]) => {
    for (const number of numbers) {
      view.setFloat32(at, number, true);
      at += 4;
    }
  };
  write(LAYOUT, under.tolerance, under.detectableRatio, under.floor, pairs);
  write(noise.variance, noise.previous);
  write(memory.level, memory.sum, memory.squares, memory.products, memory.first, memory.last);
  write(memory.pooledPairs, memory.pooledCorrelation);
  write(memory.newSquares, memory.newProducts, memory.heldSquares, memory.heldProducts);
  write(memory.pastSquares, memory.pastProducts);
  for (const { tuned, patient, eager } of [regression.plain, regression.decorrelated]) write(tuned, patient, eager);
  health.forEach(({ worth, half }, i) => {
    write(worth);
    // A block of one pair has no half.
    if (i > 0) write(half);
  });
  return new Uint8Array(view.buffer);
}

/** `undefined` for another layout. */
export function unpackState(bytes: Uint8Array): SequentialState | undefined {
  if (bytes.length !== PACKED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKED_BYTES);
  let at = 0;
  const read = (): number => {
    const number = view.getFloat32(at, true);
    at += 4;
    return number;
  };
  const readBets = (): Bets => ({ tuned: read(), patient: read(), eager: read() });
  const readBlocks = (length: number): HealthBlocks => ({ worth: read(), half: length === 1 ? 0 : read() });
  if (read() !== LAYOUT) return undefined;
  return {
    under: { tolerance: read(), detectableRatio: read(), floor: read() },
    pairs: read(),
    noise: { variance: read(), previous: read() },
    memory: {
      level: read(),
      sum: read(),
      squares: read(),
      products: read(),
      first: read(),
      last: read(),
      pooledPairs: read(),
      pooledCorrelation: read(),
      newSquares: read(),
      newProducts: read(),
      heldSquares: read(),
      heldProducts: read(),
      pastSquares: read(),
      pastProducts: read(),
    },
    regression: { plain: readBets(), decorrelated: readBets() },
    health: BLOCK_LENGTHS.map(readBlocks),
  };
}
