/**
 * What every rule of the benchmark is: something that watches one job's landings, pair by pair, and says after each
 * whether it would demote the job or promote it. All of them see the same traces and the same minimum of 24 pairs before
 * a promotion; the limit of the others is 10 %, the one that their users would write, where ours tolerates 5 %.
 */

export interface Rule {
  name: string;
  /** The settings, for the table's legend. */
  says: string;
  watch: () => Watch;
}

/** Takes the next pair, answers a sum of `PASS`, `FAIL` and `FAIL_STRICTLY`. */
export type Watch = (old: number, next: number) => number;

export const PASS = 1;
export const FAIL = 2;
/** At the threshold of the second table, which only ours has. */
export const FAIL_STRICTLY = 4;

export const LIMIT = 1.1;
export const WINDOW = 24;

/** The newest `WINDOW` values, overwritten in turn. */
export class Window {
  readonly values = new Float64Array(WINDOW);
  #count = 0;

  /** Returns the value that falls out. */
  push(value: number): number {
    const at = this.#count++ % WINDOW;
    const gone = this.values[at]!;
    this.values[at] = value;
    return gone;
  }

  get full(): boolean {
    return this.#count >= WINDOW;
  }

  get mean(): number {
    let sum = 0;
    for (const value of this.values) sum += value;
    return sum / WINDOW;
  }
}
