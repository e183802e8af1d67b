/**
 * What a policy has counted of every pair: the measures that its tests are about, and how each is read from a pair. Called
 * by `gather` as it folds and by `evaluate` as it judges, so that both count alike. Measures are counted whether or not a
 * job is held to the tests: what is switched on later has its past.
 */
import type { Pair } from './evidence/pair.ts';
import type { CountingRules, TestedMeasure } from './evidence/tally.ts';
import { PAIRS_A_METRIC, WINDOW } from './evidence.ts';
import type { Policy } from './policy.ts';

export type CustomCriterion = Policy['criteria']['custom'][number];

/** A sweep asks for the same few policies fifty thousand times. */
const known = new WeakMap<Policy, CountingRules>();

export function countingRules(policy: Policy): CountingRules {
  const made = known.get(policy) ?? makeRules(policy);
  known.set(policy, made);
  return made;
}

function makeRules({ criteria, settleSeconds }: Policy): CountingRules {
  const { landingLatency, resourceUtilization, custom } = criteria;
  const measures: TestedMeasure[] = [];
  if (landingLatency && landingLatency.method !== 'hard-limits-only') {
    const read = (pair: Pair) => [pair.oldLagSeconds, pair.newLagSeconds] as const;
    measures.push({ key: 'lag', settings: landingLatency.lag.test, read });
  }
  if (resourceUtilization && resourceUtilization.method !== 'hard-limits-only') {
    const readCompute = (pair: Pair) => [pair.oldComputeSeconds, pair.newComputeSeconds] as const;
    const readStorage = (pair: Pair) => [pair.oldStorageBytes, pair.newStorageBytes] as const;
    measures.push(
      { key: 'compute', settings: resourceUtilization.compute.test, read: readCompute },
      { key: 'storage', settings: resourceUtilization.storage.test, read: readStorage },
    );
  }
  for (const criterion of custom) {
    if (criterion.rule !== 'sequential') continue;
    const { tolerance, detectableRatio, floor } = criterion;
    const settings = { tolerance, detectableRatio, floor };
    measures.push({ key: `custom:${criterion.name}`, settings, read: (pair) => readMetric(pair, criterion) });
  }
  const metrics = [...new Set(custom.map(({ metric }) => metric))];
  const room = WINDOW - PAIRS_A_METRIC * metrics.length;
  return { measures, metrics, room, settleSeconds, knownDifferences: criteria.dataQuality.knownDifferences };
}

/** Both sides' values, the one that may not grow last: where higher is better, that is the old system's. */
export function readMetric(
  { metrics }: Pair,
  { metric, better }: CustomCriterion,
): readonly [number | undefined, number | undefined] {
  const { old, new: next } = metrics?.[metric] ?? {};
  return better === 'lower' ? [old, next] : [next, old];
}
