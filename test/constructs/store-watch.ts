/**
 * Watches what a store asks of DynamoDB, in the words of `lib/constructs/access.ts`: `jobs by shard Query`. Every conditional
 * write that is watched takes place and is then refused, as if its answer had been lost and the SDK had sent it again: so
 * the store has to look whose write it was, which it otherwise does only when a race is lost.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DocumentClient } from '../../lib/aws/client.ts';
import type { TableNames } from '../../lib/aws/tables.ts';
import { partOf } from '../../lib/constructs/access.ts';

/** @param watch answers whether the request is one to be watched. */
export function watchStore(client: DocumentClient, tables: TableNames, watch: (request: string) => boolean): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args);
        const input = args.input as unknown as Input;
        const watched = watch(`${partAsked(tables, input)} ${actionOf(commandName)}`);
        if (!watched || input.ConditionExpression === undefined) return result;
        throw new ConditionalCheckFailedException({ message: '', $metadata: {} });
      },
    { step: 'initialize', priority: 'low' },
  );
}

/** `PutCommand` and `PutItemCommand` -> `PutItem`. */
function actionOf(commandName: string): string {
  return commandName.replace(/^(Get|Put|Delete)(Item)?Command$/, '$1Item').replace(/Command$/, '');
}

/** As the document client takes it, or as it sends it. */
type Text = string | { S?: string } | undefined;

interface Input {
  TableName: string;
  IndexName?: string;
  ConditionExpression?: string;
  Key?: { kind?: Text };
  Item?: { kind?: Text };
  ExpressionAttributeValues?: Record<string, Text>;
}

function partAsked(tables: TableNames, input: Input): string {
  const { TableName, IndexName, Key, Item, ExpressionAttributeValues } = input;
  const table = Object.entries(tables).find(([, name]) => name === TableName)?.[0] as keyof TableNames;
  const kind = Key?.kind ?? Item?.kind ?? Object.values(ExpressionAttributeValues ?? {})[0];
  return partOf(table, IndexName, typeof kind === 'object' ? kind.S : kind);
}
