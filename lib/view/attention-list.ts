/**
 * The attention list: every job that a person should look at, worst first, grouped by kind and cause, since one cause often
 * has many jobs. Bounded, and it says what it does not show. Rendered for both consoles from what `listAttention` of the
 * controller has read.
 */
import { ATTENTION_KINDS, type AttentionKind } from '../domain/attention.ts';
import type { Attention, Job } from '../domain/job.ts';
import type { Instant } from '../domain/time.ts';
import type { Actions } from './actions.ts';
import {
  type Html,
  html,
  renderBadge,
  renderInstant,
  renderName,
  renderPanel,
  renderPhase,
  renderTable,
  renderText,
} from './html.ts';

export type AttentionEntry = Pick<Job, 'jobId' | 'team' | 'phase'> & { held: boolean; attention: Attention };

export interface AttentionView {
  /** All that were read, whatever the filter is; most urgent first, longest first within a kind. */
  entries: readonly AttentionEntry[];
  /** There may be more than were read. */
  more: boolean;
  filter: AttentionFilter;
  at: Instant;
}

export interface AttentionFilter {
  team?: string | undefined;
  kind?: AttentionKind | undefined;
}

const GROUPS_SHOWN = 20;
const JOBS_SHOWN = 10;
const TEAMS_SHOWN = 12;

export function renderAttentionList(view: AttentionView, actions: Actions): Html {
  const shown = view.entries.filter(passes(view.filter));
  const groups = groupByCause(shown);
  const hidden = groups.slice(GROUPS_SHOWN);
  return html`<section class="attention"><h2>Attention</h2>
<p>${describeCount(view, shown.length)} <span class="faint">As the last sweep left it; read ${renderInstant(view.at, view.at)}.</span></p>
${view.more && renderMore(view)}
${renderFilters(view, actions)}
${groups.slice(0, GROUPS_SHOWN).map((group) => renderGroup(group, view, actions))}
${hidden.length > 0 && renderHidden(hidden)}
</section>`;
}

function renderMore({ entries }: AttentionView): Html {
  const message = `More jobs need a person than were read here: a count is of the ${entries.length} that were.`;
  return renderPanel('warn', html`${message} <code>crossfade attention --kind KIND --limit 1000</code> lists them.`);
}

function renderHidden(groups: readonly Group[]): Html {
  const jobs = countJobs(groups.flatMap(({ entries }) => entries).length);
  return html`<p class="faint">${jobs} with ${groups.length} other causes are not shown: choose a kind or a team.</p>`;
}

interface Group {
  kind: AttentionKind;
  cause: string;
  entries: AttentionEntry[];
}

/** Most urgent kind first; within it the cause with the most jobs, because mending it helps most. */
function groupByCause(entries: readonly AttentionEntry[]): Group[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const { kind, cause } = entry.attention;
    const key = `${kind} ${cause}`;
    const group = groups.get(key) ?? { kind, cause, entries: [] };
    group.entries.push(entry);
    groups.set(key, group);
  }
  return [...groups.values()].sort(
    (a, b) =>
      ATTENTION_KINDS.indexOf(a.kind) - ATTENTION_KINDS.indexOf(b.kind) ||
      b.entries.length - a.entries.length ||
      (a.cause < b.cause ? -1 : 1),
  );
}

export function renderAttentionKind(kind: AttentionKind): Html {
  return renderBadge(kind, URGENT.has(kind) ? 'bad' : 'warn');
}

/** Data may be wrong, or what was begun is not finished. */
const URGENT: ReadonlySet<AttentionKind> = new Set(['split-writer', 'regressing', 'hook-failed']);

function renderGroup({ kind, cause, entries }: Group, { at }: AttentionView, actions: Actions): Html {
  const rows = entries
    .slice(0, JOBS_SHOWN)
    .map(({ jobId, team, phase, held, attention }) => [
      actions.link({ page: 'job', jobId }, renderName(jobId)),
      renderText(team),
      html`${renderPhase(phase)}${held && html` ${renderBadge('held', 'plain')}`}`,
      renderInstant(attention.since, at),
    ]);
  const rest = entries.length - rows.length;
  return html`<h3>${renderAttentionKind(kind)} ${renderText(cause)} <span class="faint">${countJobs(entries.length)}</span></h3>
${renderTable(`${kind}: ${countJobs(entries.length)}`, ['job', 'team', 'phase', 'since'], rows)}
${rest > 0 && html`<p class="faint">and ${rest} more with this cause</p>`}`;
}

/** A choice shows how many jobs it leaves, given the other filter. */
function renderFilters({ entries, filter }: AttentionView, actions: Actions): Html {
  const { team, kind } = filter;
  const ofTeam = entries.filter(passes({ team }));
  const ofKind = entries.filter(passes({ kind }));
  const counted = [...countBy(ofKind, (entry) => entry.team)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  // The team that is chosen stays in sight, also when no job of it is left.
  const teams = counted.filter(([name], index) => index < TEAMS_SHOWN || name === team);
  const kinds = countBy(ofTeam, (entry) => entry.attention.kind);
  const choose = (chosen: AttentionFilter, label: Html | string, count: number) =>
    html`<li>${actions.link({ page: 'attention', ...chosen }, html`${label} (${count})`, {
      current: chosen.team === team && chosen.kind === kind,
    })}</li>`;
  return html`<nav aria-label="Filters"><ul class="filters">
${choose({ team }, 'every kind', ofTeam.length)}
${ATTENTION_KINDS.filter((one) => kinds.has(one) || one === kind).map((one) => choose({ team, kind: one }, one, kinds.get(one) ?? 0))}
</ul><ul class="filters">
${choose({ kind }, 'every team', ofKind.length)}
${teams.map(([name, count]) => choose({ team: name, kind }, renderText(name), count))}
${team !== undefined && !teams.some(([name]) => name === team) && choose({ team, kind }, renderText(team), 0)}
${counted.length > teams.length && html`<li class="faint">and ${counted.length - teams.length} more teams</li>`}
</ul></nav>`;
}

function describeCount({ entries, filter, more }: AttentionView, shown: number): Html {
  const filtered = filter.team !== undefined || filter.kind !== undefined;
  if (filtered) return html`${countJobs(shown)} of ${entries.length} that need a person.`;
  if (shown > 0) return html`${more && 'At least '}${countJobs(shown)} ${shown === 1 ? 'needs' : 'need'} a person.`;
  return html`No job needs a person.`;
}

function passes({ team, kind }: AttentionFilter) {
  return (entry: AttentionEntry) =>
    (team === undefined || entry.team === team) && (kind === undefined || entry.attention.kind === kind);
}

function countBy<K>(entries: readonly AttentionEntry[], keyOf: (entry: AttentionEntry) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const entry of entries) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1);
  return counts;
}

function countJobs(count: number): string {
  return count === 1 ? '1 job' : `${count.toLocaleString('en-US')} jobs`;
}
