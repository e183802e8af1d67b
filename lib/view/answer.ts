/**
 * What a verb answered, for the dialog that CloudWatch opens after a click. Called by the verbs' functions. Plain, without the
 * style sheet: the console dresses it, and the verbs' bundles stay small.
 */
import { type Html, html, renderName, renderText } from './html.ts';
import type { VerbAnswer } from './verb-page.ts';

export function renderAnswer({ ok, code, message, job, next }: VerbAnswer): Html {
  const state = job && html` ${renderName(job.jobId)} is in ${job.phase}.`;
  if (!ok) {
    return html`<p><strong>Refused.</strong> ${message !== undefined && renderText(message)} (${code ?? 'Refused'})</p>
<p>Nothing was changed.${state}</p>`;
  }
  return html`<p><strong>Done.</strong>${state}</p>
${next !== undefined && html`<p>${renderText(next)}</p>`}
<p>Close this and refresh the dashboard to see it as it is now.</p>`;
}
