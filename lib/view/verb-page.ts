/**
 * What a verb would do, to be confirmed, and what it did: the two pages between a button and the job. Pure; the local
 * dashboard calls the verb's function and hands its answer over.
 */
import type { Job } from '../domain/job.ts';
import type { TransitionRecord } from '../domain/transition.ts';
import { type Html, html, moment, renderName, renderPhase, renderText } from './html.ts';

/** The parts of a verb's answer that people are shown. */
export interface VerbAnswer {
  ok: boolean;
  code?: string | undefined;
  message?: string | undefined;
  job?: Job | undefined;
  transition?: TransitionRecord | undefined;
  transitions?: readonly TransitionRecord[] | undefined;
  unmet?: readonly { need: string; message: string }[] | undefined;
  next?: string | undefined;
  /** What the fleet's history says of a verb on the fleet. */
  record?: { message: string } | undefined;
}

export interface VerbView {
  verb: string;
  /** The job, or nothing where the verb is about the whole fleet. */
  jobId: string | undefined;
  backHref: string;
  answer: VerbAnswer;
}

/** @param form the request once more, with the id that makes it one step however often it is sent. */
export function renderConfirmation(view: VerbView, form: { action: string; hidden: Record<string, string> }): Html {
  const { verb, answer } = view;
  const blocked = !answer.ok || (answer.unmet?.length ?? 0) > 0;
  return html`<section class="verb-page"><h1>${nameOf(view)}?</h1>
${blocked ? renderRefusal(answer) : html`<div class="panel">${renderOutcome(answer, true)}</div>`}
${
  !blocked &&
  html`<form method="post" action="${form.action}">${Object.entries(form.hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<p>Recorded as ${renderText(form.hidden.actor ?? '')}: ${renderText(form.hidden.reason ?? '')}</p>
<button class="btn btn-primary" type="submit">${capital(verb)}</button></form>`
}
<p><a href="${view.backHref}">${blocked ? 'Back' : 'No, back'}</a></p></section>`;
}

export function renderDone(view: VerbView): Html {
  const { answer } = view;
  return html`<section class="verb-page"><h1>${nameOf(view)}: ${answer.ok ? 'done' : 'refused'}</h1>
${answer.ok ? html`<div class="panel good" role="status">${renderOutcome(answer, false)}</div>` : renderRefusal(answer)}
<p><a href="${view.backHref}">${view.jobId === undefined ? 'To the fleet' : 'To the job'}</a></p></section>`;
}

function nameOf({ verb, jobId }: VerbView): Html {
  return html`${capital(verb)} ${jobId === undefined ? 'the fleet' : renderName(jobId)}`;
}

function renderRefusal({ code, message, unmet = [] }: VerbAnswer): Html {
  return html`<div class="panel bad" role="alert"><p>${code === undefined ? 'It would be refused.' : html`Refused (${code}): ${renderText(message ?? '')}`}</p>
${unmet.length > 0 && html`<ul>${unmet.map(({ need, message: why }) => html`<li>${need}: ${renderText(why)}</li>`)}</ul>`}</div>`;
}

function renderOutcome({ job, transition, transitions, next, record }: VerbAnswer, dry: boolean): Html {
  const steps = transitions ?? (transition ? [transition] : []);
  const [first] = steps;
  const hold = job?.hold;
  return html`${first && html`<p>${renderName(first.jobId)} ${dry ? 'would go' : 'went'} ${renderPhase(first.from)}${steps.map(({ to }) => html` &rarr; ${renderPhase(to)}`)}</p>`}
${!first && job && html`<p>${renderName(job.jobId)} ${dry ? 'would be' : 'is'} in ${renderPhase(job.phase)}, epoch ${job.epoch}, ${hold ? html`held (${hold.scope}) by ${renderText(hold.actor)}${hold.until !== undefined && ` until ${moment(hold.until)}`}: ${renderText(hold.reason)}` : 'not held'}.</p>`}
${record && html`<p>${renderText(record.message)}</p>`}
${next !== undefined && html`<p>${renderText(capital(next))}.</p>`}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
