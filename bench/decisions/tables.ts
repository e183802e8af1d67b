/**
 * The results as Markdown tables, for the terminal and for `docs/statistics.md`: noise models down, rules across, the same
 * order everywhere.
 */
import type { Bounds, Results } from './results.ts';
import { figuresOf } from './results.ts';
import type { Delay, Figures, Share } from './simulate.ts';
import { checkTargets, percentOf } from './targets.ts';

export function renderTables(results: Results): string {
  const { jobs, threshold, strictThreshold } = results;
  return [
    `**Healthy jobs demoted within 240 landings, %** (${jobs.toLocaleString('en-US')} jobs a row)`,
    byRule(results, ({ falseDemotions }) => percent(falseDemotions)),
    `**Landings until a doubling / a 1.3-fold regression / a drift to 1.5 times within 240 landings is noticed, median** (of the jobs that were not demoted before; "-" is more than 480, or hardly a job left; the bound is Lorden's, for one false alarm in ${threshold.toLocaleString('en-US')} landings at the tolerance)`,
    byRule(results, ({ delays }) => both(delays), {
      title: 'bound',
      cell: (bounds) => `${landings(bounds['2'])} / ${landings(bounds['1.3'])}`,
    }),
    '**Jobs 1.3 times / twice as slow that are promoted at some time within 400 landings, %**',
    byRule(results, ({ falsePromotions }) => `${percent(falsePromotions['1.3'])} / ${percent(falsePromotions['2'])}`),
    '**Landings until a healthy job is promoted, median / 90 %** (at least 24 are asked for)',
    byRule(results, ({ promotedAfter: { median, p90 } }) => `${landings(median)} / ${landings(p90)}`),
    `**Ours at a threshold of ${strictThreshold.toLocaleString('en-US')}**, which keeps 50,000 hourly jobs to 12 false demotions a year and measure even if all of them sat at the tolerance`,
    strictly(results),
    '**Targets**',
    targetRows(results),
  ].join('\n\n');
}

interface Extra {
  title: string;
  cell: (bounds: Bounds) => string;
}

function byRule(results: Results, cell: (figures: Figures) => string, extra?: Extra): string {
  const rules = Object.keys(results.rules);
  const rows = Object.keys(results.models).map((model) => [
    model,
    ...rules.map((rule) => cell(figuresOf(results, rule, model))),
    ...(extra ? [extra.cell(results.bounds[model]!)] : []),
  ]);
  return table(['noise', ...rules, ...(extra ? [extra.title] : [])], rows);
}

function strictly(results: Results): string {
  const rows = Object.keys(results.models).map((model) => {
    const { strict } = figuresOf(results, 'crossfade', model);
    const bound = results.bounds[model]!.strict;
    if (strict === undefined) throw new Error(`no figures at the second threshold under ${model}`);
    return [
      model,
      percent(strict.falseDemotions),
      both(strict.delays),
      `${landings(bound['2'])} / ${landings(bound['1.3'])}`,
    ];
  });
  return table(['noise', 'healthy demoted, %', 'doubling / 1.3-fold / drift', 'bound'], rows);
}

function targetRows(results: Results): string {
  const rows = checkTargets(results).map(({ says, model, figure, limit, reached }) => [
    says,
    model,
    figure === null ? '-' : String(figure),
    String(limit),
    reached ? 'yes' : '**no**',
  ]);
  return table(['what', 'noise', 'measured', 'at most', 'reached'], rows);
}

function both(delays: Figures['delays']): string {
  return [delays['2'], delays['1.3'], delays.drift].map((delay: Delay) => landings(delay.median)).join(' / ');
}

function landings(count: number | null | undefined): string {
  return count === null || count === undefined ? '-' : String(Number(count.toPrecision(3)));
}

function percent(share: Share): string {
  return String(percentOf(share));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
