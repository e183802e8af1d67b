/**
 * Tells open pages what has changed, as server-sent events. Nothing is queued for anybody: a page says the last revision it
 * has seen and is told everything since, so a slow one gets fewer and larger messages, and one that was away for too long
 * is told to fetch the fleet again. Bounded in clients; a heartbeat shows both sides that the other is there.
 */
import type { SSEStreamingApi } from 'hono/streaming';
import type { FleetModel } from './fleet-model.ts';

export interface LiveTopic {
  /** With the changed rows themselves. */
  rows: boolean;
  /** Only what is about this job. */
  jobId?: string | undefined;
  /** `RUN:REVISION` of what the page shows, where it says so. */
  since?: string | undefined;
}

const MAX_CLIENTS = 32;
const TICK_MS = 400;
const HEARTBEAT_MS = 15_000;
const ROWS_AT_ONCE = 5_000;

export class LiveFeed {
  readonly #model: FleetModel;
  #clients = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(model: FleetModel) {
    this.#model = model;
  }

  get isFull(): boolean {
    return this.#clients >= MAX_CLIENTS || this.#closed;
  }

  /** Resolves when the page has gone, or the feed is closed. */
  async serve(stream: SSEStreamingApi, topic: LiveTopic): Promise<void> {
    this.#clients += 1;
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    // A page that has gone makes room at once.
    stream.onAbort(() => this.#resume());
    try {
      await this.#follow(stream, topic);
    } finally {
      this.#clients -= 1;
      if (this.#clients === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#tick();
  }

  async #follow(stream: SSEStreamingApi, topic: LiveTopic): Promise<void> {
    this.#model.sync();
    const [run, revision] = (topic.since ?? '').split(':');
    const { version } = this.#model;
    const isKnown = run === version.run;
    // After a reload a page has everything up to now.
    let seen = isKnown ? Math.min(Number(revision) || 0, version.revision) : version.revision;
    const say = (event: string, data: unknown = {}) =>
      stream.writeSSE({ event, data: JSON.stringify(data), id: `${version.run}:${seen}`, retry: 1_000 });
    await say(isKnown ? 'hello' : 'reload');
    let quietSince = Date.now();
    while (!this.#closed && !stream.aborted) {
      const message = this.#next(seen, topic);
      if (message) {
        seen = message.revision;
        // Waits until the page takes it: nothing is made for it meanwhile.
        await say(message.event, message.data);
        quietSince = Date.now();
      } else if (Date.now() - quietSince >= HEARTBEAT_MS) {
        await stream.write(': still here\n\n');
        quietSince = Date.now();
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #next(seen: number, { rows, jobId }: LiveTopic): { event: string; data: unknown; revision: number } | undefined {
    const { revision, run } = this.#model.version;
    if (revision <= seen) return undefined;
    if (jobId !== undefined && !this.#model.touchedSince(jobId, seen)) return undefined;
    if (!rows) return { event: 'changed', data: { run, revision }, revision };
    const changes = this.#model.changesSince(seen, ROWS_AT_ONCE);
    if (changes === undefined) return { event: 'reload', data: {}, revision };
    return { event: 'changed', data: { run, revision, changes }, revision };
  }

  #tick(): void {
    if (!this.#closed) this.#model.sync();
    this.#resume();
  }

  #resume(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
