/**
 * Excuses: writes on the claims of one job what its policy excuses, so that they are settled, expire, and leave room for
 * what nobody expected. A sweep calls it once nothing that it knows calls for a demotion. The excused claims are gathered at
 * once and not left to the stream: the commit step judges by the evidence as it is stored. It may run twice or late.
 */
import type { Claim } from '../domain/claim.ts';
import type { Case } from '../domain/criteria/case.ts';
import { isExcusable } from '../domain/criteria/data-quality.ts';
import { type Evidence, emptyEvidence } from '../domain/evidence.ts';
import { planExcuse } from '../domain/plan-difference.ts';
import type { Policy } from '../domain/policy.ts';
import type { Instant } from '../domain/time.ts';
import { MAX_TRIES } from './contention.ts';
import { gatherJob, recompute } from './gather.ts';
import type { Ports } from './ports.ts';

/** Claims that one evaluation may still excuse: what is left over is judged by the rules all the same, and excused later. */
export interface ExcuseBudget {
  claims: number;
}

/** A few seconds' work, so that a rule for the whole fleet keeps no evaluation from reaching its last job. */
export const EXCUSES_AN_EVALUATION = 1_000;

/** The evidence as it is after; the same object when there was nothing to excuse. */
export async function recordExcuses(ports: Ports, facts: Case, budget: ExcuseBudget): Promise<Evidence> {
  const { job, policy, evidence, now } = facts;
  const named = evidence.standing.filter((standing) => isExcusable(facts, standing));
  if (named.length === 0 || budget.claims <= 0) return evidence;
  // What has no room in the evidence is open: found in one reading, and not six by six.
  const claims = evidence.overflow
    ? await ports.claims.listOpen(job.jobId)
    : await Promise.all(named.map(({ partition }) => ports.claims.get(job.jobId, partition)));
  const excused: Claim[] = [];
  for (const claim of claims) {
    if (budget.claims <= 0) break;
    const written = claim && (await excuseClaim(ports, claim, policy, now));
    if (!written) continue;
    budget.claims -= 1;
    excused.push(written);
  }
  if (excused.length === 0) return evidence;
  await gatherJob(ports, excused, now);
  const readAgain = async () => (await ports.evidence.get(job.jobId, 'strong')) ?? emptyEvidence(job.jobId);
  const gathered = await readAgain();
  if (!gathered.overflow) return gathered;
  // A claim that had no room leaves no trace in a fold: what has room now is found by making the evidence anew.
  await recompute(ports, job.jobId, now);
  return readAgain();
}

/** The claim as it was excused, read again when it changed meanwhile; `undefined` when there is nothing to excuse. */
async function excuseClaim(
  { claims }: Pick<Ports, 'claims'>,
  read: Claim,
  { criteria }: Policy,
  now: Instant,
): Promise<Claim | undefined> {
  let claim: Claim | undefined = read;
  for (let tries = 0; claim && tries < MAX_TRIES; tries++) {
    const next = planExcuse(claim, criteria.dataQuality.knownDifferences, now);
    if (!next) return undefined;
    if ((await claims.replace(next, claim)).written) return next;
    claim = await claims.get(claim.jobId, claim.partition);
  }
  return undefined;
}
