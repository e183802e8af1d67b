/**
 * A click on a button of the CloudWatch widget, as it reaches a verb: the console invokes the verb's function as whoever
 * looks at the dashboard, so IAM has decided already. It does not say who that is, so the actor is claimed.
 */

import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { clickSchema, requestOfClick } from '../lib/controller/widget-requests.ts';
import { renderAnswer } from '../lib/view/answer.ts';
import type { VerbAnswer } from '../lib/view/verb-page.ts';

/** No verb has a field of this name. */
export function isClick(event: unknown): boolean {
  return event !== null && typeof event === 'object' && 'widgetContext' in event;
}

/** @returns HTML, which the console shows in a dialog. */
export async function answerClick(event: unknown, answer: (request: object) => Promise<VerbAnswer>): Promise<string> {
  const click = parse(clickSchema, event);
  if (isRefusal(click)) return renderAnswer({ ok: false, ...click }).toString();
  return renderAnswer(await answer(requestOfClick(click))).toString();
}
