/**
 * The fleet page: the flow between the phases, and below it every job as one cell. The cells are drawn by the browser
 * (`lib/browser/fleet.js`) from the encoded fleet; what this renders is their frame, the filter and the legend, so that the
 * words and the order of the states are said once, here.
 */
import { PHASES } from '../domain/phases.ts';
import type { FlowView } from './fleet-flow.ts';
import { renderFlow } from './fleet-flow.ts';
import { FLEET_STATES, STATE_LABELS } from './fleet-row.ts';
import { type Html, html } from './html.ts';

export interface FleetView extends FlowView {
  /** Where the encoded fleet is, and a job's page but for its id. */
  dataHref: string;
  jobHref: string;
  /** Pauses or resumes the fleet. */
  control: Html;
}

export function renderFleet(view: FleetView): Html {
  return html`<h1 class="sr">Fleet</h1>
<section class="flows" id="flow" data-part aria-label="Flow through the phases">${renderFlow(view)}</section>
<section class="fleet" data-fleet="${view.dataHref}" data-job="${view.jobHref}" aria-label="Every job">
<form class="filter" role="search">
<label>Find <input type="search" name="text" maxlength="256" placeholder="job or team" autocomplete="off" spellcheck="false"></label>
<label>Team <select name="team"><option value="">every team</option></select></label>
<label>Wave <select name="wave"><option value="">every wave</option></select></label>
<output class="matches" aria-live="polite"></output>
</form>
<fieldset class="legend"><legend class="sr">States</legend>${FLEET_STATES.map((state, place) => {
    const { label, meaning } = STATE_LABELS[state];
    return html`<button type="button" aria-pressed="false" data-state="${place}" title="${meaning}"><span class="swatch ${state}" aria-hidden="true"></span>${label} <span class="count"></span><span class="sr">: ${meaning}</span></button>`;
  })}</fieldset>
<noscript><p class="panel warn">Every job as a cell needs the page's script. Attention and Coverage do without.</p></noscript>
<p class="sr" id="field-help">Arrow keys move from job to job, Page Up and Page Down by twenty, Home and End to the first and last. Enter opens the job.</p>
<div class="field">${PHASES.map(
    (phase) => html`<div class="column" data-phase="${phase}"><h2>${phase} <span class="count"></span></h2>
<canvas role="application" aria-label="Jobs in ${phase}" aria-describedby="field-help" data-phase="${phase}" hidden></canvas></div>`,
  )}</div>
<div class="inspector" role="status"><p class="faint">One cell is one job. Point at it, or walk with the arrow keys.</p></div>
<div class="found" hidden><h2>Found</h2><ol></ol><p class="faint"></p></div>
</section>
${view.control}`;
}
