/**
 * How jobs flow through the phases: how many are in each, how many were promoted and demoted between them, and what each of
 * the last sweeps did, as a row of bars: promotions upward, demotions downward. Pure; part of the fleet page.
 */
import { scaleLinear } from 'd3-scale';
import { PHASES, type Phase, productionWriter, shadowWriter } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { type Html, html, moment } from './html.ts';

export interface FlowMove {
  from: Phase;
  to: Phase;
  type: 'promotion' | 'demotion';
  byHand: boolean;
  count: number;
}

export interface FlowSweep {
  /** Empty before the first sweep of this process. */
  sweepId: string;
  at: Instant;
  moves: FlowMove[];
}

export interface FlowView {
  counts: Record<Phase, number>;
  /** Oldest first. */
  sweeps: readonly FlowSweep[];
  /** How many of them there is room for. */
  room: number;
}

/** Stretched to the width there is; a sweep is one wide. */
const CHART = { height: 60, base: 30 };

export function renderFlow({ counts, sweeps, room }: FlowView): Html {
  const total = PHASES.reduce((sum, phase) => sum + counts[phase], 0);
  const moves = sweeps.flatMap((sweep) => sweep.moves);
  return html`<ol class="flow">${PHASES.map((phase, index) => {
    const next = PHASES[index + 1];
    return html`<li class="stage"><h3><span class="dot ${phase}" aria-hidden="true"></span>${phase}</h3>
<p class="number">${counts[phase].toLocaleString('en-US')} <span class="share-of">${share(counts[phase], total)}</span></p>
<p class="faint">${describeWriters(phase)}</p></li>
${next && renderStep(phase, next, moves)}`;
  })}</ol>
${renderSweeps(sweeps, room)}`;
}

function share(count: number, total: number): string {
  if (count === 0) return '';
  const percent = (100 * count) / total;
  return percent < 1 ? 'below 1 %' : `${Math.round(percent)} %`;
}

function describeWriters(phase: Phase): string {
  const shadow = shadowWriter(phase);
  return `${productionWriter(phase)} writes${shadow ? `, ${shadow} in shadow` : ''}`;
}

function renderStep(from: Phase, to: Phase, moves: readonly FlowMove[]): Html {
  const onward = sum(moves.filter((move) => move.from === from && move.to === to));
  const back = sum(moves.filter((move) => move.from === to && move.to === from));
  return html`<li class="step"><span class="onward${onward === 0 && ' none'}"><span class="sr">${from} to ${to}: </span>${onward.toLocaleString('en-US')} <span aria-hidden="true">&rarr;</span></span>
<span class="back${back === 0 && ' none'}"><span class="sr">and back: </span><span aria-hidden="true">&larr;</span> ${back.toLocaleString('en-US')}</span></li>`;
}

function renderSweeps(sweeps: readonly FlowSweep[], room: number): Html {
  const bars = sweeps.map(({ moves }) => ({
    onward: sum(moves.filter(({ type }) => type === 'promotion')),
    back: sum(moves.filter(({ type }) => type === 'demotion')),
  }));
  const promoted = bars.reduce((total, { onward }) => total + onward, 0);
  const demoted = bars.reduce((total, { back }) => total + back, 0);
  const text =
    sweeps.length === 0
      ? 'No sweep since this process began.'
      : html`${sweeps.length === 1 ? 'The last sweep' : `The last ${sweeps.length} sweeps`}: <span class="onward">${promoted.toLocaleString('en-US')} promoted</span>, <span class="back">${demoted.toLocaleString('en-US')} demoted</span>`;
  return html`<figure class="sweeps"><figcaption>${text}</figcaption>${sweeps.length > 0 && renderBars(sweeps, bars, room)}</figure>`;
}

function renderBars(
  sweeps: readonly FlowSweep[],
  bars: readonly { onward: number; back: number }[],
  room: number,
): Html {
  const { height, base } = CHART;
  const most = Math.max(1, ...bars.flatMap(({ onward, back }) => [onward, back]));
  // One scale for both directions: a bar twice as long is twice as many jobs. A single job is still seen.
  const length = scaleLinear([0, most], [0, base - 1]);
  const size = (count: number) => Math.max(2, round(length(count)));
  return html`<svg viewBox="0 0 ${room} ${height}" preserveAspectRatio="none" role="img" aria-label="Promotions upward and demotions downward, one bar a sweep, at most ${most}">
${bars.map(({ onward, back }, index) => {
  const x = room - sweeps.length + index;
  return html`<g><title>${moment(sweeps[index]?.at ?? '')}: ${onward} promoted, ${back} demoted</title>
<rect class="slot" x="${x}" y="0" width="1" height="${height}"/>
${onward > 0 && html`<rect class="onward" x="${x + 0.1}" y="${base - size(onward)}" width="0.8" height="${size(onward)}"/>`}
${back > 0 && html`<rect class="back" x="${x + 0.1}" y="${base + 1}" width="0.8" height="${size(back)}"/>`}</g>`;
})}
<rect class="axis" x="0" y="${base}" width="${room}" height="1"/></svg>`;
}

function sum(moves: readonly FlowMove[]): number {
  return moves.reduce((total, { count }) => total + count, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
