/**
 * Where each cell lies: one pitch for all phases, as large as the room allows, so that equal areas are equal numbers of
 * jobs. Knows no document; `fleet-field.js` draws what this says.
 */

/** The smallest cell that still shows and can be hit with a pointer's help, and one that needs no more room. */
const MIN_PITCH = 3;
const MAX_PITCH = 30;

/**
 * @param {number} count
 * @param {number} width
 * @param {number} pitch
 */
export function gridOf(count, width, pitch) {
  const columns = Math.max(1, Math.floor(width / pitch));
  return { columns, height: Math.ceil(count / columns) * pitch };
}

/**
 * The largest pitch with which every phase fits. `stacked` phases lie below each other and share the height.
 * @param {readonly number[]} counts
 * @param {readonly number[]} widths
 * @param {{ height: number, stacked: boolean }} room
 */
export function choosePitch(counts, widths, { height, stacked }) {
  for (let pitch = MAX_PITCH; pitch > MIN_PITCH; pitch--) {
    const heights = counts.map((count, i) => gridOf(count, widths[i] ?? 0, pitch).height);
    const needed = stacked ? heights.reduce((sum, one) => sum + one, 0) : Math.max(0, ...heights);
    if (needed <= height) return pitch;
  }
  return MIN_PITCH;
}

/** The gap between cells: none that would be wider than a third of a cell. */
export function gapOf(/** @type {number} */ pitch) {
  return pitch >= 12 ? 3 : pitch >= 7 ? 2 : 1;
}

/**
 * The places of each phase's jobs: worst state first, and within a state in the order of their ids.
 * @param {Uint16Array} bits
 * @param {number} phases
 * @returns {Uint32Array[]}
 */
export function arrange(bits, phases) {
  const sizes = new Uint32Array(phases * 16);
  const key = (/** @type {number} */ value) => ((value & 7) << 4) | ((value >> 3) & 15);
  for (const value of bits) sizes[key(value)] = (sizes[key(value)] ?? 0) + 1;
  const next = new Uint32Array(phases * 16);
  const arranged = Array.from({ length: phases }, (_, phase) => {
    let total = 0;
    for (let state = 0; state < 16; state++) {
      next[phase * 16 + state] = total;
      total += sizes[phase * 16 + state] ?? 0;
    }
    return new Uint32Array(total);
  });
  bits.forEach((value, place) => {
    const at = next[key(value)] ?? 0;
    const phase = arranged[value & 7];
    if (phase) phase[at] = place;
    next[key(value)] = at + 1;
  });
  return arranged;
}

/**
 * Where an arrow key leads: to the next job that passes the filter, or nowhere.
 * @param {number} from
 * @param {number} step
 * @param {number} count
 * @param {(index: number) => boolean} passes
 */
export function stepFrom(from, step, count, passes) {
  for (let index = from + step; index >= 0 && index < count; index += step) if (passes(index)) return index;
  return from;
}
