/**
 * Actors with the same program are interchangeable: which of two equal runs got how far makes no difference to anything
 * that is checked. So their nodes are kept in order, and states that differ only by a swap of twins are one state.
 */
import type { Program } from './actor.ts';

export class Twins {
  readonly #groups: readonly (readonly number[])[];

  constructor(programs: readonly Program[], firstActor: number) {
    const places = programs.map((program, i) => ({ name: program.name, place: firstActor + i }));
    this.#groups = [...Map.groupBy(places, ({ name }) => name).values()]
      .filter((group) => group.length > 1)
      .map((group) => group.map(({ place }) => place));
  }

  sort(vector: Int32Array): void {
    for (const group of this.#groups) {
      for (let i = 1; i < group.length; i++) {
        for (let j = i; j > 0 && vector[group[j - 1]!]! > vector[group[j]!]!; j--) {
          const node = vector[group[j]!]!;
          vector[group[j]!] = vector[group[j - 1]!]!;
          vector[group[j - 1]!] = node;
        }
      }
    }
  }
}
