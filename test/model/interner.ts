/**
 * Values and small numbers for them: equal content, equal number. A state of the model is a vector of such numbers, so it
 * is compared and stored without looking inside. What is kept here is frozen, so a program that changed what it was
 * handed would fail loudly instead of changing another state.
 */

export class Interner<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  idOf(value: T): number {
    const text = canonical(value);
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#values.push(freeze(value)) - 1;
    this.#ids.set(text, id);
    return id;
  }

  valueOf(id: number): T {
    return this.#values[id] as T;
  }

  get size(): number {
    return this.#values.length;
  }
}

/** Text that is equal for equal content: the order of keys and absent values make no difference. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'absent';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${key}:${canonical(inner)}`)
    .join()}}`;
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
