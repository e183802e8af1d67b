/**
 * From evidence to verdicts, one per criterion. Called by `evaluate`; pure. `fail` only on what is proven, `pass` only on
 * enough valid, fresh, matching pairs of the job's present epoch and of the new system's present release.
 */
import type { Case } from './criteria/case.ts';
import { assessDataQuality } from './criteria/data-quality.ts';
import { assessLatency } from './criteria/landing-latency.ts';
import { assessResources } from './criteria/resource-utilization.ts';
import type { Verdict } from './verdict.ts';

export function assessCriteria(facts: Case): Verdict[] {
  const { phase } = facts.job;
  if (phase === 'pending' || phase === 'complete') return [];
  const verdicts = phase === 'cleanup' ? [] : [assessDataQuality(facts)];
  const { landingLatency, resourceUtilization } = facts.policy.criteria;
  if (landingLatency) verdicts.push(assessLatency(facts, landingLatency));
  if (resourceUtilization) verdicts.push(assessResources(facts, resourceUtilization));
  return verdicts;
}
