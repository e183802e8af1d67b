/** The job page's partitions: those that mismatch, are quarantined or owed, by name with both sides' numbers; open claims. */
import type { Standing } from '../domain/evidence/standing.ts';
import { toInstant } from '../domain/time.ts';
import { figure, type Html, html, renderBadge, renderInstant, renderName, renderTable, renderText } from './html.ts';
import type { JobView } from './job-view.ts';

export function renderPartitions(view: JobView): Html {
  return html`${renderStandOut(view)}${renderSamples(view)}${renderOpen(view)}`;
}

function renderStandOut({ standing, overflow, at }: JobView): Html {
  if (standing.length === 0)
    return html`<h3>Partitions that stand out</h3><p class="faint">None mismatches, is quarantined, owed or written twice.</p>`;
  const rows = standing.map((one) => [
    renderName(one.partition),
    describe(one),
    one.mismatch && figure(one.mismatch.oldRows),
    one.mismatch && figure(one.mismatch.newRows),
    one.mismatch && renderName(one.mismatch.oldChecksum),
    one.mismatch && renderName(one.mismatch.newChecksum),
    renderInstant(toInstant(one.changedAt), at),
  ]);
  const heads = ['partition', 'why', 'rows old', 'rows new', 'checksum old', 'checksum new', 'changed'];
  return html`<h3>Partitions that stand out</h3>${renderTable('Partitions that stand out', heads, rows)}
${overflow && html`<p class="faint">More stand out than are kept by name: the most urgent are shown. <code>crossfade owed</code> lists what is owed.</p>`}`;
}

function describe({ mismatch, quarantined, owed, splitWriter }: Standing): Html[] {
  return [
    splitWriter && renderBadge('two writers', 'bad'),
    mismatch && html`${renderBadge('mismatch', 'bad')} ${renderName(mismatch.signature)}`,
    quarantined && renderBadge('quarantined', 'bad'),
    owed && html`${renderBadge(`owed by ${owed.by}`, 'warn')} ${owed.reason !== 'quarantined' && owed.reason}`,
  ].flatMap((part) => (part ? [html`${part} `] : []));
}

function renderSamples({ samples }: JobView): Html | undefined {
  const rows = samples.flatMap(({ partition, signature, values }) =>
    values.map(({ key, column, old, new: next }) => [
      renderName(partition),
      renderName(signature),
      renderName(key),
      renderName(column),
      renderName(old),
      renderName(next),
    ]),
  );
  if (rows.length === 0) return undefined;
  const heads = ['partition', 'signature', 'row', 'column', 'old', 'new'];
  return html`<h3>Rows that differ</h3>${renderTable('Rows that differ', heads, rows)}
<p class="faint">A sample: columns that the policy does not list under <code>sampleColumns</code> are redacted.</p>`;
}

function renderOpen({ open, openCount, at }: JobView): Html {
  if (openCount === 0) return html`<h3>Open claims</h3><p class="faint">Nothing is in flight or owed.</p>`;
  const rows = open.map(({ partition, writer, reason, since }) => [
    renderName(partition),
    writer,
    reason === undefined ? 'in flight' : renderText(reason),
    renderInstant(since, at),
  ]);
  return html`<h3>Open claims <span class="faint">${openCount}</span></h3>${renderTable('Open claims', ['partition', 'writer', 'why', 'since'], rows)}
${openCount > open.length && html`<p class="faint">and ${openCount - open.length} more</p>`}`;
}
