/**
 * What things are called on this machine: one imaginary account and region, one prefix, and ARNs of the shape that AWS
 * gives. Handlers, ASL and clients need names that parse; nothing here is ever looked up anywhere.
 */
import { TABLES, type Table, type TableNames, tableNames } from '../aws/tables.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
const PREFIX = 'crossfade';

export const TABLE_NAMES: TableNames = tableNames(PREFIX);
const STATE_MACHINE_NAME = `${PREFIX}-evaluation`;
export const STATE_MACHINE_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${STATE_MACHINE_NAME}`;
export const LANDINGS_QUEUE = `${PREFIX}-landings`;
export const DEAD_LETTER_QUEUE = `${PREFIX}-landings-dead-letters`;

/** The names of a table's key attributes. */
export function keysOf(table: Table): [partitionKey: string, sortKey: string] {
  return [TABLES[table].partitionKey.name, TABLES[table].sortKey.name];
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${PREFIX}-${name}`;
}

export function executionArn(name: string): string {
  return `arn:aws:states:${REGION}:${ACCOUNT}:execution:${STATE_MACHINE_NAME}:${name}`;
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

export function streamArn(table: string): string {
  return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}/stream/local`;
}

/** The alias that a function was invoked by, from any name that AWS takes; `undefined` when none was. */
export function aliasOf(name: string): string | undefined {
  const [, , qualified = name] = /^(arn:[^/]*|\d{12}):function:(.+)$/.exec(name) ?? [];
  return qualified.split(':')[1];
}

/**
 * The short name that a function is registered by, from any name that AWS takes: `assign`, `crossfade-assign`, either with
 * `:alias`, `000000000000:function:crossfade-assign`, or the full ARN.
 */
export function shortFunctionName(name: string): string {
  const [, , qualified = name] = /^(arn:[^/]*|\d{12}):function:(.+)$/.exec(name) ?? [];
  const [unqualified = ''] = qualified.split(':');
  return unqualified.startsWith(`${PREFIX}-`) ? unqualified.slice(PREFIX.length + 1) : unqualified;
}
