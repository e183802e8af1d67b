/**
 * The sweeps of a replay that have anything to find: those that are the first to see what happened, or that enough time has
 * passed since. Each of the others, which are most of them where sweeps are many or a job is quiet for weeks, would decide as
 * the one before it did. Used by `replay.ts`; pure.
 */
import type { Job } from './job.ts';
import type { Policy } from './policy.ts';
import { type Instant, toInstant, toMs } from './time.ts';

/** Some limits have passed when they are exceeded, and not yet when they are reached. */
const A_MOMENT_SECONDS = 0.001;

export class Wakes {
  readonly #policy: Policy;
  readonly #firstMs: number;
  readonly #everyMs: number;
  /** Numbers of sweeps, the next one last; those that are not sorted in yet are in `added`. */
  #due: number[] = [];
  #added = new Set<number>();
  #last = -1;

  constructor(policy: Policy, first: Instant, everySeconds: number) {
    this.#policy = policy;
    this.#everyMs = everySeconds * 1000;
    // On the hour and the quarter, where schedules usually are.
    this.#firstMs = Math.floor(toMs(first) / this.#everyMs) * this.#everyMs;
  }

  /** What lands is sealed some time later, and what has not landed by then is absent. */
  afterLanding(at: Instant): void {
    const { settleSeconds, absentGraceSeconds } = this.#policy;
    this.#add(at, [0, settleSeconds, absentGraceSeconds + A_MOMENT_SECONDS]);
  }

  /** The next sweep may go one step further, and later ones when the job has soaked or cooled down. */
  afterChange({ phaseSince, cooldownUntil, demotedAt }: Job): void {
    const { soak, flapping } = this.#policy;
    this.afterLanding(phaseSince);
    this.#add(phaseSince, [this.#everyMs / 1000, soak.shadowSeconds, soak.reverseShadowSeconds]);
    if (cooldownUntil !== undefined) this.#add(cooldownUntil, [0]);
    for (const at of demotedAt) this.#add(at, [flapping.withinSeconds + A_MOMENT_SECONDS]);
  }

  /** `undefined` when there is nothing to find any more. */
  next(): Instant | undefined {
    if (this.#added.size > 0) {
      const ahead = new Set([...this.#due, ...this.#added].filter((number) => number > this.#last));
      this.#due = [...ahead].sort((a, b) => b - a);
      this.#added = new Set();
    }
    const number = this.#due.pop();
    if (number === undefined) return undefined;
    this.#last = number;
    return toInstant(this.#firstMs + number * this.#everyMs);
  }

  /** The first sweep that sees that so many seconds have passed since. */
  #add(since: Instant, seconds: readonly number[]): void {
    for (const passed of seconds) {
      const ms = toMs(since) + passed * 1000 - this.#firstMs;
      this.#added.add(Math.max(0, Math.ceil(ms / this.#everyMs)));
    }
  }
}
