/**
 * What every handler stands on: the stores of this deployment, from the environment, and the clock. Made once a process and
 * only when asked for, so that a handler's bundle carries no more than it uses. The local runtime puts in its own clock and
 * database client with `configure`; the handlers are the same.
 */
import { createDocumentClient, type DocumentClient } from '../lib/aws/client.ts';
import type { TableNames } from '../lib/aws/tables.ts';
import { type Instant, toInstant } from '../lib/domain/time.ts';

interface Configuration {
  /** Epoch milliseconds. */
  now: () => number;
  dynamo?: DocumentClient;
}

let configuration: Configuration = { now: () => Date.now() };
let client: DocumentClient | undefined;

export function configure(changes: Partial<Configuration>): void {
  configuration = { ...configuration, ...changes };
}

export function now(): Instant {
  return toInstant(configuration.now());
}

export function dynamo(): DocumentClient {
  if (configuration.dynamo) return configuration.dynamo;
  client ??= createDocumentClient();
  return client;
}

export function tableNames(): TableNames {
  return {
    jobs: required('CROSSFADE_TABLE_JOBS'),
    landings: required('CROSSFADE_TABLE_LANDINGS'),
    evidence: required('CROSSFADE_TABLE_EVIDENCE'),
    fleet: required('CROSSFADE_TABLE_FLEET'),
  };
}

export function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`environment variable ${variable} is not set: the deployment sets it for every function`);
  return value;
}

export function numberFrom(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${variable}: ${text} is no positive number`);
  return value;
}
