/**
 * The one way that a record is written: a PutItem of the whole item on named conditions. A lost race is a result, with
 * the clause that did not hold, found by a strongly consistent read (embedded DynamoDB does not hand back the item that
 * refused; one read per lost race is cheap).
 *
 * The answer to a write can be lost after it took place. The SDK then sends it again, and the second attempt fails on
 * what the first one wrote. So each write carries an id that its attempts share and no other write has: when the item
 * that refused bears it, the write is ours and it is there. Rejected: comparing the content. Two runs that ask for one
 * partition in the same millisecond write equal claims, and each would take the other's grant for its own.
 * When somebody has already written over ours, the answer is `lost` although the write took place. Every caller has to
 * bear that anyway, as it is what a crash between write and answer looks like; a false `written` nobody could bear.
 */
import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type ClauseName, lostTo, WRITTEN, type Written } from '../controller/clauses.ts';
import type { DocumentClient } from './client.ts';
import { type Clauses, findLost, joinClauses } from './conditions.ts';
import type { Item } from './record-body.ts';
import { TABLES, type Table, type TableNames } from './tables.ts';

export interface StoreOptions {
  /** Items in a page of a listing; by default as many as fit in DynamoDB's 1 MB. */
  pageSize?: number;
  /** Days that a settled claim is kept after its last change. Default and least: 90. */
  claimDays?: number;
  /** Days that ledgers and accounts are kept. Default 7. */
  ledgerDays?: number;
  /** For tests only: leaves this clause out of every write, to show what it is there for. */
  without?: ClauseName;
}

/** What the stores share. */
export interface StoreContext extends StoreOptions {
  client: DocumentClient;
  tables: TableNames;
}

export async function putOn(context: StoreContext, table: Table, item: Item, clauses: Clauses): Promise<Written> {
  const { client, tables, without } = context;
  const asked = { ...clauses };
  if (without !== undefined) delete asked[without];
  const writeId = randomBytes(9).toString('base64url');
  try {
    await client.send(new PutCommand({ TableName: tables[table], Item: { ...item, writeId }, ...joinClauses(asked) }));
    return WRITTEN;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  const found = await getItem(context, table, keyOf(table, item), true);
  if (found?.writeId === writeId) return WRITTEN;
  // The item may have changed once more since, so that all clauses hold now. The race was lost all the same.
  return lostTo(findLost(asked, found) ?? (Object.keys(asked)[0] as ClauseName));
}

export async function getItem(
  { client, tables }: StoreContext,
  table: Table,
  key: Item,
  strong: boolean,
): Promise<Item | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: tables[table], Key: key, ConsistentRead: strong }));
  return Item;
}

/** A number that is written twice would let the condition of a third writer hold for the wrong one of the two. */
export function requireNewer(what: string, next: number, expected: number): void {
  if (next > expected) return;
  throw new Error(`${what}: ${next} cannot follow ${expected}; every write has to raise it`);
}

function keyOf(table: Table, item: Item): Item {
  const { partitionKey, sortKey } = TABLES[table];
  return { [partitionKey.name]: item[partitionKey.name], [sortKey.name]: item[sortKey.name] };
}
