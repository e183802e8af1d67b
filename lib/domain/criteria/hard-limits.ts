/**
 * Hard limits: gross regressions, pair by pair, against what the old system needed beside it or, in cleanup, against the
 * baseline that was frozen when it was stopped.
 */
import type { Pair } from '../evidence.ts';
import type { Criterion, Verdict } from '../verdict.ts';
import type { Case } from './case.ts';
import { lackOf } from './pairs.ts';
import { verdictOf } from './verdict-of.ts';

/** What the old system needed for a pair: measured beside it, or frozen when it was stopped. */
interface Reference {
  lagSeconds?: number | undefined;
  computeSeconds?: number | undefined;
  storageBytes?: number | undefined;
}

export function referenceFor(facts: Case, pair: Pair): Reference {
  if (facts.job.phase === 'cleanup') return facts.job.baseline ?? {};
  return { lagSeconds: pair.oldLagSeconds, computeSeconds: pair.oldComputeSeconds, storageBytes: pair.oldStorageBytes };
}

export function judgeBreaches(
  criterion: Criterion,
  facts: Case,
  measured: { pair: Pair; breach: string | undefined }[],
  limits: { breaches: number; of: number },
  fine: string,
): Verdict {
  const { policy, job } = facts;
  const needed = job.phase === 'cleanup' ? Math.min(3, policy.minPairs) : policy.minPairs;
  const say = verdictOf(criterion, { pairs: measured.length, needed });
  if (job.phase === 'cleanup' && !job.baseline) {
    return say('not-applicable', 'the job came in at cleanup, so no baseline of the old system was frozen');
  }
  const window = measured.slice(0, limits.of);
  const breaches = window.filter((measure) => measure.breach !== undefined);
  const names = breaches.map((measure) => measure.pair.partition).slice(0, 6);
  const counted = `${breaches.length} of the newest ${window.length} pairs breach a hard limit (${limits.breaches} fail)`;
  const example = breaches[0] ? `, e.g. ${breaches[0].pair.partition}: ${breaches[0].breach}` : '';
  if (breaches.length >= limits.breaches) return say('fail', counted + example, names);
  const pairs = measured.map((measure) => measure.pair);
  const lack =
    pairs.length === 0
      ? 'both systems have to report it'
      : lackOf({ ...facts, policy: { ...policy, minPairs: needed } }, pairs);
  if (lack) return say('missing', `${measured.length} of ${needed} measured pairs: ${lack}`, names);
  if (breaches.length > 0) return say('inconclusive', counted + example, names);
  return say('pass', `${fine}: 0 of the newest ${window.length} pairs breach a hard limit (${limits.breaches} fail)`);
}
