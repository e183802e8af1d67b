import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PALETTES, renderPlot } from '../../../bench/decisions/plot.ts';
import { readResults, withTables } from '../../../bench/decisions/report.ts';
import { mergeResults, type Results } from '../../../bench/decisions/results.ts';
import { checkTargets } from '../../../bench/decisions/targets.ts';

const docs = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

describe('the published figures', () => {
  const results = readResults();

  it('are those of the stored run', () => {
    const document = docs('statistics.md');
    expect(withTables(document, results)).toBe(document);
    expect(renderPlot(results, PALETTES.light)).toBe(docs('figures/decisions-light.svg'));
    expect(renderPlot(results, PALETTES.dark)).toBe(docs('figures/decisions-dark.svg'));
  });

  it('are of the full size, and reach the targets', () => {
    expect(results.jobs).toBeGreaterThanOrEqual(20_000);
    const targets = checkTargets(results);
    expect(targets).toHaveLength(34);
    expect(targets.filter(({ reached }) => !reached)).toEqual([]);
  });

  it('can be put together from runs of one size and seed only', () => {
    const part = (models: string[]): Results => ({
      ...results,
      models: Object.fromEntries(models.map((model) => [model, results.models[model]!])),
    });
    const merged = mergeResults(part(['ar-0.7']), part(['lognormal-0.2']));
    expect(Object.keys(merged.models)).toEqual(['lognormal-0.2', 'ar-0.7']);
    expect(() => mergeResults({ ...results, seed: 'other' }, results)).toThrow(/with seed other, the run is of/);
  });
});
