/**
 * Listings: one page, so many items, or all of them within a bound. Page tokens are DynamoDB's own position, as text
 * that is opaque to callers. A page can be empty and still have a next one: its items did not pass the filter.
 */
import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Page } from '../controller/ports.ts';
import type { StoreContext } from './conditional-put.ts';
import type { Item } from './record-body.ts';
import type { Table } from './tables.ts';

/** A megabyte each: no key has so much. A listing that gets there follows its own tail. */
const MAX_PAGES = 10_000;

export interface Listing extends Omit<QueryCommandInput, 'TableName' | 'Limit' | 'ExclusiveStartKey'> {
  table: Table;
}

/** All items with this partition key, of the table or, where it is one of an index, of that. */
export function itemsWith(table: Table, attribute: string, value: string | number): Listing {
  return {
    table,
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': attribute },
    ExpressionAttributeValues: { ':key': value },
  };
}

export async function queryPage(
  context: StoreContext,
  listing: Listing,
  from?: string,
  limit?: number,
): Promise<Page<Item>> {
  const { table, ...input } = listing;
  const { Items = [], LastEvaluatedKey } = await context.client.send(
    new QueryCommand({
      ...input,
      TableName: context.tables[table],
      Limit: smallerOf(limit, context.pageSize),
      ExclusiveStartKey: from === undefined ? undefined : decodePosition(from),
    }),
  );
  return { items: Items, ...(LastEvaluatedKey && { next: encodePosition(LastEvaluatedKey) }) };
}

/** The first `limit` items; all of them when no limit is given. */
export async function queryItems(context: StoreContext, listing: Listing, limit?: number): Promise<Item[]> {
  const items: Item[] = [];
  let from: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const wanted = limit === undefined ? undefined : limit - items.length;
    if (wanted !== undefined && wanted <= 0) return items;
    const { items: found, next } = await queryPage(context, listing, from, wanted);
    items.push(...found);
    if (next === undefined) return items;
    from = next;
  }
  throw new Error(
    `a listing of ${context.tables[listing.table]} has more than ${MAX_PAGES} pages: nothing was read to its end`,
  );
}

/** One item that cannot be decoded must not hide the ones beside it: it is named, and the rest goes on. */
export function decodePage<T>(page: Page<Item>, decode: (item: Item) => T): Page<T> {
  const unreadable: NonNullable<Page<T>['unreadable']> = [];
  const items = page.items.flatMap((item) => {
    try {
      return [decode(item)];
    } catch (error) {
      unreadable.push({ jobId: String(item.jobId), message: error instanceof Error ? error.message : String(error) });
      return [];
    }
  });
  return { items, ...(page.next !== undefined && { next: page.next }), ...(unreadable.length > 0 && { unreadable }) };
}

function smallerOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function encodePosition(key: Item): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function decodePosition(token: string): Item {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as Item;
  } catch (cause) {
    throw new Error(`${JSON.stringify(token)} is not the position of a page: list again from the start`, { cause });
  }
}
