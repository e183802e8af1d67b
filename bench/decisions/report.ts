/**
 * Writes what the docs show of a run: the tables in `docs/statistics.md`, between its two marks, and the plots in
 * `docs/figures`. `node bench/decisions/report.ts`; it reads `results.json`, which `run.ts --out` has written, so no figure
 * is ever typed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { PALETTES, renderPlot } from './plot.ts';
import type { Results } from './results.ts';
import { renderTables } from './tables.ts';

const RESULTS_JSON = new URL('results.json', import.meta.url);
const STATISTICS_MD = new URL('../../docs/statistics.md', import.meta.url);
const FIGURES = new URL('../../docs/figures/', import.meta.url);
const BEGIN = '<!-- written by bench/decisions/report.ts -->';
const END = '<!-- end -->';

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_JSON, 'utf8'));
}

/** The document with the run's tables in it. */
export function withTables(document: string, results: Results): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the document has to hold the lines ${BEGIN} and ${END}`);
  const rules = Object.entries(results.rules).map(([name, says]) => `- \`${name}\`: ${says}`);
  const written = [`\`${results.command}\`:`, renderTables(results), 'The rules:', rules.join('\n')].join('\n\n');
  return `${document.slice(0, from + BEGIN.length)}\n\n${written}\n\n${document.slice(to)}`;
}

if (import.meta.main) {
  const results = readResults();
  writeFileSync(STATISTICS_MD, withTables(readFileSync(STATISTICS_MD, 'utf8'), results));
  mkdirSync(FIGURES, { recursive: true });
  for (const name of ['light', 'dark'] as const) {
    writeFileSync(new URL(`decisions-${name}.svg`, FIGURES), renderPlot(results, PALETTES[name]));
  }
}
