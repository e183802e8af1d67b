/**
 * Sees every write to the watched tables that a client makes, and hands over the new image after it took place. Writes of
 * one item are sent one after the other, so that their images are handed over in the order of their commits. A write of
 * which nobody knows whether it took place (no answer, or a repeat that met its own first attempt) is read back.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DocumentClient } from '../aws/client.ts';
import type { Image } from './streams.ts';

export interface WatchedTable {
  keys: readonly [partitionKey: string, sortKey: string];
  /** Resolves when the next write may go on. */
  take: (image: Image) => Promise<void> | undefined;
}

/** Writes that would pass unseen; the stores make none of them. */
const UNSEEN = new Set([
  'UpdateItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
  'TransactWriteItemsCommand',
  'ExecuteStatementCommand',
  'ExecuteTransactionCommand',
  'BatchExecuteStatementCommand',
]);

/** @param onUnknown what becomes of a write is not known, and could not be read back either. */
export function watchWrites(
  documents: DocumentClient,
  tables: ReadonlyMap<string, WatchedTable>,
  onUnknown: (message: string) => void,
): void {
  // The same client by its low-level name: its commands see attributes with their types.
  const client = documents as unknown as DynamoDBClient;
  const inOrder = new Map<string, Promise<unknown>>();

  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = args.input as { TableName?: string; RequestItems?: object; Item?: Record<string, AttributeValue> };
      const { commandName = '' } = context as { commandName?: string };
      const named = [input.TableName, ...Object.keys(input.RequestItems ?? {})].find((name) => tables.has(name ?? ''));
      if (UNSEEN.has(commandName) && (named !== undefined || input.TableName === undefined)) {
        throw new Error(`${commandName}: the local runtime hands over whole items, so write them with PutItem`);
      }
      const table = tables.get(named ?? '');
      if (commandName !== 'PutItemCommand' || !table || !input.Item) return next(args);

      const image = input.Item as Image;
      const key = JSON.stringify([named, ...table.keys.map((name) => image[name])]);
      const before = inOrder.get(key);
      let room: Promise<void> | undefined;
      const written = (async () => {
        await before?.catch(() => {});
        try {
          const output = await next(args);
          room = table.take(image);
          return output;
        } catch (error) {
          if (mayHaveWritten(error)) room = readBack(named as string, table, image);
          throw error;
        }
      })();
      inOrder.set(key, written);
      try {
        return await written;
      } finally {
        if (inOrder.get(key) === written) inOrder.delete(key);
        await room;
      }
    },
    { step: 'build', name: 'crossfadeWriteWatch' },
  );

  async function readBack(tableName: string, table: WatchedTable, image: Image): Promise<void> {
    const Key = Object.fromEntries(table.keys.map((name) => [name, image[name]])) as Record<string, AttributeValue>;
    try {
      const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
      if (Item) await table.take(Item as Image);
    } catch (error) {
      onUnknown(`a write to ${tableName} got no answer and could not be read back: ${String(error)}`);
    }
  }
}

function mayHaveWritten(error: unknown): boolean {
  const { httpStatusCode, attempts = 1 } = (error as { $metadata?: { httpStatusCode?: number; attempts?: number } })
    .$metadata ?? { attempts: 1 };
  if (error instanceof ConditionalCheckFailedException) return attempts > 1;
  return httpStatusCode === undefined || httpStatusCode >= 500;
}
