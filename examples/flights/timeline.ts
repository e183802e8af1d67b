/**
 * The example's time: lets a day pass on the clock while the systems do its work, and has a sweep made whenever the
 * clock shows the hour for one, whatever is in flight at that moment. The clock's pace follows the machine, so that
 * the work fills the day, as the last one's would have filled it. It stands still at the end of a day until the work is done, and where
 * a sweep would outlive its grants, so a slow machine makes the story longer and never different.
 */
import { setImmediate } from 'node:timers/promises';
import type { ClockSetting, PacedClock } from './clock.ts';

export interface TimelineParts {
  clock: PacedClock;
  /** Hours of the clock. */
  sweeps: { firstHour: number; everyHours: number };
  /** One sweep, at what the clock shows; resolves when its evaluations have ended. */
  sweep: () => Promise<void>;
  /** Tells everybody else who reads the clock. */
  announce: (setting: ClockSetting) => void;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Of the time to the next sweep: before a sweep's grants expire, which is at nine tenths. */
const STANDS_AFTER_SHARE = 0.85;
const FIRST_DAY_MS = 1_000;
const LEAST_DAY_MS = 100;
/** A real sweep takes a fraction of a second. */
const SWEEP_TIMEOUT_MS = 60_000;

interface RunningSweep {
  standsAtMs: number;
  ended: Promise<void>;
}

/** The day's work; `done` once it has ended. */
interface DayWork {
  done: boolean;
  ended: Promise<void>;
}

export class Timeline {
  sweepCount = 0;
  readonly #clock: PacedClock;
  readonly #parts: TimelineParts;
  #sweep: RunningSweep | undefined;
  /** Real milliseconds in which the clock runs through a day, but for the time that it stands. */
  #dayMs = FIRST_DAY_MS;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
  }

  /** Lets a day pass. Ends when the day and the work are over; fails when the work does. */
  async passDay(startMs: number, carryOut: () => Promise<void>): Promise<void> {
    const { firstHour, everyHours } = this.#parts.sweeps;
    this.#set(startMs);
    const work: DayWork = { done: false, ended: Promise.resolve() };
    work.ended = carryOut().then(() => {
      work.done = true;
      this.#adaptPace((this.#clock.nowMs() - startMs) / DAY_MS);
    });
    work.ended.catch(() => {});
    for (let hour = firstHour; hour < 24; hour += everyHours) {
      await this.#reach(startMs + hour * HOUR_MS, work);
      await this.#sweep?.ended;
      this.#startSweep();
      // It reads the clock for its name, so the clock must not go on before it has.
      await setImmediate();
    }
    await this.#reach(startMs + DAY_MS, work);
    const beganMs = performance.now();
    await work.ended;
    this.#dayMs += (performance.now() - beganMs) / 2;
  }

  /** The sweep that is under way, if any. */
  async settle(): Promise<void> {
    await this.#sweep?.ended;
  }

  async #reach(targetMs: number, work: DayWork): Promise<void> {
    while (this.#clock.nowMs() < targetMs) {
      const sweep = this.#sweep;
      const ceilingMs = Math.min(targetMs, sweep?.standsAtMs ?? targetMs);
      if (work.done) this.#set(ceilingMs);
      else this.#run(ceilingMs);
      if (this.#clock.nowMs() >= targetMs) return;
      const waitMs = this.#realMsUntil(ceilingMs);
      const changes: Promise<void>[] = [];
      if (sweep) changes.push(sweep.ended);
      if (!work.done) changes.push(work.ended);
      await raceWith(changes, waitMs > 0 ? waitMs : undefined);
    }
  }

  #startSweep(): void {
    const standsAtMs = this.#clock.nowMs() + this.#parts.sweeps.everyHours * HOUR_MS * STANDS_AFTER_SHARE;
    this.sweepCount += 1;
    const sweep: RunningSweep = { standsAtMs, ended: Promise.resolve() };
    // One that failed stays, and fails whoever waits for it.
    sweep.ended = within(this.#parts.sweep(), SWEEP_TIMEOUT_MS).then(() => {
      this.#sweep = undefined;
    });
    sweep.ended.catch(() => {});
    this.#sweep = sweep;
  }

  /** The clock goes on from what it shows. */
  #run(ceilingMs: number): void {
    this.#apply({ realMs: Date.now(), virtualMs: this.#clock.nowMs(), pace: this.#pace(), ceilingMs });
  }

  /** The clock shows this at once, and stands. */
  #set(virtualMs: number): void {
    this.#apply({ realMs: Date.now(), virtualMs, pace: 0, ceilingMs: virtualMs });
  }

  #apply(setting: ClockSetting): void {
    this.#clock.set(setting);
    this.#parts.announce(setting);
  }

  /** @param share of the day that had passed when its work was done. */
  #adaptPace(share: number): void {
    this.#dayMs = Math.max(LEAST_DAY_MS, (this.#dayMs * (1 + share)) / 2);
  }

  #pace(): number {
    return DAY_MS / this.#dayMs;
  }

  #realMsUntil(virtualMs: number): number {
    return Math.ceil((virtualMs - this.#clock.nowMs()) / this.#pace());
  }
}

/** Waits for the first of these, or for the time, where one is given. */
async function raceWith(changes: readonly Promise<void>[], waitMs: number | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timed = new Promise<void>((resolve) => {
    if (waitMs !== undefined) timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([...changes, timed]).finally(() => clearTimeout(timer));
}

async function within(sweep: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a sweep has not ended in ${timeoutMs / 1000} s`)), timeoutMs);
  });
  await Promise.race([sweep, late]).finally(() => clearTimeout(timer));
}
