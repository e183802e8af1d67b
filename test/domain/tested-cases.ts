/**
 * Cases of jobs whose noisy measures have been counted: hourly pairs with a repeatable noise, the newest 24 in the window,
 * the others gone but for their tally. A test shapes each pair, and sees what the verdict makes of it.
 */
import { countingRules } from '../../lib/domain/counting.ts';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import type { Evaluation } from '../../lib/domain/evaluate.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import { countPair, type Tally } from '../../lib/domain/evidence/tally.ts';
import type { Job } from '../../lib/domain/job.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { type Instant, toMs } from '../../lib/domain/time.ts';
import { aPair, aPolicy, NOW } from '../builders/records.ts';
import { aReadyCase, EPOCH, HOUR } from './cases.ts';

type PolicyText = Parameters<typeof policySchema.parse>[0] & object;

export function policyOf(text: object = {}): Policy {
  const said: PolicyText = { name: 'p', ...text };
  return aPolicy({ ...policySchema.parse(said), automation: 'enforce' });
}

/** Pair number `index` of `count`, hourly, the last one an hour old; `factor` is what new needs of old's 2 hours. */
export function pairOf(index: number, count: number, factor: number, given: Partial<Pair> = {}): Pair {
  const at = toMs(NOW) - (count - index) * HOUR * 1000;
  return aPair({
    partition: `hour-${String(index).padStart(4, '0')}`,
    epoch: EPOCH,
    changedAt: at,
    claimedAt: at - 3 * HOUR * 1000,
    oldLandedAt: at - 60_000,
    newLandedAt: at,
    oldLagSeconds: 2 * HOUR,
    newLagSeconds: 2 * HOUR * factor,
    oldComputeSeconds: 1_000,
    newComputeSeconds: 1_000,
    ...given,
  });
}

/** A repeatable noise of some 20 % around 1. */
const noise = (index: number) => Math.exp(0.2 * Math.sin(index * index * 1.7));

export type Shape = (index: number) => { factor?: number } & Partial<Pair>;

/** A job with so many counted pairs: the newest 24 are in the window, the others left only their tally. */
export function aCaseOf(count: number, shape: Shape = () => ({}), given: Given = {}): Evaluation {
  const { policy = policyOf(), job, now } = given;
  const { measures, room } = countingRules(policy);
  const pairs = Array.from({ length: count }, (_, index) => {
    const { factor = 1, ...rest } = shape(index);
    return { ...pairOf(index, count, factor * noise(index), rest), counted: true };
  });
  const tally = pairs.reduce<Tally | undefined>((counted, pair) => countPair(counted, pair, measures), undefined);
  const evidence = { recent: pairs.slice(-room).reverse(), ...(tally && { tally }) };
  return { ...aReadyCase('reverse-shadow', { evidence, ...(job && { job }), ...(now && { now }) }), policy };
}

interface Given {
  policy?: Policy;
  job?: Partial<Job>;
  now?: Instant;
}

export const verdictOf = (facts: Evaluation, criterion = 'landingLatency') =>
  assessCriteria(facts).find((verdict) => verdict.criterion === criterion)!;
export const outcomeOf = (facts: Evaluation, criterion?: string) => verdictOf(facts, criterion).outcome;
export const slower =
  (factor: number, from = 0): Shape =>
  (index) =>
    index >= from ? { factor } : {};
