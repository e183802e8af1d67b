/**
 * The phases that a job went through, as a chart: a lane for each phase, time from left to right, so that a promotion goes
 * down a step and a demotion comes back up. Made of the history; pure SVG.
 */
import { scaleUtc } from 'd3-scale';
import { PHASES, type Phase } from '../domain/phases.ts';
import { describeSeconds, type Instant, secondsBetween, toMs } from '../domain/time.ts';
import { type HistoryRecord, isTransition, type TransitionRecord } from '../domain/transition.ts';
import { type Html, html, moment } from './html.ts';
import type { JobView } from './job-view.ts';

export interface PhaseSpan {
  phase: Phase;
  from: Instant;
  to: Instant;
}

/** In time order, the last up to now. Begins with the registration, or where the history that was read begins. */
export function planSpans({ job, history, olderHistory, at }: JobView): PhaseSpan[] {
  const changes = withLast(history, job.lastTransition).filter(isTransition);
  const [first] = changes;
  if (!first) return [{ phase: job.phase, from: job.registeredAt, to: at }];
  const begins = changes.map(({ to, at: from }) => ({ phase: to, from }));
  const spans = olderHistory ? begins : [{ phase: first.from, from: job.registeredAt }, ...begins];
  return spans.map((span, index) => ({ ...span, to: spans[index + 1]?.from ?? at }));
}

/** The newest record may not have its copy in the history yet. Oldest first. */
function withLast(history: readonly HistoryRecord[], last: TransitionRecord | undefined): HistoryRecord[] {
  const known = history.some(({ version }) => version === last?.version);
  return [...history, ...(last && !known ? [last] : [])].sort((a, b) => a.version - b.version);
}

const WIDTH = 760;
const LEFT = 110;
/** Half a date's width is left of the edge, so that a label of the last day is whole. */
const RIGHT = WIDTH - 24;
const LANE = 24;
const BAR = 14;
const HEIGHT = PHASES.length * LANE + 22;
/** A phase of a minute in a year is seen, too. */
const LEAST_BAR = 3;

export function renderTimeline(spans: readonly PhaseSpan[]): Html {
  const [first, last] = [spans[0], spans.at(-1)];
  if (!first || !last) return html``;
  const x = scaleUtc()
    .domain([toMs(first.from), Math.max(toMs(last.to), toMs(first.from) + 1)])
    .range([LEFT, RIGHT]);
  const daysShown = secondsBetween(first.from, last.to) / 86_400;
  const told = spans.map(({ phase, from }) => `${phase} from ${moment(from)}`).join(', ');
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Phases: ${told}">
${PHASES.map((phase) => renderLane(phase))}
${x.ticks(5).map((tick) => renderTick(nameTick(tick.toISOString(), daysShown), round(x(tick))))}
${spans.map((span) => renderSpan(span, x(toMs(span.from)), x(toMs(span.to))))}
</svg>`;
}

function renderLane(phase: Phase): Html {
  const y = middleOf(phase);
  return html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/><text x="0" y="${y + 4}">${phase}</text>`;
}

function renderTick(label: string, x: number): Html {
  return html`<text x="${x}" y="${HEIGHT - 4}" text-anchor="middle">${label}</text>`;
}

function renderSpan({ phase, from, to }: PhaseSpan, x: number, end: number): Html {
  const width = round(Math.max(LEAST_BAR, end - x));
  const title = `${phase}: ${moment(from)}, for ${describeSeconds(secondsBetween(from, to))}`;
  return html`<rect class="phase ${phase}" x="${round(x)}" y="${middleOf(phase) - BAR / 2}" width="${width}" height="${BAR}" rx="2"><title>${title}</title></rect>`;
}

function middleOf(phase: Phase): number {
  return PHASES.indexOf(phase) * LANE + LANE / 2;
}

/** As the tables write instants: as much of one as tells the ticks apart. */
function nameTick(at: Instant, daysShown: number): string {
  if (daysShown > 300) return at.slice(0, 7);
  if (daysShown < 1 / 24) return at.slice(11, 19);
  return daysShown > 5 ? at.slice(5, 10) : at.slice(5, 16).replace('T', ' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
