/**
 * The benchmark of decisions: `node bench/decisions/run.ts [--jobs N] [--seed S] [--models A,B] [--json] [--out FILE]`.
 * Prints the tables; with `--json` its last line is one JSON object with every figure by rule and noise model; with
 * `--out` that object is merged into a file, from which `report.ts` writes the tables and plots of the docs. The default
 * size takes some seconds, `--jobs 20000` some twenty minutes. Its seed is none of those that the defaults were tuned on.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NOISE_MODELS, type NoiseModel } from './noise.ts';
import { boundsOf, mergeResults, type Results } from './results.ts';
import { crossfade, SETTINGS, STRICT_THRESHOLD } from './rules/crossfade.ts';
import { kayenta } from './rules/kayenta.ts';
import { medianRatio, mostOfWindow } from './rules/ratios.ts';
import { argoLanding, argoWindow, flagger } from './rules/rollouts.ts';
import { simulate } from './simulate.ts';
import { renderTables } from './tables.ts';

const RULES = [crossfade, kayenta, argoLanding, argoWindow, flagger, medianRatio, mostOfWindow];

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '20261122' },
    models: { type: 'string', default: NOISE_MODELS.map(({ name }) => name).join() },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs} has to be a whole number from 1`);

let results = runBenchmark(values.models.split(',').map(findModel), jobs, values.seed);
if (values.out !== undefined) {
  if (existsSync(values.out)) results = mergeResults(JSON.parse(readFileSync(values.out, 'utf8')), results);
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
}
console.log(`${jobs} jobs, seed ${values.seed}\n\n${renderTables(results)}`);
if (values.json) console.log(JSON.stringify(results));

function runBenchmark(models: readonly NoiseModel[], count: number, seed: string): Results {
  const results: Results = {
    command: `node bench/decisions/run.ts --jobs ${count} --seed ${seed}`,
    seed,
    jobs: count,
    threshold: SETTINGS.threshold,
    strictThreshold: STRICT_THRESHOLD,
    rules: Object.fromEntries(RULES.map(({ name, says }) => [name, says])),
    models: {},
    bounds: {},
    figures: Object.fromEntries(RULES.map(({ name }) => [name, {}])),
  };
  for (const model of models) {
    const startedMs = performance.now();
    results.models[model.name] = model.says;
    results.bounds[model.name] = boundsOf(model);
    for (const [rule, figures] of simulate(model, RULES, count, seed)) results.figures[rule]![model.name] = figures;
    console.error(`${model.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
  return results;
}

function findModel(name: string): NoiseModel {
  const model = NOISE_MODELS.find((known) => known.name === name);
  if (model) return model;
  throw new Error(`there is no noise model ${name}; there are ${NOISE_MODELS.map((known) => known.name).join(', ')}`);
}
