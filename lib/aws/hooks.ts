/**
 * A team's gates and hooks as Lambda functions, invoked and waited for. Throttles, server errors and lost connections are
 * repeated by the SDK within the hook's time, as the same request with the same key. Whatever the function does wrong is an
 * answer of its own kind and no error: the job then waits, and a person is told.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Hooks } from '../controller/ports.ts';
import { MAX_HOOK_SECONDS } from '../domain/hook-policy.ts';

/** One an endpoint, so that its connections are reused; a process that moves on to another gets another. */
const clients = new Map<string, LambdaClient>();

const MAX_ATTEMPTS = 4;
const CONNECTION_TIMEOUT_MS = 3_000;
/** Above any hook's own time, which ends the call first. */
const REQUEST_TIMEOUT_MS = (MAX_HOOK_SECONDS + 5) * 1_000;
/** Many times an answer: what is longer is none. */
const MAX_ANSWER_BYTES = 65_536;

function clientOf(endpoint: string): LambdaClient {
  const client =
    clients.get(endpoint) ??
    new LambdaClient({
      retryMode: 'standard',
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    });
  clients.set(endpoint, client);
  return client;
}

export function createHooks(): Hooks {
  return {
    async call(name, request, timeoutSeconds) {
      const command = new InvokeCommand({
        FunctionName: name,
        Payload: new TextEncoder().encode(JSON.stringify(request)),
      });
      const abortSignal = AbortSignal.timeout(timeoutSeconds * 1_000);
      try {
        const { Payload = new Uint8Array(), FunctionError } = await clientOf(process.env.AWS_ENDPOINT_URL ?? '').send(
          command,
          { abortSignal },
        );
        if (Payload.byteLength > MAX_ANSWER_BYTES) {
          return { failed: `its answer has ${Payload.byteLength} bytes, and may have ${MAX_ANSWER_BYTES}` };
        }
        const text = new TextDecoder().decode(Payload);
        return FunctionError ? { failed: `it threw: ${describeThrown(text)}` } : parseAnswer(text);
      } catch (error) {
        if (abortSignal.aborted) return { failed: `no answer within ${timeoutSeconds} s` };
        return { failed: describeRefusal(name, error) };
      }
    },
  };
}

function parseAnswer(text: string): { answered: unknown } | { failed: string } {
  try {
    return { answered: JSON.parse(text) as unknown };
  } catch {
    return { failed: `its answer is not JSON: ${text.slice(0, 80)}` };
  }
}

/** Lambda's report of an exception, without its trace. */
function describeThrown(text: string): string {
  const parsed = parseAnswer(text);
  const thrown = 'answered' in parsed ? parsed.answered : undefined;
  const { errorType, errorMessage } = (thrown ?? {}) as Record<string, unknown>;
  return [errorType, errorMessage].filter((part) => typeof part === 'string').join(': ') || text.slice(0, 200);
}

/** What never reached the function, with what to do about it. */
function describeRefusal(name: string, error: unknown): string {
  const { name: code, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  switch (code) {
    case 'ResourceNotFoundException':
      return `there is no function ${name}: deploy it, or name another in the policy`;
    case 'AccessDeniedException':
      return `Crossfade may not invoke ${name}: deploy the stack with the policy that names it; a function of another account has to allow it too`;
    case 'TooManyRequestsException':
      return `${name} was throttled ${MAX_ATTEMPTS} times: give it more concurrency`;
    default:
      return `${name} could not be invoked: ${code}: ${message}`;
  }
}
