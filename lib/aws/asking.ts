/**
 * One question to AWS whose failure is an answer too: seen, not permitted, not there, or failed. For examinations, which go
 * on past every one of them. Also what their clients have in common: time limits, and a look at the other side's clock.
 */

/** What came of a question. `needs` names the permission that was missing. */
export type Seen<T> =
  | { kind: 'seen'; value: T }
  | { kind: 'denied'; needs: string }
  | { kind: 'missing' }
  | { kind: 'failed'; message: string };

/** Of the deployment against this machine: what the `Date` of a response said, less the time here. */
export interface ClockReading {
  skewSeconds?: number;
}

/** An examination is waited for by a person: a second attempt, and then it goes on to the next question. */
export function limits(requestTimeoutMs = 10_000) {
  const requestHandler = { connectionTimeout: 3_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true };
  return { maxAttempts: 2, requestHandler };
}

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError']);
const MISSING = new Set([
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'StateMachineDoesNotExist',
]);

/** @param needs the action and its resource, as the caller's policy would have to name them. */
export async function ask<T>(needs: string, question: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { kind: 'seen', value: await question() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    if (DENIED.has(name)) return { kind: 'denied', needs: namedIn(message) ?? needs };
    if (MISSING.has(name)) return { kind: 'missing' };
    return { kind: 'failed', message: name && !message.includes(name) ? `${name}: ${message}` : message };
  }
}

/** What AWS says was missing, which may be another than was asked for: the key's, where a table has one of its own. */
function namedIn(message: string): string | undefined {
  const [, action, resource] = /not authorized to perform: (\S+)(?: on resource: (\S+))?/.exec(message) ?? [];
  return action && resource ? `${action} on ${resource}` : undefined;
}

interface Watched {
  middlewareStack: { add(middleware: never, options: { step: 'deserialize'; name: string }): void };
}

/** Reads the other side's clock off the responses of a client, whatever else they say. */
export function watchClock(client: Watched, reading: ClockReading, now: () => number): void {
  const middleware = (next: (args: unknown) => Promise<{ response: unknown }>) => async (args: unknown) => {
    const began = now();
    const answer = await next(args);
    const { date } = (answer.response as { headers?: Record<string, string> }).headers ?? {};
    // Cut off to the second, so half of one is missing on average.
    const there = Date.parse(date ?? '') + 500;
    if (!Number.isNaN(there)) reading.skewSeconds = Math.round((there - (began + now()) / 2) / 1_000);
    return answer;
  };
  client.middlewareStack.add(middleware as never, { step: 'deserialize', name: 'watchClock' });
}
