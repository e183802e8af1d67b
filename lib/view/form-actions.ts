/**
 * `Actions` as plain links and forms, for a server that answers GET with pages and POST with verbs. Each verb is closed
 * behind its own disclosure, so that nothing is sent by one key; it works without a script.
 */
import { type Actions, FIELD_LABELS, type Field, MAX_LENGTHS, type Offer, type Place } from './actions.ts';
import { type Html, html, renderText } from './html.ts';

export interface FormTarget {
  /** The address of a page: a path on the same server, with its parts encoded. */
  hrefOf(place: Place): string;
  /** Where a verb's form is posted to. */
  postTo(offer: Offer): string;
  /** What every form carries besides, such as the token that verbs want. */
  hidden?: Readonly<Record<string, string>>;
}

export function createFormActions({ hrefOf, postTo, hidden = {} }: FormTarget): Actions {
  return {
    link: (place, label, { current = false } = {}) =>
      html`<a href="${hrefOf(place)}"${current && html` aria-current="page"`}>${label}</a>`,
    offer: (offers) =>
      html`<div class="verbs">${offers.map((offer) => renderForm(offer, postTo(offer), hidden))}</div>`,
  };
}

function renderForm(offer: Offer, action: string, hidden: Readonly<Record<string, string>>): Html {
  const { verb, label, effect, recommended, request, fields } = offer;
  const carried = { ...request, ...hidden };
  return html`<details class="verb"><summary class="${recommended ? 'btn btn-primary' : 'btn'}">${label}</summary>
<form method="post" action="${action}" data-verb="${verb}"><p>${renderText(effect)}</p>
${Object.entries(carried).map(([name, value]) => html`<input type="hidden" name="${name}" value="${String(value)}">`)}
${fields.map(renderField)}
<button type="submit" class="btn btn-primary">${label}</button></form></details>`;
}

function renderField(field: Field): Html {
  const completion = field === 'actor' ? 'username' : 'off';
  return html`<label>${FIELD_LABELS[field]} <input name="${field}" required maxlength="${MAX_LENGTHS[field]}" autocomplete="${completion}"></label>`;
}
