/**
 * The fleet as bytes for the browser: some fifteen a job, so that fifty thousand are below 1 MB. A little-endian length, a
 * JSON head with the names, then one column after the other, and the job ids in text order, each as how much of its
 * beginning and end it shares with the one before, and what is between. `lib/browser/fleet-decoding.js` reads it; a test
 * holds the two together. Pure.
 */
import { ATTENTION_KINDS, type AttentionKind } from '../domain/attention.ts';
import { PHASES } from '../domain/phases.ts';
import { type Instant, secondsBetween } from '../domain/time.ts';
import { COVERAGES } from './coverage.ts';
import { FLEET_STATES, type FleetRow, stateOf } from './fleet-row.ts';

/** What every answer about the fleet begins with: of which process it is, and how new. */
export interface FleetVersion {
  run: string;
  revision: number;
}

/** A changed job: id, bits, team, wave, hours in its phase. Without the rest it has left the fleet. */
export type FleetChange = [jobId: string, bits: number, team: string, wave: number, hours: number] | [jobId: string];

/** Bits: 0-2 phase, 3-6 state, 7-9 coverage, 10-13 attention, one more than its place; 0 for none. */
function bitsOf(row: FleetRow): number {
  const attention = row.attention ? ATTENTION_KINDS.indexOf(row.attention.kind as AttentionKind) + 1 : 0;
  return (
    PHASES.indexOf(row.phase) |
    (FLEET_STATES.indexOf(stateOf(row)) << 3) |
    (COVERAGES.indexOf(row.coverage) << 7) |
    (attention << 10)
  );
}

/** Hours fit into two bytes for seven years; what is longer says so. */
function hoursSince(at: Instant, now: Instant): number {
  return Math.min(65_535, Math.max(0, Math.floor(secondsBetween(at, now) / 3_600)));
}

export function encodeChange(row: FleetRow, now: Instant): FleetChange {
  return [row.jobId, bitsOf(row), row.team, row.wave, hoursSince(row.phaseSince, now)];
}

/** @param rows in text order of their ids. */
export function encodeFleet(rows: readonly FleetRow[], version: FleetVersion, now: Instant): Uint8Array<ArrayBuffer> {
  const teams = new Map<string, number>();
  for (const { team } of rows) if (!teams.has(team)) teams.set(team, teams.size);
  const head = new TextEncoder().encode(
    JSON.stringify({
      ...version,
      count: rows.length,
      teams: [...teams.keys()],
      phases: PHASES,
      states: FLEET_STATES,
      coverages: COVERAGES,
      attentions: ATTENTION_KINDS,
    }),
  );
  const ids = encodeIds(rows.map(({ jobId }) => jobId));
  const columns = 4 + head.length;
  const bytes = new Uint8Array(columns + rows.length * 8 + ids.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head.length, true);
  bytes.set(head, 4);
  rows.forEach((row, index) => {
    const at = (column: number) => columns + (column * rows.length + index) * 2;
    view.setUint16(at(0), bitsOf(row), true);
    // More teams than two bytes name are shown as the last.
    view.setUint16(at(1), Math.min(65_535, teams.get(row.team) ?? 0), true);
    view.setUint16(at(2), row.wave, true);
    view.setUint16(at(3), hoursSince(row.phaseSince, now), true);
  });
  bytes.set(ids, columns + rows.length * 8);
  return bytes;
}

/** Ids are printable ASCII of at most 256 characters, so a length fits into a byte, or into two where it is 255 and more. */
function encodeIds(ids: readonly string[]): Uint8Array {
  const out = new Uint8Array(ids.reduce((size, id) => size + id.length + 6, 0));
  let length = 0;
  let before = '';
  const put = (size: number) => {
    if (size >= 255) out[length++] = 255;
    out[length++] = size >= 255 ? size - 255 : size;
  };
  for (const id of ids) {
    const room = Math.min(id.length, before.length);
    let head = 0;
    while (head < room && id[head] === before[head]) head++;
    let tail = 0;
    while (tail < room - head && id.at(-1 - tail) === before.at(-1 - tail)) tail++;
    put(head);
    put(tail);
    put(id.length - head - tail);
    for (let i = head; i < id.length - tail; i++) out[length++] = id.charCodeAt(i);
    before = id;
  }
  return out.subarray(0, length);
}
