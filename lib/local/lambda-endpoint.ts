/**
 * Lambda's Invoke API: `POST /2015-03-31/functions/{name}/invocations`, with any name that AWS takes. An exception in the
 * function is a 200 with `X-Amz-Function-Error`, as there; only what never reached the function is an HTTP error. An
 * `Event` is answered with 202 and run after it, three times at most.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './aws-error.ts';
import type { Invoker } from './invoke.ts';
import { Quiet } from './quiet.ts';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: string | Buffer;
}

export interface LambdaParts {
  invoker: Invoker;
  log: (message: string) => void;
}

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const EVENT_ATTEMPTS = 3;
const EVENT_RETRY_MS = 1_000;
const MAX_EVENTS = 1_000;

/** The function's name in a path of the Invoke API; nothing for another path. */
export function functionInPath(path: string): string | undefined {
  const [, name] = PATH.exec(path) ?? [];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    throw new AwsError('InvalidParameterValueException', `the function's name is badly encoded: ${name.slice(0, 200)}`);
  }
}

export class LambdaEndpoint {
  readonly #parts: LambdaParts;
  readonly #events = new Quiet('events');

  constructor(parts: LambdaParts) {
    this.#parts = parts;
  }

  async answer(name: string, type: string, payload: string): Promise<Answer> {
    const { invoker } = this.#parts;
    invoker.resolve(name);
    const event = payload === '' ? '{}' : payload;
    try {
      JSON.parse(event);
    } catch (error) {
      const said = (error as Error).message;
      throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${said}`);
    }
    const headers = { 'x-amzn-requestid': randomUUID(), 'x-amz-executed-version': '$LATEST' };
    if (type === 'DryRun') return { status: 204, headers, body: '' };
    if (type === 'Event') {
      if (this.#events.count >= MAX_EVENTS) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      void this.#runEvent(name, event);
      return { status: 202, headers, body: '' };
    }
    if (type !== 'RequestResponse') {
      const allowed = 'RequestResponse, Event and DryRun are allowed';
      throw new AwsError('InvalidParameterValueException', `InvocationType: ${type.slice(0, 100)}; ${allowed}`);
    }
    const { payload: body, error } = await invoker.invoke(name, event);
    return {
      status: 200,
      headers: {
        ...headers,
        'content-type': 'application/json',
        ...(error && { 'x-amz-function-error': 'Unhandled' }),
      },
      body,
    };
  }

  idle(timeoutMs: number): Promise<void> {
    return this.#events.wait(timeoutMs);
  }

  async #runEvent(name: string, event: string): Promise<void> {
    const { invoker, log } = this.#parts;
    this.#events.enter();
    try {
      for (let attempt = 1; attempt <= EVENT_ATTEMPTS; attempt++) {
        const { error } = await invoker.invoke(name, event);
        if (!error) return;
        log(`event for ${name} failed (${attempt} of ${EVENT_ATTEMPTS}): ${error.errorType}: ${error.errorMessage}`);
        if (attempt < EVENT_ATTEMPTS) await sleep(EVENT_RETRY_MS);
      }
    } catch (error) {
      log(`event for ${name} was dropped: ${String(error)}`);
    } finally {
      this.#events.leave();
    }
  }
}
