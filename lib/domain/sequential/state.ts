/**
 * The state of the sequential tests of one measure of one job: 52 numbers, each a Float32, 208 bytes packed. It is folded
 * pair by pair, is part of the evidence, and begins anew with every epoch and every release of the new system. A state
 * that comes from the store is the same to the last bit as one that never left memory, because every number is rounded
 * to Float32 where it is computed.
 */

import { type BlockState, emptyBlocks } from './bets.ts';
import { BLOCK_LENGTHS } from './blocks.ts';
import { emptyMemory, type MemoryState } from './memory.ts';
import { emptyNoise, type NoiseState } from './noise.ts';
import type { FoldSettings } from './settings.ts';

export interface SequentialState {
  /** What it was folded under; under other settings the landings have to be folded again. */
  under: FoldSettings;
  /** Pairs folded. */
  pairs: number;
  noise: NoiseState;
  memory: MemoryState;
  /** One for each of `BLOCK_LENGTHS`. */
  blocks: readonly BlockState[];
}

export function emptyState(settings: FoldSettings): SequentialState {
  return { under: rounded(settings), pairs: 0, noise: emptyNoise(), memory: emptyMemory(), blocks: emptyBlocks() };
}

export function isFoldedUnder(state: SequentialState, settings: FoldSettings): boolean {
  const { tolerance, detectableRatio, floor } = rounded(settings);
  const { under } = state;
  return under.tolerance === tolerance && under.detectableRatio === detectableRatio && under.floor === floor;
}

function rounded({ tolerance, detectableRatio, floor }: FoldSettings): FoldSettings {
  return {
    tolerance: Math.fround(tolerance),
    detectableRatio: Math.fround(detectableRatio),
    floor: Math.fround(floor),
  };
}

/** The order is what is stored, together with `LAYOUT`: a change of either, or of what a number means, raises it. */
const LAYOUT = 1;
const UNDER = ['tolerance', 'detectableRatio', 'floor'] as const;
const NOISE = ['variance', 'previous'] as const;
const MEMORY = [
  'level',
  'sum',
  'squares',
  'products',
  'first',
  'last',
  'pooledPairs',
  'pooledCorrelation',
  'newSquares',
  'newProducts',
  'heldSquares',
  'heldProducts',
  'pastSquares',
  'pastProducts',
] as const;
const TESTS = ['tuned', 'patient', 'eager', 'health'] as const;
const HALVES = ['above', 'below'] as const;

export const PACKED_BYTES =
  4 *
  (2 +
    UNDER.length +
    NOISE.length +
    MEMORY.length +
    BLOCK_LENGTHS.length * TESTS.length +
    (BLOCK_LENGTHS.length - 1) * HALVES.length);

export function packState(state: SequentialState): Uint8Array {
  const view = new DataView(new ArrayBuffer(PACKED_BYTES));
  let at = 0;
  const write = (value: number) => {
    view.setFloat32(at, value, true);
    at += 4;
  };
  write(LAYOUT);
  for (const name of UNDER) write(state.under[name]);
  write(state.pairs);
  for (const name of NOISE) write(state.noise[name]);
  for (const name of MEMORY) write(state.memory[name]);
  state.blocks.forEach((block, i) => {
    for (const name of TESTS) write(block[name]);
    // A block of one pair has no halves.
    if (i > 0) for (const name of HALVES) write(block[name]);
  });
  return new Uint8Array(view.buffer);
}

/** `undefined` for a state of another layout: fold the landings again. */
export function unpackState(bytes: Uint8Array): SequentialState | undefined {
  if (bytes.length !== PACKED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const read = () => {
    const value = view.getFloat32(at, true);
    at += 4;
    return value;
  };
  const readAll = <T extends Record<string, number>>(into: T, names: readonly (keyof T & string)[]): T => {
    const numbers: Record<string, number> = into;
    for (const name of names) numbers[name] = read();
    return into;
  };
  if (read() !== LAYOUT) return undefined;
  const under = readAll({ tolerance: 0, detectableRatio: 0, floor: 0 }, UNDER);
  const pairs = read();
  const noise = readAll({ ...emptyNoise() }, NOISE);
  const memory = readAll({ ...emptyMemory() }, MEMORY);
  const blocks = emptyBlocks().map((block, i) => readAll({ ...block }, i > 0 ? [...TESTS, ...HALVES] : TESTS));
  return { under, pairs, noise, memory, blocks };
}
