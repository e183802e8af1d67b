/**
 * The job page: one job as its next sweep would see it. What is decided and what it waits for come first, then what can be
 * done, then the numbers, then what happened. Rendered for both consoles; the parts that are long have files of their own.
 */
import type { Decision } from '../domain/decision.ts';
import { NEEDS, type Need } from '../domain/phases.ts';
import { describeSeconds, secondsBetween } from '../domain/time.ts';
import type { Outcome, Verdict } from '../domain/verdict.ts';
import type { Actions } from './actions.ts';
import type { Tone } from './html.ts';
import {
  type Html,
  html,
  renderBadge,
  renderInstant,
  renderName,
  renderPanel,
  renderPhase,
  renderScroll,
  renderTable,
  renderText,
} from './html.ts';
import { renderEvidence } from './job-evidence.ts';
import { renderHistory } from './job-history.ts';
import { renderNotes } from './job-notes.ts';
import { renderPartitions } from './job-partitions.ts';
import type { JobView } from './job-view.ts';
import { describeNextVerb, planOffers } from './offers.ts';
import { planSpans, renderTimeline } from './timeline-chart.ts';

export function renderJobPage(view: JobView, actions: Actions): Html {
  const offers = planOffers(view);
  const advised = describeNextVerb(offers);
  const { team } = view.job;
  const all = actions.link({ page: 'attention' }, 'All that need attention');
  const ofTeam = actions.link({ page: 'attention', team }, html`team ${renderText(team)}`);
  return html`<article class="job">
<p>${all} <span aria-hidden="true">/</span> ${ofTeam}</p>
<h2>${renderName(view.job.jobId)} ${renderPhase(view.job.phase)}</h2>
${renderState(view)}
${renderDecision(view)}
${renderNotes(view)}
<h3>What can be done</h3>
<p>${advised === undefined ? 'Nothing has to be done by hand now.' : html`Advised: ${renderText(advised)}`}</p>
${offers.length > 0 && actions.offer(offers)}
<h3>Phases</h3>
${renderScroll('Phases', renderTimeline(planSpans(view)))}
${renderVerdicts(view.decision.verdicts)}
${renderEvidence(view)}
${renderPartitions(view)}
${renderHistory(view)}
</article>`;
}

function renderState({ job, policy, at }: JobView): Html {
  const facts = [
    html`in ${job.phase} since ${renderInstant(job.phaseSince, at)}, for ${describeSeconds(secondsBetween(job.phaseSince, at))}`,
    html`policy ${renderText(policy.name)} (${policy.automation}, ${policy.hash})`,
    html`wave ${job.wave}`,
    html`integration ${job.integration}`,
    job.awaitingOld && html`the old system was stopped, and has not landed since`,
    job.cooldownUntil !== undefined &&
      job.cooldownUntil > at &&
      html`cooling down until ${renderInstant(job.cooldownUntil, at)}`,
    job.baseline &&
      html`held against the old system's medians of ${job.baseline.pairs} pairs, frozen at ${renderInstant(job.baseline.frozenAt, at)}`,
  ].filter((fact) => fact !== false && fact !== undefined);
  return html`<p class="faint">${facts.map((fact, index) => html`${index > 0 && '; '}${fact}`)}</p>`;
}

/** Every need has words of its own; the verdicts below say the rest of these two. */
const SAID_BY_VERDICTS: ReadonlySet<Need> = new Set(['criteria-pass', 'baseline-holds']);

const TONES: Record<Decision['kind'], Tone> = { promote: 'good', demote: 'bad', hold: 'warn' };

function renderDecision({ decision }: JobView): Html {
  const { kind, to, reason, message, unmet } = decision;
  const headline = {
    promote: `Ready for ${to}: the next sweep promotes it when there is room`,
    demote: `To be demoted to ${to} by the next sweep`,
    hold: to === undefined ? `Stays in ${decision.from}` : `Not moved to ${to}`,
  }[kind];
  const tone = TONES[kind];
  const waits = unmet.map(
    ({ need, message: why }) =>
      html`<li>${NEEDS[need]}${!SAID_BY_VERDICTS.has(need) && html`: <span class="faint">${renderText(why)}</span>`}</li>`,
  );
  const why = waits.length > 0 ? html`<p>It waits until:</p><ul>${waits}</ul>` : html`<p>${renderText(message)}</p>`;
  return renderPanel(tone, html`<strong>${headline}</strong> <span class="faint">(${reason})</span>${why}`);
}

const OUTCOME_TONES: Record<Outcome, Tone> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warn',
  missing: 'silent',
  'not-applicable': 'plain',
};

function renderVerdicts(verdicts: readonly Verdict[]): Html {
  if (verdicts.length === 0) return html`<h3>Verdicts</h3><p class="faint">Nothing is judged in this phase.</p>`;
  const rows = verdicts.map(({ criterion, outcome, message, sample, partitions = [] }) => [
    renderBadge(outcome, OUTCOME_TONES[outcome]),
    html`<strong>${criterion}</strong>`,
    renderText(message),
    html`<span class="figure">${sample.pairs}</span> of ${sample.needed}`,
    partitions.map((partition, index) => html`${index > 0 && ', '}${renderName(partition)}`),
  ]);
  const heads = ['outcome', 'criterion', 'what was seen, and what is allowed', 'pairs', 'about'];
  return html`<h3>Verdicts</h3>${renderTable('Verdicts', heads, rows)}`;
}
