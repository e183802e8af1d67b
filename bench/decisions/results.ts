/**
 * What a run of the benchmark leaves: one JSON object with every figure, by rule and noise model. Runs over some of the
 * noise models with the same seed and size can be put together, so that the full size need not run at one go.
 */
import { DEFAULT_SETTINGS } from '../../lib/domain/sequential/settings.ts';
import { bestDelay } from './lorden.ts';
import { NOISE_MODELS, type NoiseModel } from './noise.ts';
import { STRICT_THRESHOLD } from './rules/crossfade.ts';
import type { Figures } from './simulate.ts';

/** Lorden's bound in landings, at both thresholds. */
export interface Bounds {
  '1.3'?: number;
  '2'?: number;
  strict: { '1.3'?: number; '2'?: number };
}

export interface Results {
  command: string;
  seed: string;
  jobs: number;
  threshold: number;
  strictThreshold: number;
  rules: Record<string, string>;
  models: Record<string, string>;
  bounds: Record<string, Bounds>;
  figures: Record<string, Record<string, Figures>>;
}

export function boundsOf(model: NoiseModel): Bounds {
  const { tolerance, threshold } = DEFAULT_SETTINGS;
  const at = (limit: number) => {
    const figures: { '1.3'?: number; '2'?: number } = {};
    for (const ratio of ['1.3', '2'] as const) {
      const landings = bestDelay(model, ratio, tolerance, limit);
      if (landings !== undefined) figures[ratio] = Number(landings.toPrecision(3));
    }
    return figures;
  };
  return { ...at(threshold), strict: at(STRICT_THRESHOLD) };
}

export function figuresOf(results: Results, rule: string, model: string): Figures {
  const figures = results.figures[rule]?.[model];
  if (figures === undefined) throw new Error(`no figures of ${rule} under ${model}: run the benchmark over it`);
  return figures;
}

/** Both runs' noise models, in the benchmark's order; the newer figures count. */
export function mergeResults(before: Results, after: Results): Results {
  if (before.seed !== after.seed || before.jobs !== after.jobs) {
    throw new Error(
      `these results are of ${before.jobs} jobs with seed ${before.seed}, the run is of ${after.jobs} with ${after.seed}: remove the file, or run with its size and seed`,
    );
  }
  const figures: Results['figures'] = {};
  for (const rule of Object.keys(after.rules)) {
    figures[rule] = inOrder({ ...before.figures[rule], ...after.figures[rule] });
  }
  return {
    ...after,
    models: inOrder({ ...before.models, ...after.models }),
    bounds: inOrder({ ...before.bounds, ...after.bounds }),
    figures,
  };
}

function inOrder<T>(byModel: Record<string, T>): Record<string, T> {
  const known = NOISE_MODELS.filter(({ name }) => byModel[name] !== undefined);
  return Object.fromEntries(known.map(({ name }) => [name, byModel[name]!]));
}
