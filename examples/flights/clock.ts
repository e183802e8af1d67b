/**
 * The example's clock: the driver sets it, every process reads it. Time is compressed, and it is paced by the driver
 * and not by the machine: it runs from a set instant at a set pace and stands still at a ceiling until it is set again.
 * So a slow machine makes a day of the example take longer, and never makes its landings late.
 */

export interface ClockSetting {
  /** The machine's clock, in epoch milliseconds, at which the example's clock shows `virtualMs`. */
  realMs: number;
  virtualMs: number;
  /** Milliseconds of the example's time per real millisecond. */
  pace: number;
  /** The clock never shows more than this. */
  ceilingMs: number;
}

export class PacedClock {
  #setting: ClockSetting;
  #shownMs: number;
  readonly #readMachineMs: () => number;

  constructor(setting: ClockSetting, readMachineMs: () => number = Date.now) {
    this.#setting = setting;
    this.#shownMs = setting.virtualMs;
    this.#readMachineMs = readMachineMs;
  }

  set(setting: ClockSetting): void {
    this.#setting = setting;
  }

  /** Never goes back, whatever it was set to: a landing must not be older than the assign before it. */
  nowMs(): number {
    const { realMs, virtualMs, pace, ceilingMs } = this.#setting;
    const elapsed = Math.max(0, this.#readMachineMs() - realMs) * pace;
    this.#shownMs = Math.max(this.#shownMs, Math.floor(Math.min(virtualMs + elapsed, ceilingMs)));
    return this.#shownMs;
  }

  now(): string {
    return new Date(this.nowMs()).toISOString();
  }
}
