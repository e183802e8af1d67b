/** How the in-memory stores order, page and name their records. */
import type { Page } from '../../lib/controller/ports.ts';

/** Of any names, since none has the separator in it. */
export function keyOf(...names: unknown[]): string {
  return names.join('\u0000');
}

export function sortBy<T>(records: T[], keyOf: (record: T) => string): T[] {
  return records.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The page after the record with the key `from`; the first one without it. */
export function pageOf<T>(sorted: T[], size: number, keyOf: (record: T) => string, from?: string): Page<T> {
  const start = from === undefined ? 0 : sorted.findIndex((record) => keyOf(record) === from) + 1;
  const items = sorted.slice(start, start + size);
  const last = items.at(-1);
  const more = last !== undefined && start + size < sorted.length;
  return { items, ...(more && { next: keyOf(last) }) };
}

export function requireNewer(next: number, expected: number): void {
  if (next <= expected) throw new Error(`${next} cannot follow ${expected}; every write has to raise it`);
}
