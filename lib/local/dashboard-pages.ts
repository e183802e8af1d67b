/**
 * The dashboard's pages: reads what each shows, from the fleet in memory and for one job from the functions, and has
 * `lib/view` render it. It knows the addresses, and nothing of HTTP.
 */
import { jobs } from '../../functions/stores.ts';
import { ATTENTION_KINDS } from '../domain/attention.ts';
import type { Offer, Place } from '../view/actions.ts';
import { type AttentionEntry, renderAttentionList } from '../view/attention-list.ts';
import { COVERAGES } from '../view/coverage.ts';
import { type CoverageFilter, renderCoverage } from '../view/coverage-page.ts';
import { renderFleet } from '../view/fleet.ts';
import { renderControls } from '../view/fleet-control.ts';
import type { FleetVersion } from '../view/fleet-encoding.ts';
import { createFormActions } from '../view/form-actions.ts';
import { type Html, html, renderText } from '../view/html.ts';
import { renderJobPage } from '../view/job-page.ts';
import type { JobView } from '../view/job-view.ts';
import { type Frame, type PageName, renderPage } from '../view/shell.ts';
import { renderConfirmation, renderDone, type VerbAnswer } from '../view/verb-page.ts';
import { SHEETS, scriptAt } from './dashboard-assets.ts';
import { isFleetVerb, type VerbForm } from './dashboard-verbs.ts';
import { SWEEPS_KEPT } from './fleet-flow.ts';
import type { FleetModel } from './fleet-model.ts';
import type { Invoker } from './invoke.ts';

export interface PagesParts {
  model: FleetModel;
  invoker: Invoker;
  /** What every form carries. */
  token: string;
}

type Query = Record<string, string>;

interface PageOptions {
  current?: PageName;
  script?: 'fleet.js';
  /** Where changes of what it shows are told. */
  live?: string;
  /** Of what it shows, where that was read before now. */
  version?: FleetVersion;
}

const HREFS = { fleet: '/', attention: '/attention', coverage: '/coverage' } as const;
const HISTORY_SHOWN = 50;
/** Attention beyond this is counted, and not listed. */
const ATTENTION_SHOWN = 5_000;

const queryOf = (entries: Record<string, string | number | undefined>) => {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(entries))
    if (value !== undefined && value !== '') given.set(name, `${value}`);
  return given.size === 0 ? '' : `?${given}`;
};
const jobHref = (jobId: string) => `/job${queryOf({ id: jobId })}`;
const verbHref = (verb: string) => `/verbs/${verb}`;
const hrefOf = (place: Place) =>
  place.page === 'job' ? jobHref(place.jobId) : `/attention${queryOf({ team: place.team, kind: place.kind })}`;

export class DashboardPages {
  readonly #model: FleetModel;
  readonly #invoker: Invoker;
  readonly #hidden: { token: string };

  constructor({ model, invoker, token }: PagesParts) {
    this.#model = model;
    this.#invoker = invoker;
    this.#hidden = { token };
  }

  fleet(): string {
    const model = this.#read();
    const content = renderFleet({
      counts: model.counts(),
      sweeps: model.flow.sweeps,
      room: SWEEPS_KEPT,
      dataHref: '/fleet.bin',
      jobHref: '/job?id=',
      control: renderControls(model.controls, model.now, { postTo: verbHref, hidden: this.#hidden }),
    });
    return this.#page('Fleet', content, { current: 'fleet', script: 'fleet.js', live: '/live?rows=1' });
  }

  attention(query: Query): string {
    const model = this.#read();
    const kind = ATTENTION_KINDS.find((one) => one === query.kind);
    const entries = findAttention(model);
    const view = {
      entries: entries.slice(0, ATTENTION_SHOWN),
      more: entries.length > ATTENTION_SHOWN,
      filter: { team: query.team, kind },
      at: model.now,
    };
    const content = html`<div id="attention" data-part>${renderAttentionList(view, createFormActions({ hrefOf, postTo }))}</div>`;
    return this.#page('Attention', content, { current: 'attention', live: '/live' });
  }

  coverage(query: Query): string {
    const model = this.#read();
    const coverage = COVERAGES.find((one) => one === query.coverage);
    const page = Math.max(1, Math.floor(Number(query.page)) || 1);
    const content = renderCoverage({
      entries: model.entries().map(({ row, facts }) => ({ row, facts, limits: model.limitsOf(row) })),
      filter: { team: query.team, coverage, page },
      hrefOf: ({ page: number, ...filter }: CoverageFilter) =>
        `/coverage${queryOf({ ...filter, page: number > 1 ? number : undefined })}`,
      jobHrefOf: jobHref,
      at: model.now,
    });
    return this.#page('Coverage', content, { current: 'coverage', live: '/live' });
  }

  async job(jobId: string): Promise<{ found: boolean; page: string }> {
    // Before it is read, so that a change in between is told.
    const version = this.#read().version;
    const explained = await this.#invoker.call<JobView | { error: { message: string } }>('explain', { jobId });
    if ('error' in explained) return { found: false, page: this.failure('No such job', explained.error.message) };
    const history = await jobs().listHistory(jobId, HISTORY_SHOWN + 1);
    const view: JobView = {
      ...explained,
      history: history.slice(0, HISTORY_SHOWN),
      olderHistory: history.length > HISTORY_SHOWN,
      at: this.#model.now,
    };
    const actions = createFormActions({ hrefOf, postTo, hidden: this.#hidden });
    const content = html`<div id="job" data-part>${renderJobPage(view, actions)}</div>`;
    return { found: true, page: this.#page(jobId, content, { live: `/live${queryOf({ job: jobId })}`, version }) };
  }

  confirmation(form: VerbForm, answer: VerbAnswer, fields: Record<string, string>): string {
    const target = { action: verbHref(form.verb), hidden: { ...fields, ...this.#hidden } };
    return this.#page(form.verb, renderConfirmation(viewOf(form, answer), target));
  }

  done(form: VerbForm, answer: VerbAnswer): string {
    return this.#page(form.verb, renderDone(viewOf(form, answer)));
  }

  failure(title: string, message: string): string {
    const content = html`<h1>${title}</h1><p class="panel bad" role="alert">${renderText(message)}</p><p><a href="/">To the fleet</a></p>`;
    return this.#page(title, content);
  }

  #read(): FleetModel {
    this.#model.sync();
    return this.#model;
  }

  #page(title: string, content: Html, { current, script, live, version }: PageOptions = {}): string {
    const model = this.#read();
    const { run, revision } = version ?? model.version;
    const frame: Frame = {
      title,
      ...(current && { current }),
      hrefs: HREFS,
      sheets: SHEETS,
      scripts: [scriptAt('live.js'), ...(script ? [scriptAt(script)] : [])],
      attention: findAttention(model).length,
      controls: model.controls,
      sweptAt: model.sweptAt,
      loading: model.loading,
      ...(live !== undefined && { live: { address: live, revision: `${run}:${revision}` } }),
      at: model.now,
    };
    return renderPage(frame, content).toString();
  }
}

function postTo({ verb }: Offer): string {
  return verbHref(verb);
}

function viewOf(form: VerbForm, answer: VerbAnswer) {
  const jobId = isFleetVerb(form) ? undefined : (form.jobId ?? '');
  return { verb: form.verb, jobId, backHref: jobId === undefined ? HREFS.fleet : jobHref(jobId), answer };
}

/** Most urgent first, longest first within a kind. */
function findAttention(model: FleetModel): AttentionEntry[] {
  const found = model
    .entries()
    .flatMap(({ row: { jobId, team, phase, held, attention } }) =>
      attention ? [{ jobId, team, phase, held, attention }] : [],
    );
  const urgency = ({ attention }: AttentionEntry) => ATTENTION_KINDS.indexOf(attention.kind);
  return found.sort((a, b) => urgency(a) - urgency(b) || (a.attention.since < b.attention.since ? -1 : 1));
}
