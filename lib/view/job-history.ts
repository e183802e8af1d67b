/** The job page's history, newest first: every phase change and override, by whom, and why. */
import { type Actor, type HistoryRecord, isTransition } from '../domain/transition.ts';
import { type Html, html, renderBadge, renderInstant, renderName, renderTable, renderText } from './html.ts';
import type { JobView } from './job-view.ts';

export function renderHistory({ history, olderHistory, at }: JobView): Html {
  if (history.length === 0) return html`<h3>History</h3><p class="faint">Nothing has moved this job yet.</p>`;
  const rows = history.map((record) => [
    renderInstant(record.at, at),
    renderChange(record),
    renderActor(record.actor),
    renderText(record.message),
  ]);
  return html`<h3>History</h3>${renderTable('History', ['at', 'what', 'by', 'why'], rows)}
${olderHistory && html`<p class="faint">Older records: <code>crossfade history</code></p>`}`;
}

function renderChange(record: HistoryRecord): Html {
  if (!isTransition(record)) return html`${record.type}`;
  const { from, to, type, forced, waived } = record;
  const passedOver =
    waived &&
    waived.needs.length > 0 &&
    html` <span class="faint">although ${renderText(waived.needs.join(', '))}</span>`;
  return html`${renderBadge(type, type === 'demotion' ? 'warn' : 'plain')} ${from} &rarr; ${to}${forced && ' (forced)'}${passedOver}`;
}

function renderActor(actor: Actor): Html {
  if (actor.kind === 'automation') return renderName(actor.sweepId);
  return html`${renderText(actor.name)}${!actor.verified && ' (claimed)'}`;
}
