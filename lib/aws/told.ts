/**
 * Which writes are told to the outside: the records of the tables' streams as changes, and the patterns by which pipes
 * leave out all others. Used by the function behind the pipes, by the construct that makes them, and by the local runtime,
 * which applies the same patterns to its own writes. What a change is told as is `lib/domain/tell.ts`.
 */
import type { DynamoDBRecord } from 'aws-lambda';
import type { Change } from '../domain/tell.ts';
import { toInstant } from '../domain/time.ts';
import { CONTROLS_KEY, decodeControls, decodeSweep, SWEEP } from './fleet-item.ts';
import { JOB_RECORD } from './job-item.ts';
import { decodeClaimImage, decodeJobImage, type NewImage, plain } from './stream.ts';
import type { Table } from './tables.ts';

/** As EventBridge reads it: a text is one of these, or is there at all. */
interface Pattern {
  eventName: string[];
  dynamodb: { NewImage: Record<string, { S: (string | { exists: true })[] }> };
}

export type ToldTable = Exclude<Table, 'evidence'>;

/**
 * A job's own item says its transition, its override and its attention, each with the write that made it; a new job has
 * none. Of claims, four writes for each partition of each job, only those with a mark are told. Of the fleet two kinds.
 */
export const TOLD: Record<ToldTable, Pattern> = {
  jobs: { eventName: ['MODIFY'], dynamodb: { NewImage: { record: { S: [JOB_RECORD] } } } },
  landings: { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { tells: { S: [{ exists: true }] } } } },
  fleet: { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { kind: { S: [CONTROLS_KEY.kind, SWEEP] } } } },
};

/** Whether the pipe of that table would let the record pass. */
export function isTold(table: ToldTable, eventName: string, image: NewImage): boolean {
  const { eventName: names, dynamodb } = TOLD[table];
  return (
    names.includes(eventName) &&
    Object.entries(dynamodb.NewImage).every(([name, { S: allowed }]) => {
      const text = image[name]?.S;
      return text !== undefined && allowed.some((one) => typeof one === 'object' || one === text);
    })
  );
}

/** A record that cannot be read is a change too: it is told as such, and does not hold up those behind it. */
export function decodeChange(record: DynamoDBRecord): Change {
  const { Keys = {}, NewImage = {}, OldImage, ApproximateCreationDateTime = 0, SequenceNumber } = record.dynamodb ?? {};
  const writtenAt = toInstant(ApproximateCreationDateTime * 1_000);
  const table: ToldTable = 'record' in Keys ? 'jobs' : 'partition' in Keys ? 'landings' : 'fleet';
  try {
    return decode(table, NewImage as NewImage, OldImage as NewImage | undefined, writtenAt);
  } catch (error) {
    const key = JSON.stringify(plain(Keys as NewImage));
    const message = `a change of ${table} ${key} could not be read: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'unreadable', eventId: `${table}#${SequenceNumber}`, table, key, at: writtenAt, message };
  }
}

function decode(table: ToldTable, image: NewImage, before: NewImage | undefined, writtenAt: string): Change {
  if (table === 'landings') return { kind: 'claim', claim: decodeClaimImage(image) };
  if (table === 'fleet') {
    const item = plain(image);
    return item.kind === SWEEP
      ? { kind: 'sweep', sweep: decodeSweep(item) }
      : { kind: 'controls', controls: decodeControls(item) };
  }
  return { kind: 'job', before: before && jobOf(before), after: jobOf(image), writtenAt };
}

function jobOf(image: NewImage) {
  const decoded = decodeJobImage(image);
  if (decoded.kind !== 'job') throw new Error(`a record of the history is not told by itself`);
  return decoded.job;
}
