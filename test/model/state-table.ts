/**
 * The states that were seen, each a vector of small numbers of one width, with the state it was first reached from. In
 * the order in which they were added, which makes the table the queue of a breadth-first search too. Compared exactly:
 * the hash only says where to look, so no state is ever taken for another.
 */

export class StateTable {
  readonly width: number;
  count = 0;
  #cells: Int32Array;
  #parents: Int32Array;
  #slots: Int32Array;

  constructor(width: number) {
    this.width = width;
    this.#cells = new Int32Array(1024 * width);
    this.#parents = new Int32Array(1024);
    this.#slots = new Int32Array(4096).fill(-1);
  }

  /** Adds the vector unless it is there. Answers whether it was new; then its number is `count - 1`. */
  add(vector: Int32Array, parent: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = hash(vector) & mask;
    for (let found = this.#slots[slot]!; found !== -1; found = this.#slots[slot]!) {
      if (this.#holds(found, vector)) return false;
      slot = (slot + 1) & mask;
    }
    if (this.count === this.#parents.length) this.#growRows();
    this.#cells.set(vector, this.count * this.width);
    this.#parents[this.count] = parent;
    this.#slots[slot] = this.count;
    this.count += 1;
    if (this.count * 2 > this.#slots.length) this.#growSlots();
    return true;
  }

  read(state: number, into: Int32Array): void {
    const start = state * this.width;
    for (let i = 0; i < this.width; i++) into[i] = this.#cells[start + i]!;
  }

  parentOf(state: number): number {
    return this.#parents[state] ?? -1;
  }

  #holds(state: number, vector: Int32Array): boolean {
    const start = state * this.width;
    for (let i = 0; i < this.width; i++) if (this.#cells[start + i] !== vector[i]) return false;
    return true;
  }

  #growRows(): void {
    const cells = new Int32Array(this.#cells.length * 2);
    cells.set(this.#cells);
    this.#cells = cells;
    const parents = new Int32Array(this.#parents.length * 2);
    parents.set(this.#parents);
    this.#parents = parents;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    const vector = new Int32Array(this.width);
    for (let state = 0; state < this.count; state++) {
      this.read(state, vector);
      let slot = hash(vector) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = state;
    }
  }
}

function hash(vector: Int32Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < vector.length; i++) {
    h = Math.imul(h ^ vector[i]!, 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
