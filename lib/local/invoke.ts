/**
 * Invokes functions as Lambda does, in this process: event and result pass through JSON, an exception or a timeout is a
 * result of its own, and only so many run at once. The endpoint, the state machine, the stream, the queue and the sweep
 * timer all come through here.
 */
import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { FunctionModule, Functions } from './functions.ts';
import { aliasOf, functionArn, shortFunctionName } from './names.ts';
import { Quiet } from './quiet.ts';

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type Invocation = { payload: string; error?: undefined } | { payload: string; error: FunctionError };

export interface InvokerOptions {
  functions: Functions;
  /** After this an invocation is answered with `Sandbox.Timedout`; what it does still goes on. Default 60. */
  timeoutSeconds?: number;
  /** At the same time, in all; what is more is throttled. Default 1,000, as a new AWS account. */
  maxConcurrency?: number;
}

/** What Lambda takes and gives in a synchronous invocation. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const TRACE_LINES = 20;

export class Invoker {
  readonly #functions: Functions;
  readonly #timeoutMs: number;
  readonly #maxConcurrency: number;
  readonly #loaded = new Map<string, Promise<FunctionModule>>();
  readonly #running = new Quiet('invocations');

  constructor({ functions, timeoutSeconds = 60, maxConcurrency = 1_000 }: InvokerOptions) {
    this.#functions = functions;
    this.#timeoutMs = timeoutSeconds * 1_000;
    this.#maxConcurrency = maxConcurrency;
  }

  names(): string[] {
    return Object.keys(this.#functions);
  }

  /** The short name of a function that is deployed here; an unknown one is refused. */
  resolve(name: string): string {
    const short = shortFunctionName(name);
    if (Object.hasOwn(this.#functions, short)) return short;
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: ${functionArn(short)}. Deployed here: ${this.names().join(', ')}`,
      404,
    );
  }

  /** @param payload JSON text. */
  async invoke(name: string, payload: string): Promise<Invocation> {
    const short = this.resolve(name);
    if (this.#running.count >= this.#maxConcurrency)
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    this.#running.enter();
    try {
      const result = JSON.stringify(await this.#run(short, aliasOf(name), JSON.parse(payload))) ?? 'null';
      if (Buffer.byteLength(result) <= MAX_PAYLOAD_BYTES) return { payload: result };
      return failure({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
      });
    } catch (error) {
      return failure(describe(error));
    } finally {
      this.#running.leave();
    }
  }

  /** For callers in this process: the result itself, or an error that bears the name which Step Functions would see. */
  async call<T>(name: string, event: unknown): Promise<T> {
    const { payload, error } = await this.invoke(name, JSON.stringify(event));
    if (!error) return JSON.parse(payload) as T;
    const thrown = new Error(payload);
    thrown.name = error.errorType;
    throw thrown;
  }

  idle(timeoutMs: number): Promise<void> {
    return this.#running.wait(timeoutMs);
  }

  async #run(name: string, alias: string | undefined, event: unknown): Promise<unknown> {
    const deadline = Date.now() + this.#timeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TimedOut(this.#timeoutMs)), this.#timeoutMs);
    });
    try {
      const running = this.#load(name).then(({ handler }) =>
        handler(event as never, contextOf(name, alias, deadline) as never),
      );
      return await Promise.race([running, timedOut]);
    } finally {
      clearTimeout(timer);
    }
  }

  #load(name: string): Promise<FunctionModule> {
    const loading = this.#loaded.get(name) ?? Promise.resolve(this.#functions[name]?.() as FunctionModule);
    this.#loaded.set(name, loading);
    return loading;
  }
}

class TimedOut extends Error {
  constructor(timeoutMs: number) {
    super(`Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`);
    this.name = 'Sandbox.Timedout';
  }
}

function failure(error: FunctionError): Invocation {
  return { payload: JSON.stringify(error), error };
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  const trace = error.stack?.split('\n').slice(0, TRACE_LINES);
  return { errorType: error.name, errorMessage: error.message, ...(trace && { trace }) };
}

/** What handlers and their loggers ask of Lambda's context. */
function contextOf(name: string, alias: string | undefined, deadline: number) {
  const arn = functionArn(name);
  return {
    awsRequestId: randomUUID(),
    functionName: arn.split(':').at(-1),
    functionVersion: '$LATEST',
    invokedFunctionArn: alias === undefined ? arn : `${arn}:${alias}`,
    memoryLimitInMB: '1024',
    logGroupName: `/aws/lambda/${arn.split(':').at(-1)}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
