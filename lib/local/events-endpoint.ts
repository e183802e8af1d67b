/**
 * `GET /events`: the event log over HTTP. As server-sent events where the client accepts them: what is kept after its
 * `Last-Event-ID` (without one, nothing of the past), then what comes; otherwise the kept events as one JSON array. The
 * server has refused foreign pages before it comes here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventLog, ToldEvent } from './event-log.ts';
import type { Answer } from './lambda-endpoint.ts';

/** An answer that writes itself, for as long as it likes. */
export interface Streamed {
  stream: (response: ServerResponse) => void;
}

/** So that a connection that is gone is noticed, on either side. */
const HEARTBEAT_MS = 15_000;
/** A client that does not read is cut off; it comes again with the last id that it has read. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** What a client waits before it connects again. */
const RECONNECT_MS = 1_000;

export function answerEvents(log: EventLog, { headers }: IncomingMessage): Answer | Streamed {
  if (!headers.accept?.includes('text/event-stream')) {
    const body = JSON.stringify(log.since(0).map((told) => told.event));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const from = lastSeen(log, headers['last-event-id']?.toString());
  return { stream: (response) => streamEvents(log, from, response) };
}

/** To who saw the log of an earlier process, everything that is kept is new. */
function lastSeen(log: EventLog, id: string | undefined): number {
  if (id === undefined) return log.newest;
  const [, name, sequence] = /^(.+)#(\d{1,15})$/.exec(id) ?? [];
  return name === log.name ? Math.min(Number(sequence), log.newest) : 0;
}

function streamEvents(log: EventLog, from: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
  const take = (told: ToldEvent) => {
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(frameOf(log, told));
  };
  for (const told of log.since(from)) take(told);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  const unfollow = log.follow({ take, end: () => response.end() });
  response.once('close', () => {
    clearInterval(heartbeat);
    unfollow();
  });
}

/** JSON has no line break outside of its escapes, so it is one line. */
function frameOf({ name }: EventLog, { sequence, event }: ToldEvent): string {
  return `id: ${name}#${sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
