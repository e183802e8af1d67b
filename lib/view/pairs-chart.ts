/**
 * Old against new, pair by pair, as a chart: both systems' figures of each partition in time order, a gap where a side has
 * none, and below them what each pair came to. Made of the evidence's window; pure SVG.
 */
import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { Pair, PairOutcome } from '../domain/evidence/pair.ts';
import { SYSTEMS, type System } from '../domain/phases.ts';
import { figure, type Html, html, readable, type Tone } from './html.ts';

/** What is compared: both sides' figure of a pair, and how it is said. */
export interface Measure {
  name: string;
  figureOf(pair: Pair, side: System): number | undefined;
  say(value: number): string;
  /** For the axis, which has round numbers of one unit; the smallest first. */
  units: readonly [Unit, ...Unit[]];
  /** Horizontal lines: a deadline, a frozen baseline. */
  limits?: readonly { label: string; value: number }[];
}

export interface Unit {
  name: string;
  size: number;
}

export const OUTCOME_TONES: Record<PairOutcome, Tone> = {
  match: 'good',
  mismatch: 'bad',
  excused: 'warn',
  incomparable: 'warn',
  'old-only': 'silent',
  'new-only': 'silent',
  none: 'silent',
};

const WIDTH = 760;
const LEFT = 70;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 150;
const STRIP = 160;
const HEIGHT = 196;
/** Room above the highest value. */
const HEADROOM = 1.05;
const NAMES_SHOWN = 6;
const NAME_LENGTH = 16;

/** `undefined` where fewer than two pairs have a figure: that is no line. */
export function renderPairsChart(measure: Measure, newestFirst: readonly Pair[]): Html | undefined {
  const pairs = [...newestFirst].sort((a, b) => (a.partition < b.partition ? -1 : 1));
  const figures = pairs.map((pair) =>
    SYSTEMS.map((side) => measure.figureOf(pair, side)).filter((value) => value !== undefined),
  );
  if (figures.filter((sides) => sides.length > 0).length < 2) return undefined;
  const limits = measure.limits ?? [];
  const most = Math.max(...figures.flat(), ...limits.map(({ value }) => value));
  const unit = measure.units.findLast(({ size }) => most >= 2 * size) ?? measure.units[0];
  const axis = scaleLinear([0, most > 0 ? (HEADROOM * most) / unit.size : 1], [BOTTOM, TOP]).nice(4);
  const y = (value: number) => round(axis(value / unit.size));
  const at = scalePoint(pairs.keys(), [LEFT, WIDTH - RIGHT]).padding(0.5);
  const x = (index: number) => round(at(index) ?? LEFT);
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${describeChart(measure, pairs)}">
${axis.ticks(4).map((tick) => renderTick(`${figure(tick)} ${unit.name}`, round(axis(tick))))}
${limits.map(({ label, value }) => renderLine('limit', y(value), html`<title>${label}: ${measure.say(value)}</title>`))}
${SYSTEMS.map((side) => renderSide(side, measure, pairs, x, y))}
${pairs.map((pair, index) => renderOutcome(pair, x(index)))}
${pairs.map((pair, index) => index % Math.ceil(pairs.length / NAMES_SHOWN) === 0 && renderPartition(pair, x(index)))}
</svg>${renderKey(measure)}</figure>`;
}

function renderTick(label: string, y: number): Html {
  return html`${renderLine('grid', y)}<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${label}</text>`;
}

function renderLine(kind: 'grid' | 'limit', y: number, title?: Html): Html {
  return html`<line class="${kind}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}">${title}</line>`;
}

function renderOutcome({ partition, outcome }: Pair, x: number): Html {
  const title = html`<title>${readable(partition)}: ${outcome}</title>`;
  return html`<rect class="outcome ${OUTCOME_TONES[outcome]}" x="${x - 4}" y="${STRIP}" width="8" height="8">${title}</rect>`;
}

function renderPartition({ partition }: Pair, x: number): Html {
  return html`<text x="${x}" y="${HEIGHT - 8}" text-anchor="middle">${shorten(partition)}</text>`;
}

function renderKey({ limits = [], say }: Measure): Html {
  const sides = SYSTEMS.map((side) => html`<span class="key ${side}" aria-hidden="true"></span>${side} `);
  const lines = limits.map(({ label, value }) => html`(dotted: ${label} ${say(value)}) `);
  return html`<figcaption class="faint">${sides}${lines}&middot; below: what each pair came to</figcaption>`;
}

function renderSide(
  side: System,
  measure: Measure,
  pairs: readonly Pair[],
  x: (index: number) => number,
  y: (value: number) => number,
): Html {
  const path = line<Pair>()
    .defined((pair) => measure.figureOf(pair, side) !== undefined)
    .x((_, index) => x(index))
    .y((pair) => y(measure.figureOf(pair, side) ?? 0));
  return html`<path class="${side}" d="${path([...pairs]) ?? ''}"/>${pairs.map((pair, index) => {
    const value = measure.figureOf(pair, side);
    if (value === undefined) return false;
    const title = html`<title>${readable(pair.partition)}: ${side} ${measure.say(value)}</title>`;
    return html`<circle class="${side}" cx="${x(index)}" cy="${y(value)}" r="3">${title}</circle>`;
  })}`;
}

function describeChart({ name, figureOf }: Measure, pairs: readonly Pair[]): string {
  const both = pairs.flatMap((pair) => {
    const [before, after] = [figureOf(pair, 'old'), figureOf(pair, 'new')];
    return before === undefined || after === undefined ? [] : [after <= before];
  });
  return `${name} of ${pairs.length} partitions: of ${both.length} with both sides, new is no higher in ${both.filter(Boolean).length}`;
}

function shorten(name: string): string {
  return readable(name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 3)}...`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
