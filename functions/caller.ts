/**
 * Who calls a verb. A plain invoke says its actor itself, and so does a click in a CloudWatch dashboard (`click.ts`): the name
 * is only claimed. Through the function's URL with IAM auth AWS says it: the caller's ARN is the actor, and the record bears
 * `verified`. A plain invoke could carry the same event, so the ARN is believed only where the function was called by the
 * alias that nothing but the URL may invoke.
 */
import { VERIFIED_ALIAS } from '../lib/controller/override-request.ts';
import { isRefusal, type Refusal, refuse } from '../lib/controller/refusal.ts';
import type { VerbAnswer } from '../lib/view/verb-page.ts';
import { answerClick, isClick } from './click.ts';

/** The parts that are read of a function URL's event, payload format 2.0. */
interface UrlEvent {
  requestContext: { http?: { method?: string }; authorizer?: { iam?: { userArn?: string } } };
  body?: string;
  isBase64Encoded?: boolean;
}

export interface CallContext {
  invokedFunctionArn?: string;
}

/** Answers a plain invoke with the object, a click with HTML, and a URL's request as HTTP. */
export async function answerCall<T extends VerbAnswer>(
  event: unknown,
  context: CallContext | undefined,
  answer: (request: unknown, verified: boolean) => Promise<T>,
): Promise<T | VerbAnswer | string | { statusCode: number; headers: Record<string, string>; body: string }> {
  if (!isUrlEvent(event))
    return isClick(event) ? answerClick(event, (request) => answer(request, false)) : answer(event, false);
  const request = readUrlRequest(event, context);
  const answered = isRefusal(request) ? refused(request) : await answer(request.body, true);
  return {
    statusCode: statusOf(answered),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answered),
  };
}

/** No verb has a field of this name. */
function isUrlEvent(event: unknown): event is UrlEvent {
  if (event === null || typeof event !== 'object' || !('requestContext' in event)) return false;
  return event.requestContext !== null && typeof event.requestContext === 'object';
}

function readUrlRequest(event: UrlEvent, context: CallContext | undefined): { body: object } | Refusal {
  const arn = event.requestContext.authorizer?.iam?.userArn;
  const alias = context?.invokedFunctionArn?.split(':')[7];
  if (arn === undefined || alias !== VERIFIED_ALIAS) {
    const message = `the caller's identity is not vouched for: call the function's URL with IAM auth, or invoke it with an actor`;
    return refuse('NotVerified', message);
  }
  const method = event.requestContext.http?.method ?? 'none';
  if (method !== 'POST') return refuse('Invalid', `method: ${method} is refused: send the request with POST`, 'method');
  const { body = '', isBase64Encoded = false } = event;
  const parsed = parseObject(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
  if (!parsed) return refuse('Invalid', 'body: not a JSON object, which is wanted here', 'body');
  if ('actor' in parsed && parsed.actor !== arn) {
    return refuse('Invalid', `actor: is ${arn}, as whom you are signed in: leave it out`, 'actor');
  }
  return { body: { ...parsed, actor: arn } };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A refusal as programs see it, with what it carries beside the reason. */
export function refused<T extends Refusal>({ refused: _, ...rest }: T): Omit<T, 'refused'> & { ok: false } {
  return { ok: false, ...rest };
}

const STATUS: Record<string, number> = { Invalid: 400, NotVerified: 403, UnknownJob: 404 };

function statusOf({ ok, code }: VerbAnswer): number {
  return ok ? 200 : (STATUS[code ?? ''] ?? 409);
}
