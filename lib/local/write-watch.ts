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
  /** Items of this table are deleted as well, and whoever takes its images need not know. */
  deletes?: boolean;
  /** Its taker wants the item as it was, too. */
  before?: boolean;
  /**
   * Resolves when the next write may go on.
   * @param before the item as it was, where that was wanted; `null` where there was none, `undefined` where nobody knows.
   */
  take: (image: Image, before?: Image | null) => Promise<void> | undefined;
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
      const table = tables.get(named ?? '');
      if (commandName === 'DeleteItemCommand' && table?.deletes) return next(args);
      if (UNSEEN.has(commandName) && (table !== undefined || input.TableName === undefined)) {
        throw new Error(`${commandName}: the local runtime hands over whole items, so write them with PutItem`);
      }
      if (commandName !== 'PutItemCommand' || !table || !input.Item) return next(args);

      const image = input.Item as Image;
      const key = JSON.stringify([named, ...table.keys.map((name) => image[name])]);
      const before = inOrder.get(key);
      let room: Promise<void> | undefined;
      const written = (async () => {
        await before?.catch(() => {});
        try {
          const output = await next(args);
          room = table.take(
            image,
            table.before ? imageBefore(output.output as { Attributes?: Record<string, unknown> }) : undefined,
          );
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

  // An input is written out before the step above, so what is asked beside it has to be said here.
  client.middlewareStack.add(
    (next, context) => (args) => {
      const input = args.input as { TableName?: string };
      const { commandName = '' } = context as { commandName?: string };
      const asks = commandName.startsWith('Put') && tables.get(input.TableName ?? '')?.before;
      return next(asks ? { ...args, input: { ...input, ReturnValues: 'ALL_OLD' } as never } : args);
    },
    { step: 'initialize', name: 'crossfadeWriteWatchBefore' },
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

/** The item that a write replaced. The document client has taken the types off by now; these are all that its table has. */
function imageBefore(output: { Attributes?: Record<string, unknown> }): Image | null {
  if (!output.Attributes) return null;
  const typed = Object.entries(output.Attributes).map(([name, value]) => {
    if (typeof value === 'number') return [name, { N: String(value) }];
    return [name, typeof value === 'boolean' ? { BOOL: value } : { S: String(value) }];
  });
  return Object.fromEntries(typed) as Image;
}

function mayHaveWritten(error: unknown): boolean {
  const { httpStatusCode, attempts = 1 } = (error as { $metadata?: { httpStatusCode?: number; attempts?: number } })
    .$metadata ?? { attempts: 1 };
  if (error instanceof ConditionalCheckFailedException) return attempts > 1;
  return httpStatusCode === undefined || httpStatusCode >= 500;
}
