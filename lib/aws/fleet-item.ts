/**
 * The records of the whole fleet as items of the `fleet` table, told apart by `kind`: the controls and their history, one
 * ledger a sweep, one summary a shard, one account a group, the end of each sweep, and the worklists of owed partitions. Pure. Ledgers and
 * accounts are of use for hours and expire after days, the history stays; the rest is overwritten or deleted.
 */
import type { Account, Ledger, OwedPartition, ShardSummary } from '../controller/ports.ts';
import type { Controls, FleetRecord } from '../domain/controls.ts';
import { fnv1a32 } from '../domain/hash.ts';
import type { System } from '../domain/phases.ts';
import type { FinishedSweep } from '../domain/sweep.ts';
import { toMs } from '../domain/time.ts';
import { expiryOf } from './claim-item.ts';
import { decodeBody, encodeBody, type Item, requireSize } from './record-body.ts';

/** A worklist has buckets, because a take-over of ten thousand jobs writes to it all at once. */
export const OWED_BUCKETS = 8;

export const CONTROLS_KEY = { kind: 'controls', id: 'fleet' };
export const FLEET_HISTORY = 'history';
export const LEDGER = 'ledger';
export const SUMMARY = 'summary';
export const SWEEP = 'sweep';

export function summaryKey(shard: number): { kind: string; id: string } {
  return { kind: SUMMARY, id: String(shard).padStart(3, '0') };
}

export function accountKind(sweepId: string): string {
  return `account#${sweepId}`;
}

export function owedKind(system: System, bucket: number): string {
  return `owed#${system}#${bucket}`;
}

export function owedKey(system: System, jobId: string, partition: string): { kind: string; id: string } {
  return { kind: owedKind(system, fnv1a32(jobId) % OWED_BUCKETS), id: `${jobId}#${partition}` };
}

export function encodeControls(controls: Controls): Item {
  const { version, ...rest } = controls;
  return checked({ ...CONTROLS_KEY, version, ...encodeBody(rest) });
}

export function decodeControls(item: Item): Controls {
  return { version: item.version as number, ...decodeBody(item, nameOf(item)) };
}

/** By time, so that a week of them is a range of keys; the version tells apart what one instant holds. */
export function encodeFleetRecord(record: FleetRecord): Item {
  const { at, version, type, message, ...rest } = record;
  const { actor } = record;
  const by = actor.kind === 'operator' ? actor.name : actor.sweepId;
  const id = `${at}#${String(version).padStart(10, '0')}`;
  return checked({ kind: FLEET_HISTORY, id, at, version, type, message, by, ...encodeBody(rest) });
}

export function decodeFleetRecord(item: Item): FleetRecord {
  const { at, version, type, message } = item;
  return { type, version, at, message, ...decodeBody(item, nameOf(item)) } as unknown as FleetRecord;
}

export function encodeLedger(ledger: Ledger, keptDays: number): Item {
  const { sequence, createdAt } = ledger;
  const id = String(sequence).padStart(10, '0');
  return checked({ kind: LEDGER, id, ...encodeBody(ledger), expiresAt: expiryOf(toMs(createdAt), keptDays) });
}

export function decodeLedger(item: Item): Ledger {
  return decodeBody(item, nameOf(item)) as unknown as Ledger;
}

export function encodeSummary(summary: ShardSummary): Item {
  const { readAt, ...rest } = summary;
  return checked({ ...summaryKey(summary.shard), readAt, ...encodeBody(rest) });
}

export function decodeSummary(item: Item): ShardSummary {
  return { readAt: item.readAt, ...decodeBody(item, nameOf(item)) } as unknown as ShardSummary;
}

export function encodeAccount(account: Account, keptDays: number): Item {
  const { sweepId, group, at } = account;
  const key = { kind: accountKind(sweepId), id: String(group).padStart(3, '0') };
  return checked({ ...key, ...encodeBody(account), expiresAt: expiryOf(toMs(at), keptDays) });
}

export function decodeAccount(item: Item): Account {
  return decodeBody(item, nameOf(item)) as unknown as Account;
}

export function encodeSweep(sweep: FinishedSweep, keptDays: number): Item {
  const { sweepId, finishedAt } = sweep;
  const expiresAt = expiryOf(toMs(finishedAt), keptDays);
  return checked({ kind: SWEEP, id: sweepId, ...encodeBody(sweep), expiresAt });
}

export function decodeSweep(item: Item): FinishedSweep {
  return decodeBody(item, nameOf(item)) as unknown as FinishedSweep;
}

export function encodeOwed(entry: OwedPartition): Item {
  return checked({ ...owedKey(entry.system, entry.jobId, entry.partition), ...encodeBody(entry) });
}

export function decodeOwed(item: Item): OwedPartition {
  return decodeBody(item, nameOf(item)) as unknown as OwedPartition;
}

function checked(item: Item): Item {
  return requireSize(item, nameOf(item));
}

function nameOf(item: Item): string {
  return `${String(item.kind)} ${String(item.id)} of the fleet`;
}
