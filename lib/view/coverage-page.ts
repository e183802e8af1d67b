/**
 * The coverage page: for each team how much of its fleet has evidence, and below it job by job which system landed when,
 * what was compared, and what is missing. Nothing but compared and matching evidence is drawn as well, so what is silent
 * stands out. Bounded, and it says what it does not show.
 */
import type { Phase } from '../domain/phases.ts';
import { describeSeconds, type Instant, toInstant, toMs } from '../domain/time.ts';
import { COVERAGES, type Coverage, type CoverageLimits, type EvidenceFacts, freshnessOf } from './coverage.ts';
import type { FleetRow } from './fleet-row.ts';
import {
  type Content,
  type Html,
  html,
  renderBadge,
  renderInstant,
  renderName,
  renderPhase,
  renderTable,
  renderText,
  type Tone,
} from './html.ts';

export interface CoverageEntry {
  row: FleetRow;
  facts: EvidenceFacts | undefined;
  limits: CoverageLimits | undefined;
}

export interface CoverageFilter {
  team?: string | undefined;
  coverage?: Coverage | undefined;
  page: number;
}

export interface CoverageView {
  entries: readonly CoverageEntry[];
  filter: CoverageFilter;
  hrefOf: (filter: CoverageFilter) => string;
  jobHrefOf: (jobId: string) => string;
  at: Instant;
}

const COVERAGE_LABELS: Record<Coverage, { tone: Tone; meaning: string }> = {
  mismatching: { tone: 'bad', meaning: 'both land, and differ' },
  missing: { tone: 'silent', meaning: 'nothing has landed, or no policy says what is wanted' },
  'one-sided': { tone: 'silent', meaning: 'one system lands, and the other does not' },
  stale: { tone: 'silent', meaning: 'older than the policy allows' },
  incomparable: { tone: 'silent', meaning: 'both land, with other algorithms or inputs' },
  'not-compared': { tone: 'plain', meaning: 'one system runs, and nobody compares' },
  paired: { tone: 'good', meaning: 'both land, and match' },
};

const TEAMS_SHOWN = 50;
const JOBS_PER_PAGE = 50;
const BAR_WIDTH = 420;

export function renderCoverage(view: CoverageView): Html {
  const { entries, filter, hrefOf } = view;
  const ofTeam = entries.filter(({ row }) => filter.team === undefined || row.team === filter.team);
  const counts = countCoverages(ofTeam);
  const choose = (coverage: Coverage | undefined, label: Content, count: number) =>
    html`<li><a href="${hrefOf({ ...filter, coverage, page: 1 })}"${filter.coverage === coverage && html` aria-current="true"`}>${label} (${count.toLocaleString('en-US')})</a></li>`;
  return html`<h1>Coverage</h1>
<p class="lead">What evidence there is, whatever it says. ${describeSilence(counts, ofTeam.length)}</p>
<section id="teams" data-part aria-label="Teams">${renderTeams(view)}</section>
<section id="jobs" data-part aria-label="Jobs"><h2>${filter.team === undefined ? 'Every team' : renderText(filter.team)}</h2>
<nav aria-label="Kinds of evidence"><ul class="filters">${choose(undefined, 'all', ofTeam.length)}
${COVERAGES.map((coverage) => choose(coverage, coverage, counts[coverage]))}</ul></nav>
${renderJobs(
  view,
  ofTeam.filter(({ row }) => filter.coverage === undefined || row.coverage === filter.coverage),
)}</section>`;
}

type Counts = Record<Coverage, number>;

function countCoverages(entries: readonly CoverageEntry[]): Counts {
  const counts = Object.fromEntries(COVERAGES.map((coverage) => [coverage, 0])) as Counts;
  for (const { row } of entries) counts[row.coverage] += 1;
  return counts;
}

function silentOf(counts: Counts): number {
  return counts.missing + counts['one-sided'] + counts.stale + counts.incomparable;
}

function describeSilence(counts: Counts, total: number): string {
  const silent = silentOf(counts);
  if (total === 0) return 'There are no jobs.';
  return `${silent.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} jobs are silent, ${counts.paired.toLocaleString('en-US')} are compared and match.`;
}

/** Most silence first. */
function renderTeams({ entries, filter, hrefOf }: CoverageView): Html {
  const teams = [...Map.groupBy(entries, ({ row }) => row.team)]
    .map(([team, of]) => ({ team, total: of.length, counts: countCoverages(of) }))
    .sort((a, b) => silentOf(b.counts) - silentOf(a.counts) || b.total - a.total || (a.team < b.team ? -1 : 1));
  const shown = teams.filter(({ team }, index) => index < TEAMS_SHOWN || team === filter.team);
  const rows = shown.map(({ team, total, counts }) => [
    html`<a href="${hrefOf({ team: team === filter.team ? undefined : team, page: 1 })}"${team === filter.team && html` aria-current="true"`}>${renderText(team)}</a>`,
    total.toLocaleString('en-US'),
    renderBar(counts, total),
    silentOf(counts).toLocaleString('en-US'),
    counts.mismatching.toLocaleString('en-US'),
    counts.paired.toLocaleString('en-US'),
  ]);
  return html`${renderTable('Coverage by team', ['team', 'jobs', 'evidence', 'silent', 'mismatching', 'paired'], rows)}
${teams.length > shown.length && html`<p class="faint">and ${teams.length - shown.length} teams with less silence</p>`}`;
}

function renderBar(counts: Counts, total: number): Html {
  let at = 0;
  const parts = COVERAGES.filter((coverage) => counts[coverage] > 0).map((coverage) => {
    const width = Math.round((counts[coverage] / total) * BAR_WIDTH * 100) / 100;
    const part = html`<rect class="${coverage}" x="${at}" y="1" width="${Math.max(0, width - 1)}" height="12"><title>${coverage}: ${counts[coverage]}</title></rect>`;
    at += width;
    return part;
  });
  const text = COVERAGES.filter((coverage) => counts[coverage] > 0).map(
    (coverage) => `${counts[coverage]} ${coverage}`,
  );
  return html`<svg class="share" viewBox="0 0 ${BAR_WIDTH} 14" role="img" aria-label="${text.join(', ')}">${parts}</svg>`;
}

function renderJobs(view: CoverageView, entries: readonly CoverageEntry[]): Html {
  const { filter, hrefOf, at } = view;
  const pages = Math.max(1, Math.ceil(entries.length / JOBS_PER_PAGE));
  const page = Math.min(filter.page, pages);
  const order = (coverage: Coverage) => COVERAGES.indexOf(coverage);
  const shown = [...entries]
    .sort((a, b) => order(a.row.coverage) - order(b.row.coverage))
    .slice((page - 1) * JOBS_PER_PAGE, page * JOBS_PER_PAGE);
  const rows = shown.map(({ row, facts, limits }) => [
    html`<a href="${view.jobHrefOf(row.jobId)}">${renderName(row.jobId)}</a>`,
    renderPhase(row.phase),
    html`<span title="${COVERAGE_LABELS[row.coverage].meaning}">${renderBadge(row.coverage, COVERAGE_LABELS[row.coverage].tone)}</span>`,
    renderSide('old', row.phase, facts, limits, at),
    renderSide('new', row.phase, facts, limits, at),
    facts?.comparedAt === undefined
      ? html`<span class="faint">never</span>`
      : renderInstant(toInstant(facts.comparedAt), at),
    renderMatching(row, facts, limits),
  ]);
  const to = (number: number, label: string) =>
    number >= 1 && number <= pages && html` <a href="${hrefOf({ ...filter, page: number })}">${label}</a>`;
  return html`${renderTable('Coverage by job', ['job', 'phase', 'evidence', 'old landed', 'new landed', 'compared', 'matching'], rows)}
${pages > 1 && html`<p>Page ${page} of ${pages}${to(page - 1, 'previous')}${to(page + 1, 'next')}</p>`}`;
}

function renderSide(
  system: 'old' | 'new',
  phase: Phase,
  facts: EvidenceFacts | undefined,
  limits: CoverageLimits | undefined,
  at: Instant,
): Html {
  const landedAt = system === 'old' ? facts?.oldAt : facts?.newAt;
  const freshness = limits ? freshnessOf(system, phase, facts, limits, toMs(at)) : 'never';
  if (freshness === 'idle') return html`<span class="faint">does not run</span>`;
  if (landedAt === undefined) return renderBadge('never', 'silent');
  const age = `${describeSeconds((toMs(at) - landedAt) / 1000)} ago`;
  return freshness === 'stale'
    ? renderBadge(age, 'silent')
    : html`<time datetime="${toInstant(landedAt)}">${age}</time>`;
}

/** Of the present epoch: what was gathered before it counts no more. */
function renderMatching(
  { phase, epoch }: FleetRow,
  facts: EvidenceFacts | undefined,
  limits: CoverageLimits | undefined,
): Html {
  if (phase !== 'shadow' && phase !== 'reverse-shadow') return html`<span class="faint">&ndash;</span>`;
  const matching = facts !== undefined && facts.epoch === epoch ? facts.matching : 0;
  return html`<span class="figure">${matching}</span>${limits && html`<span class="faint"> of ${limits.minPairs}</span>`}${facts && facts.mismatches > 0 && html`, ${renderBadge(`${facts.mismatches} differ`, 'bad')}`}`;
}
