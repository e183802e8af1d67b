/** The fleet's controls: what an operator sets for all jobs at once. One record, read strongly by every commit. */
import type { Instant } from './time.ts';

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
}

export const NO_CONTROLS: Controls = { version: 0 };

/** Break-glass ends by itself after this. */
export const PAUSE_ALL_LIMIT_SECONDS = 4 * 3600;

export function activePause(controls: Controls, now: Instant): Pause | undefined {
  const { pause } = controls;
  return pause && (pause.until === undefined || pause.until > now) ? pause : undefined;
}

export function breakerIsOpen(controls: Controls, now: Instant): boolean {
  return controls.breakerOpenUntil !== undefined && controls.breakerOpenUntil > now;
}
