/**
 * `Actions` for a CloudWatch custom widget, which runs no script. A `cwdb-action` gives the element right before it a
 * behaviour: the console invokes the Lambda named by its ARN as whoever looks at the dashboard, so IAM decides what a
 * viewer may do, with the JSON in it and every form field of the widget under `widgetContext.forms.all`.
 */
import { raw } from 'hono/html';
import {
  type Actions,
  FIELD_LABELS,
  type Field,
  MAX_LENGTHS,
  type Offer,
  type OfferedVerb,
  type Place,
} from './actions.ts';
import { type Html, html, readable } from './html.ts';

export interface LambdaTargets {
  /** This widget's own function, which answers with another page. */
  widget: string;
  /** The functions of the verbs. */
  verbs: Readonly<Record<OfferedVerb, string>>;
}

export function createCloudWatchActions({ widget, verbs }: LambdaTargets): Actions {
  return {
    link: (place, label, { current = false } = {}) =>
      current
        ? html`<strong aria-current="page">${label}</strong>`
        : html`<a role="button" tabindex="0">${label}</a>${renderCall(widget, requestOf(place))}`,
    offer: (offers) => {
      const fields = [...new Set(offers.flatMap((offer) => offer.fields))];
      return html`<form class="verbs">${fields.map(renderField)}</form>${offers.map((offer) => renderVerb(offer, verbs[offer.verb]))}
<p class="faint">What you fill in is sent with the button that you press. The dashboard forgets it when it refreshes.</p>`;
    },
  };
}

/**
 * An anchor, because the console documents those as buttons. What it does not know it takes out, and then the action would
 * belong to whatever stands before.
 */
function renderVerb({ label, effect, recommended, request }: Offer, endpoint: string): Html {
  const confirmation = readable(`${effect} Go on?`);
  return html`<a class="btn${recommended && ' btn-primary'}" role="button" tabindex="0">${label}</a>${renderCall(endpoint, request, confirmation)}`;
}

function renderCall(endpoint: string, request: object, confirmation?: string): Html {
  // A page replaces the widget's content; a verb's answer comes in a dialog, so that the page it was pressed on stays.
  const asked = confirmation !== undefined && html` display="popup" confirmation="${confirmation}"`;
  return html`<cwdb-action action="call" endpoint="${endpoint}"${asked}>${renderJson(request)}</cwdb-action>`;
}

/**
 * JSON without a character that means something in markup: the same text read either way, so nothing depends on how the
 * console takes it out.
 */
function renderJson(request: object): Html {
  const json = JSON.stringify(request).replace(
    /[<>&'\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return raw(json);
}

/** As the widget's function takes it. */
function requestOf(place: Place): object {
  if (place.page === 'job') return { jobId: place.jobId };
  const { team, kind } = place;
  return { team, kind };
}

function renderField(field: Field): Html {
  const attributes = html`type="text" name="${field}" maxlength="${MAX_LENGTHS[field]}" autocomplete="off"`;
  return html`<label>${FIELD_LABELS[field]} <input ${attributes}></label>`;
}
