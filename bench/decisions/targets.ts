/**
 * The figures that the project set itself, and whether a run reaches them. The smaller a run, the less it can say about
 * rare events: at 20,000 jobs, 0.05 % are ten jobs.
 */
import { NOISE_MODELS, type Regression } from './noise.ts';
import { figuresOf, type Results } from './results.ts';
import type { Share } from './simulate.ts';

export interface Target {
  says: string;
  model: string;
  figure: number | null;
  limit: number;
  reached: boolean;
}

export function checkTargets(results: Results): Target[] {
  const targets: Target[] = [];
  const require = (says: string, model: string, limit: number, figure: () => number | null) => {
    if (results.models[model] === undefined) return;
    const value = figure();
    targets.push({ says, model, figure: value, limit, reached: value !== null && value <= limit });
  };
  const ours = (model: string) => figuresOf(results, 'crossfade', model);
  const notices = (says: string, model: string, regression: Regression, limit: number) =>
    require(`${says} noticed, median landings`, model, limit, () => ours(model).delays[regression].median);
  const demotes = (model: string, limit: number) =>
    require('healthy jobs demoted, %', model, limit, () => percentOf(ours(model).falseDemotions));
  const lets = (model: string, ratio: '1.3' | '2', limit: number) =>
    require(`jobs ${ratio} times slower promoted, %`, model, limit, () =>
      percentOf(ours(model).falsePromotions[ratio]));
  const promotes = (model: string, limit: number) =>
    require('healthy job promoted, median landings', model, limit, () => ours(model).promotedAfter.median);

  for (const { name, independent } of NOISE_MODELS) {
    if (!independent) continue;
    demotes(name, 0.05);
    lets(name, '2', 0.1);
    lets(name, '1.3', 5);
  }
  for (const name of ['ar-0.7', 'ar-0.7-quiet']) {
    demotes(name, 0.5);
    lets(name, '1.3', 10);
  }
  notices('doubling', 'lognormal-0.2', '2', 24);
  notices('doubling', 'lognormal-0.5', '2', 40);
  notices('1.3-fold regression', 'lognormal-0.2', '1.3', 60);
  notices('1.3-fold regression', 'lognormal-0.5', '1.3', 220);
  promotes('lognormal-0.2', 26);
  promotes('lognormal-0.5', 45);
  return targets;
}

export function percentOf({ count, of }: Share): number {
  return Number(((100 * count) / of).toPrecision(3));
}
