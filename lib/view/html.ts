/**
 * HTML as a value, and the small pieces that every page uses. What is put into a template is escaped unless it is `Html`
 * itself, so nothing that a job says becomes markup; its names also go through `renderText`, which bounds and isolates them.
 * Pages are made of these by `lib/view`; nothing here knows where a page is shown.
 */
import { html as tagged } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Phase } from '../domain/phases.ts';
import { describeSeconds, type Instant, secondsBetween } from '../domain/time.ts';

/** Markup that is safe to show. Only templates make it. */
export type Html = HtmlEscapedString;

/** What may stand in a template. Objects may not: one that says of itself that it is escaped would be believed. */
export type Content = Html | string | number | false | undefined | readonly Content[];

export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  const made = tagged(strings, ...values);
  if (made instanceof Promise)
    throw new Error('a template was given a promise: read what a page shows before it is made');
  return made;
}

/** Longer than any text that the verbs accept; what a job reports may be longer. */
const TEXT_SHOWN = 1_100;
/** What terminals obey, and what turns the direction of the text around it. */
const UNREADABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What somebody else has written, as text for people: bounded, visible, and without effect on what stands beside it. */
export function readable(text: string): string {
  const shown = text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}... (${text.length} characters)`;
  return shown.replace(UNREADABLE, '\ufffd');
}

export function renderText(text: string): Html {
  return html`<bdi>${readable(text)}</bdi>`;
}

/** Up to this a name stays in one line. */
const SHORT_NAME = 32;

/** A name that programs use: of a job, a partition, a checksum. */
export function renderName(name: string): Html {
  return html`<bdi class="name${name.length > SHORT_NAME && ' long'}">${readable(name)}</bdi>`;
}

/** Tones of a badge. `silent` is for what is not known: it is never shown like what is well. */
export type Tone = 'good' | 'bad' | 'warn' | 'silent' | 'plain';

export function renderBadge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${readable(text)}</span>`;
}

export function renderPanel(tone: Tone, content: Html): Html {
  return html`<div class="panel ${tone}">${content}</div>`;
}

/** A phase by its name, beside the colour that charts give it. */
export function renderPhase(phase: Phase): Html {
  return html`<span class="phase-of"><span class="dot ${phase}" aria-hidden="true"></span>${phase}</span>`;
}

/** `2026-11-22 13:00:00Z`, and how long ago. */
export function renderInstant(at: Instant, now: Instant): Html {
  return html`<time datetime="${at}" title="${describeDistance(at, now)}">${moment(at)}</time>`;
}

export function moment(at: Instant): string {
  return at.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** `3 h 5 min ago`, `in 2 d`. */
function describeDistance(at: Instant, now: Instant): string {
  const seconds = secondsBetween(at, now);
  return seconds >= 0 ? `${describeSeconds(seconds)} ago` : `in ${describeSeconds(-seconds)}`;
}

/** Three digits say enough; an absent figure is a dash, never a zero. */
export function renderFigure(value: number | undefined, unit: string): Html {
  if (value === undefined) return html`<span class="figure none">&ndash;</span>`;
  return html`<span class="figure">${figure(value)}</span> <span class="unit">${unit}</span>`;
}

export function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

export function renderTable(caption: string, heads: readonly string[], rows: readonly (readonly Content[])[]): Html {
  return renderScroll(
    caption,
    html`<table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table>`,
  );
}

/** What is wide scrolls sideways by itself where there is no room for it, also by key. */
export function renderScroll(caption: string, content: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">${content}</div>`;
}
