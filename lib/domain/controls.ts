/**
 * The fleet's controls: what an operator sets for all jobs at once, and the breaker. One record, read strongly by every
 * commit; each change of it carries its own record for the fleet's history, as a job's transition does.
 */
import type { HandledRequest } from './job.ts';
import { type Instant, laterOf } from './time.ts';
import type { Actor } from './transition.ts';

export interface Pause {
  /** `promotions`: none is committed. `all`: break-glass, no transition is; bounded in time. */
  scope: 'promotions' | 'all';
  actor: string;
  reason: string;
  at: Instant;
  until?: Instant;
}

export interface Controls {
  version: number;
  pause?: Pause;
  /** Opened by a sweep that saw demotions cluster: promotions stop until then. */
  breakerOpenUntil?: Instant;
  /** The sweep whose demotions opened it. Kept when it is closed by hand: the same demotions do not open it again. */
  breakerOpenedAfter?: string;
  /** What made this version. It is in the history too, at the latest before the next change overwrites it. */
  lastChange?: FleetRecord;
  /** The last requests that named themselves, newest last, bounded as a job's. */
  requests?: HandledRequest[];
}

/** What was done to all jobs at once, by whom and why. Never changed, and never deleted. */
export interface FleetRecord {
  type: 'paused' | 'resumed' | 'breaker-opened' | 'breaker-closed';
  /** The controls' version that this record made. */
  version: number;
  /** Never earlier than the record before it, whatever the clocks of two writers say. */
  at: Instant;
  actor: Actor;
  message: string;
  /** What was put on, or for a resumption what was ended. */
  pause?: Pause;
  /** Until when the breaker was opened, or would have been open. */
  breakerOpenUntil?: Instant;
}

export const NO_CONTROLS: Controls = { version: 0 };

/** Break-glass ends by itself after this. */
export const PAUSE_ALL_LIMIT_SECONDS = 4 * 3600;

export function activePause(controls: Controls, now: Instant): Pause | undefined {
  const { pause } = controls;
  return pause && (pause.until === undefined || pause.until > now) ? pause : undefined;
}

/** The next version of the controls, with its record. */
export function recordChange(
  known: Controls,
  next: Omit<Controls, 'version' | 'lastChange'>,
  record: Omit<FleetRecord, 'version' | 'at'>,
  now: Instant,
): Controls & { lastChange: FleetRecord } {
  const version = known.version + 1;
  const at = laterOf(now, known.lastChange?.at ?? now);
  return { ...next, version, lastChange: { ...record, version, at } };
}

export function breakerIsOpen(controls: Controls, now: Instant): boolean {
  return controls.breakerOpenUntil !== undefined && controls.breakerOpenUntil > now;
}
