/**
 * The schedule: invokes fan-out every so many seconds, and on demand. One sweep at a time: a tick that finds one running
 * is skipped and counted. Scheduled times are rounded down to the interval and only rise, since they name the sweeps;
 * they are read from the runtime's clock, which may be compressed or stand still.
 */
export interface SweepsOptions {
  /** Of real time, between ticks; 0 leaves sweeping to `sweepNow`. */
  everySeconds: number;
  /** Epoch milliseconds. */
  now: () => number;
  /** Starts a sweep; resolves when all its executions have ended. */
  sweep: (scheduledAt: string) => Promise<object>;
  log: (message: string) => void;
}

/** What a sweep came to: what fan-out answered, or why it failed. */
export interface Swept {
  scheduledAt: string;
  seconds: number;
  result?: object;
  error?: string;
}

/** `sweepNow` calls that may wait for their turn. */
const MAX_WAITING = 100;

export class Sweeps {
  readonly #options: SweepsOptions;
  readonly status = { done: 0, failed: 0, skipped: 0, last: undefined as Swept | undefined };
  #timer: NodeJS.Timeout | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #lastScheduledMs = 0;
  #stopped = false;

  constructor(options: SweepsOptions) {
    this.#options = options;
  }

  start(): void {
    const { everySeconds } = this.#options;
    if (everySeconds <= 0 || this.#stopped) return;
    this.#timer = setInterval(() => {
      if (this.#waiting > 0) this.status.skipped += 1;
      else void this.sweepNow();
    }, everySeconds * 1_000);
  }

  /** One sweep, after those that were asked for before it. A failure is in the answer: the next sweep may do better. */
  sweepNow(): Promise<Swept> {
    if (this.#stopped) return Promise.reject(new Error('the local runtime is stopping: no sweep is started any more'));
    if (this.#waiting >= MAX_WAITING) return Promise.reject(new Error(`${MAX_WAITING} sweeps are waiting already`));
    this.#waiting += 1;
    const swept = this.#tail.then(() => this.#sweep());
    this.#tail = swept.finally(() => {
      this.#waiting -= 1;
    });
    return swept;
  }

  /** No sweep begins after this. Resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#tail;
  }

  async #sweep(): Promise<Swept> {
    const scheduledAt = this.#nextScheduledAt();
    const began = performance.now();
    const swept: Swept = { scheduledAt, seconds: 0 };
    if (this.#stopped) return { ...swept, error: 'the local runtime is stopping' };
    try {
      swept.result = await this.#options.sweep(scheduledAt);
      this.status.done += 1;
    } catch (error) {
      swept.error = error instanceof Error ? error.message : String(error);
      this.status.failed += 1;
      this.#options.log(`sweep of ${scheduledAt} failed: ${swept.error}`);
    }
    swept.seconds = (performance.now() - began) / 1_000;
    this.status.last = swept;
    return swept;
  }

  #nextScheduledAt(): string {
    const { everySeconds, now } = this.#options;
    const stepMs = Math.max(1, Math.floor(everySeconds)) * 1_000;
    const rounded = Math.floor(now() / stepMs) * stepMs;
    // A sweep's name has whole seconds; one that was forced within its interval must not take another's name.
    this.#lastScheduledMs = Math.max(rounded, this.#lastScheduledMs + 1_000);
    return new Date(this.#lastScheduledMs).toISOString();
  }
}
