/**
 * A state as bytes, and back: Float32, little-endian, in the order of the lists below. Pure and exact, since the fold
 * rounds to Float32 itself. A state of another layout is not read but folded again from the landings.
 */
import { BLOCK_LENGTHS } from './blocks.ts';
import { emptyState, type SequentialState } from './state.ts';

/** The lists are what is stored. A change of them, or of what a number means, raises this. */
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
const BETS = ['tuned', 'patient', 'eager'] as const;

/** A block of one pair has no half. */
const NUMBERS = 2 + UNDER.length + NOISE.length + MEMORY.length + 2 * BETS.length + 2 * BLOCK_LENGTHS.length - 1;
export const PACKED_BYTES = 4 * NUMBERS;

export function packState({ under, pairs, noise, memory, regression, health }: SequentialState): Uint8Array {
  const numbers = [
    LAYOUT,
    ...UNDER.map((name) => under[name]),
    pairs,
    ...NOISE.map((name) => noise[name]),
    ...MEMORY.map((name) => memory[name]),
    ...BETS.map((name) => regression.plain[name]),
    ...BETS.map((name) => regression.decorrelated[name]),
    ...health.flatMap(({ worth, half }, i) => (i === 0 ? [worth] : [worth, half])),
  ];
  const view = new DataView(new ArrayBuffer(PACKED_BYTES));
  numbers.forEach((number, i) => {
    view.setFloat32(4 * i, number, true);
  });
  return new Uint8Array(view.buffer);
}

/** `undefined` for another layout. */
export function unpackState(bytes: Uint8Array): SequentialState | undefined {
  if (bytes.length !== PACKED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const read = () => view.getFloat32(4 * at++, true);
  const readAll = <T extends object>(into: T, names: readonly (keyof T)[]): T =>
    Object.assign(into, Object.fromEntries(names.map((name) => [name, read()])));
  if (read() !== LAYOUT) return undefined;
  const state = emptyState({ tolerance: 0, detectableRatio: 0, floor: 0 });
  return {
    under: readAll({ ...state.under }, UNDER),
    pairs: read(),
    noise: readAll({ ...state.noise }, NOISE),
    memory: readAll({ ...state.memory }, MEMORY),
    regression: {
      plain: readAll({ ...state.regression.plain }, BETS),
      decorrelated: readAll({ ...state.regression.decorrelated }, BETS),
    },
    health: state.health.map((blocks, i) => readAll({ ...blocks }, i === 0 ? ['worth'] : ['worth', 'half'])),
  };
}
