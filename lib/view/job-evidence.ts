/** The job page's charts of old against new, and the pairs that they are made of as a table. */
import type { Pair } from '../domain/evidence/pair.ts';
import type { System } from '../domain/phases.ts';
import { describeSeconds } from '../domain/time.ts';
import { figure, type Html, html, renderBadge, renderFigure, renderName, renderScroll, renderTable } from './html.ts';
import type { JobView } from './job-view.ts';
import { type Measure, OUTCOME_TONES, renderPairsChart, type Unit } from './pairs-chart.ts';

export function renderEvidence({ job, pairs }: JobView): Html {
  if (pairs.length === 0) {
    return html`<h3>Old against new</h3><p class="faint">No partition was landed yet: there is nothing to compare.</p>`;
  }
  const { baseline, dueAfterSeconds } = job;
  const lagLimits = [...line('deadline', dueAfterSeconds), ...line("old's frozen median", baseline?.lagSeconds)];
  const measures: Measure[] = [
    { ...MEASURES.lag, limits: lagLimits },
    { ...MEASURES.compute, limits: line("old's frozen median", baseline?.computeSeconds) },
    { ...MEASURES.storage, limits: line("old's frozen median", baseline?.storageBytes) },
  ];
  const charts = measures.flatMap((measure) => {
    const chart = renderPairsChart(measure, pairs);
    return chart
      ? [html`<h3>${measure.name}, old against new</h3>${renderScroll(`${measure.name}, old against new`, chart)}`]
      : [];
  });
  return html`${charts}<details><summary>The ${pairs.length} pairs in numbers</summary>${renderTable('Pairs', HEADS, pairs.map(rowOf))}</details>`;
}

const HEADS = [
  'partition',
  'outcome',
  'lag old',
  'lag new',
  'compute old',
  'compute new',
  'stored old',
  'stored new',
  'release',
];

function rowOf(pair: Pair) {
  return [
    renderName(pair.partition),
    html`${renderBadge(pair.outcome, OUTCOME_TONES[pair.outcome])}${pair.backfill && ' backfill'}`,
    renderFigure(pair.oldLagSeconds, 's'),
    renderFigure(pair.newLagSeconds, 's'),
    renderFigure(pair.oldComputeSeconds, 's'),
    renderFigure(pair.newComputeSeconds, 's'),
    renderFigure(pair.oldStorageBytes, 'B'),
    renderFigure(pair.newStorageBytes, 'B'),
    renderName(pair.release),
  ];
}

const TIME_UNITS: [Unit, ...Unit[]] = [
  { name: 's', size: 1 },
  { name: 'min', size: 60 },
  { name: 'h', size: 3_600 },
  { name: 'd', size: 86_400 },
];
const BYTE_UNITS: [Unit, ...Unit[]] = [
  { name: 'B', size: 1 },
  { name: 'kB', size: 1e3 },
  { name: 'MB', size: 1e6 },
  { name: 'GB', size: 1e9 },
  { name: 'TB', size: 1e12 },
  { name: 'PB', size: 1e15 },
];

const side = (system: System, old: number | undefined, next: number | undefined) => (system === 'old' ? old : next);

const MEASURES = {
  lag: {
    name: 'Lag',
    figureOf: (pair, system) => side(system, pair.oldLagSeconds, pair.newLagSeconds),
    say: describeSeconds,
    units: TIME_UNITS,
  },
  compute: {
    name: 'Compute',
    figureOf: (pair, system) => side(system, pair.oldComputeSeconds, pair.newComputeSeconds),
    say: describeSeconds,
    units: TIME_UNITS,
  },
  storage: {
    name: 'Stored',
    figureOf: (pair, system) => side(system, pair.oldStorageBytes, pair.newStorageBytes),
    say: describeBytes,
    units: BYTE_UNITS,
  },
} as const satisfies Record<string, Measure>;

function line(label: string, value: number | undefined): { label: string; value: number }[] {
  return value === undefined ? [] : [{ label, value }];
}

function describeBytes(bytes: number): string {
  const { name, size } = BYTE_UNITS.findLast((unit) => bytes >= unit.size) ?? BYTE_UNITS[0];
  return `${figure(bytes / size)} ${name}`;
}
