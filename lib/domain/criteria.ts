/**
 * From evidence to verdicts, one per criterion. Called by `evaluate`; pure. `fail` only on what is proven, `pass` only on
 * enough valid, fresh, matching pairs of the job's present epoch and of the new system's present release.
 */
import type { Case } from './criteria/case.ts';
import { assessCoverage } from './criteria/coverage.ts';
import { assessCustom } from './criteria/custom.ts';
import { assessDataQuality } from './criteria/data-quality.ts';
import { assessLatency } from './criteria/landing-latency.ts';
import { findPresent } from './criteria/pairs.ts';
import { assessResources } from './criteria/resource-utilization.ts';
import type { Verdict } from './verdict.ts';

export function assessCriteria(facts: Case): Verdict[] {
  const { phase } = facts.job;
  if (phase === 'pending' || phase === 'complete') return [];
  const cleanup = phase === 'cleanup';
  const present = findPresent(facts);
  const { landingLatency, resourceUtilization, custom, coverage } = facts.policy.criteria;
  const verdicts = cleanup ? [] : [assessDataQuality(facts, present)];
  if (landingLatency) verdicts.push(assessLatency(facts, present, landingLatency));
  if (resourceUtilization) verdicts.push(assessResources(facts, present, resourceUtilization));
  if (!cleanup) for (const criterion of custom) verdicts.push(assessCustom(facts, present, criterion));
  const covered = phase === 'cleanup' ? undefined : assessCoverage(present, coverage[phase]);
  return covered ? [...verdicts, covered] : verdicts;
}
