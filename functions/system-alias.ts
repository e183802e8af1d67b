/**
 * For whom a caller of `assign`, `land` and `published` may speak. The deployment has an alias of each for every system
 * (`assign:old`), and a role is granted one of them: the ARN that was invoked is Lambda's word and not the caller's. Without
 * an alias, as on one machine, the request names its system itself.
 */
import { isRefusal, type Refusal, refuse } from '../lib/controller/refusal.ts';
import { SYSTEMS, type System } from '../lib/domain/phases.ts';

/** What a handler is told of its invocation, as far as it matters here. */
export interface Invocation {
  invokedFunctionArn?: string;
}

/** The system that the invoked alias fixes; `undefined` where the function itself was invoked, or one of its versions. */
export function systemOf(invocation: Invocation | undefined): System | undefined {
  const alias = invocation?.invokedFunctionArn?.split(':')[7];
  return SYSTEMS.find((system) => system === alias);
}

/** The request, if whoever sent it may speak for its system. */
export function admit<R extends { system: System }>(request: R | Refusal, spokenFor: System | undefined): R | Refusal {
  if (isRefusal(request) || spokenFor === undefined || request.system === spokenFor) return request;
  return refuse(
    'WrongSystem',
    `system: ${request.system}, but the alias ${spokenFor} was invoked: it speaks for the ${spokenFor} system only`,
    'system',
  );
}
