/** How the in-memory stores order, page and name their records. */
import type { Page } from '../../lib/controller/ports.ts';

/** Of any names, since none has the separator in it. */
export function keyOf(...names: unknown[]): string {
  return names.join('\u0000');
}

export function sortBy<T>(records: T[], keyOf: (record: T) => string): T[] {
  return records.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The page that follows the position `from`, whatever has become of the record that was there; else the first one. */
export function pageOf<T>(
  records: T[],
  size: number,
  keyOf: (record: T) => string,
  from?: string,
  order: 'ascending' | 'descending' = 'ascending',
): Page<T> {
  const sorted = order === 'ascending' ? sortBy(records, keyOf) : sortBy(records, keyOf).reverse();
  const follows = (key: string) => from === undefined || (order === 'ascending' ? key > from : key < from);
  const rest = sorted.filter((record) => follows(keyOf(record)));
  const items = rest.slice(0, size);
  const last = items.at(-1);
  return { items, ...(last !== undefined && rest.length > size && { next: keyOf(last) }) };
}

export function requireNewer(next: number, expected: number): void {
  if (next <= expected) throw new Error(`${next} cannot follow ${expected}; every write has to raise it`);
}
