/**
 * The event bus on this machine: the newest events, numbered in the order in which they were told, and who follows them.
 * It ends with the process. What is older than the newest thousand is forgotten, and a follower can tell by the numbers.
 */
import { randomUUID } from 'node:crypto';
import type { Event } from '../domain/event.ts';

export interface ToldEvent {
  /** Counts from 1, without a gap. */
  sequence: number;
  event: Event;
}

export interface Follower {
  take: (told: ToldEvent) => void;
  /** The log has ended. */
  end: () => void;
}

const KEPT = 1_000;

export class EventLog {
  /** The numbers of another process's log are not those of this one. */
  readonly name = randomUUID();
  readonly #kept: ToldEvent[] = [];
  readonly #followers = new Set<Follower>();
  #sequence = 0;
  #ended = false;

  append(events: readonly Event[]): void {
    for (const event of events) {
      this.#sequence += 1;
      const told = { sequence: this.#sequence, event };
      this.#kept.push(told);
      if (this.#kept.length > KEPT) this.#kept.shift();
      for (const follower of this.#followers) follower.take(told);
    }
  }

  /** Those that are kept and came after that number, oldest first. */
  since(sequence: number): ToldEvent[] {
    return this.#kept.filter((told) => told.sequence > sequence);
  }

  get newest(): number {
    return this.#sequence;
  }

  /** @returns how to follow no longer. */
  follow(follower: Follower): () => void {
    if (this.#ended) follower.end();
    else this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Every follower is told that nothing comes any more. */
  end(): void {
    this.#ended = true;
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
  }
}
