/**
 * `custom:NAME`: a metric of the team's own, which both systems report with their landings, by a rule of the policy. Not
 * judged in cleanup, since nothing of the old system's is frozen of it.
 */
import { type CustomCriterion, countingRules, readMetric } from '../counting.ts';
import { isComparablePair } from '../evidence/pair.ts';
import type { Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { type Finding, verdictFrom } from './finding.ts';
import { findGap, withGap } from './gaps.ts';
import { judgeLimits, measureNewest, pairsNeeded } from './hard-limits.ts';
import { judgeTest } from './judge-test.ts';
import type { Present } from './pairs.ts';
import { exceeds } from './resource-utilization.ts';

export function assessCustom(facts: Case, present: Present, criterion: CustomCriterion): Verdict {
  const key = `custom:${criterion.name}` as const;
  const pairs = present.pairs.filter((pair) => !pair.backfill && pair.outcome !== 'incomparable');
  if (criterion.rule === 'limit') {
    const measured = measureNewest(pairs, criterion.of, (pair) => {
      const [fine, worse] = readMetric(pair, criterion);
      const breach = exceeds(fine, worse, criterion, ` ${criterion.metric}`);
      return breach === undefined ? undefined : { pair, breach: breach || undefined };
    });
    const found = judgeLimits(facts, measured, criterion, `${criterion.metric} is as it was`);
    const gap = findGap(pairs.filter(isComparablePair), (pair) => {
      const [fine, worse] = readMetric(pair, criterion);
      return (fine === undefined) !== (worse === undefined);
    });
    return verdictFrom(key, [withGap(found, gap)], pairsNeeded(facts, criterion));
  }
  const measure = countingRules(facts.policy).measures.find((one) => one.key === key);
  const none: Finding = {
    outcome: 'missing',
    message: `both systems have to report the metric ${criterion.metric}`,
    pairs: 0,
  };
  return verdictFrom(
    key,
    [(measure && judgeTest(facts, present.tally, measure, pairs)) ?? none],
    facts.policy.minPairs,
  );
}
