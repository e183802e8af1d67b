/** What the parts of the contract share: how stores are opened, and how listings are read and waited for. */
import { vi } from 'vitest';
import type { ClauseName } from '../../lib/controller/clauses.ts';
import type { Page, Ports } from '../../lib/controller/ports.ts';

export type Stores = Omit<Ports, 'policies'>;

export interface OpenOptions {
  /** Leaves this clause out of every write. */
  without?: ClauseName;
  /** Records in a page of a listing. */
  pageSize?: number;
}

/** Stores that hold nothing yet. */
export type Open = (options?: OpenOptions) => Promise<Stores>;

/** More than any listing here has; one that follows its own tail fails instead of hanging. */
const MAX_PAGES = 50;

export async function readPages<T>(list: (from?: string) => Promise<Page<T>>): Promise<T[][]> {
  const pages: T[][] = [];
  let from: string | undefined;
  while (pages.length < MAX_PAGES) {
    const page = await list(from);
    pages.push(page.items);
    if (page.next === undefined) return pages;
    from = page.next;
  }
  throw new Error(`still another page after ${MAX_PAGES}`);
}

export function eventually(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 5_000, interval: 20 });
}

/** The first `count` names `<prefix>0`, `<prefix>1`, ... that have the property, in text order. */
export function namesWhere(prefix: string, count: number, has: (name: string) => boolean): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < count; i++) if (has(`${prefix}${i}`)) names.push(`${prefix}${i}`);
  return names.sort();
}
