/**
 * widget: the attention list or one job as HTML, for a custom widget of a CloudWatch dashboard. The console invokes it
 * whenever the dashboard is refreshed and for every link in it. Reads only; its buttons invoke the verbs' own functions.
 */
import * as z from 'zod';
import { listAttention } from '../lib/controller/attention.ts';
import { readJobPage } from '../lib/controller/job-page.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { widgetSchema } from '../lib/controller/widget-requests.ts';
import { type Actions, OFFERED_VERBS } from '../lib/view/actions.ts';
import { renderAnswer } from '../lib/view/answer.ts';
import { renderAttentionList } from '../lib/view/attention-list.ts';
import { createCloudWatchActions } from '../lib/view/cloudwatch-actions.ts';
import type { Html } from '../lib/view/html.ts';
import { renderJobPage } from '../lib/view/job-page.ts';
import { renderThemed } from '../lib/view/theme.ts';
import { WIDGET_DOCUMENTATION } from '../lib/view/widget-documentation.ts';
import { type CallContext, refused } from './caller.ts';
import { allPorts } from './deciding.ts';
import { now, required } from './runtime.ts';

const verbsSchema = z.record(z.enum(OFFERED_VERBS), z.string());

/** @returns HTML, or Markdown where the console asks for documentation. */
export async function handler(event: unknown, context?: CallContext): Promise<string> {
  const request = parse(widgetSchema, event);
  if (isRefusal(request)) return renderThemed(renderAnswer(refused(request))).toString();
  const { describe, widgetContext, ...place } = request;
  if (describe === true) return WIDGET_DOCUMENTATION;
  const actions = createCloudWatchActions({
    widget: context?.invokedFunctionArn ?? '',
    verbs: verbsSchema.parse(JSON.parse(required('CROSSFADE_VERBS'))),
  });
  return renderThemed(await renderPage(place, actions), widgetContext?.theme).toString();
}

async function renderPage(
  { jobId, ...filter }: Omit<z.output<typeof widgetSchema>, 'describe' | 'widgetContext'>,
  actions: Actions,
): Promise<Html> {
  const [ports, at] = [allPorts(), now()];
  if (jobId === undefined) return renderAttentionList({ ...(await listAttention(ports, at)), filter, at }, actions);
  const page = await readJobPage(ports, jobId, at);
  return isRefusal(page) ? renderAnswer(refused(page)) : renderJobPage(page, actions);
}
