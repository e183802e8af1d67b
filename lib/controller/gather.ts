/**
 * gather: folds the landings' stream into the jobs' evidence, counts what has settled by the job's policy, keeps the worklist of what is owed, and takes over what was
 * quarantined after its system had lost production. Called with new images of claims, which may come twice or, between
 * partitions, out of order. A batch is grouped by job, so that each job's evidence is written once.
 */
import { type Claim, isQuarantined, owedReason } from '../domain/claim.ts';
import { countingRules } from '../domain/counting.ts';
import type { CountingRules } from '../domain/evidence/tally.ts';
import { countSettled, type Evidence, emptyEvidence, foldClaim, recomputeEvidence } from '../domain/evidence.ts';
import { otherSystem, writerMayStand } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { takeOverClaim } from './take-over.ts';

type GatherPorts = Pick<Ports, 'jobs' | 'claims' | 'evidence' | 'fleet' | 'policies'>;

/** What is counted, and when; absent where the job names a policy that is not deployed: nothing is judged by it either. */
type Counting = { rules: CountingRules; now: Instant } | undefined;

export async function gather(ports: GatherPorts, images: readonly Claim[], now: Instant): Promise<void> {
  for (const claims of Map.groupBy(images, (claim) => claim.jobId).values()) await gatherJob(ports, claims, now);
}

/** Folds new images of one job's claims. */
export async function gatherJob(ports: GatherPorts, images: readonly Claim[], now: Instant): Promise<void> {
  const jobId = images[0]?.jobId;
  if (jobId === undefined) return;
  // Only the last image of each claim says anything; within one batch an item's records are in order.
  const newest = [...new Map(images.map((claim) => [claim.partition, claim])).values()];
  for (const claim of newest) {
    await repairWriter(ports, claim, now);
    await keepWorklist(ports, claim);
  }
  const counting = await findCounting(ports, jobId, now);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const known = (await ports.evidence.get(jobId, 'strong')) ?? emptyEvidence(jobId);
    const folded = await foldAll(ports, known, newest, counting);
    if (folded === known) return;
    const written = await ports.evidence.replace({ ...folded, version: known.version + 1 }, known.version);
    if (written.written) return;
  }
  throw contended('gather', jobId);
}

async function findCounting(
  { jobs, policies }: Pick<Ports, 'jobs' | 'policies'>,
  jobId: string,
  now: Instant,
): Promise<Counting> {
  const job = await jobs.get(jobId, 'eventual');
  const policy = job && policies.find(job.policy);
  return policy && { rules: countingRules(policy), now };
}

async function foldAll(
  ports: Pick<Ports, 'claims'>,
  known: Evidence,
  claims: readonly Claim[],
  counting: Counting,
): Promise<Evidence> {
  let evidence = known;
  for (const claim of claims) {
    let outcome = foldClaim(evidence, claim, 'streamed', counting?.rules);
    if (outcome.kind === 'reread') {
      const current = await ports.claims.get(claim.jobId, claim.partition);
      if (!current) continue;
      outcome = foldClaim(evidence, current, 'current', counting?.rules);
    }
    if (outcome.kind !== 'folded') return readEvidence(ports, known.jobId, known.version, counting);
    evidence = outcome.evidence;
  }
  return counting ? countSettled(evidence, counting.rules, counting.now) : evidence;
}

/** Pages of landings that a recomputation reads; at 1 MB a page more than any job keeps. */
const MAX_PAGES = 1_000;

/** The evidence from the landings that are kept. */
export async function readEvidence(
  ports: Pick<Ports, 'claims'>,
  jobId: string,
  version: number,
  counting: Counting,
): Promise<Evidence> {
  return recomputeEvidence(jobId, await readClaims(ports, jobId), version, counting);
}

/** Every claim of a job that is kept, newest partition first. */
export async function readClaims(ports: Pick<Ports, 'claims'>, jobId: string): Promise<Claim[]> {
  const claims: Claim[] = [];
  let from: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await ports.claims.list(jobId, from);
    claims.push(...page.items);
    if (page.next === undefined) return claims;
    from = page.next;
  }
  throw new Error(`${jobId} has more than ${MAX_PAGES} pages of landings: shorten the retention of the landings table`);
}

/** Rebuilds one job's evidence, e.g. when the stream was interrupted. */
export async function recompute(
  ports: Pick<Ports, 'jobs' | 'claims' | 'evidence' | 'policies'>,
  jobId: string,
  now: Instant,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const version = (await ports.evidence.get(jobId, 'strong'))?.version ?? 0;
    const rebuilt = await readEvidence(ports, jobId, version + 1, await findCounting(ports, jobId, now));
    if (rebuilt.recent.length === 0 && version === 0) return;
    const written = await ports.evidence.replace(rebuilt, version);
    if (written.written) return;
  }
  throw contended('recompute', jobId);
}

/** A pair may turn out to mismatch after the pass over the claims has ended: then its quarantine changes hands here. */
async function repairWriter(ports: GatherPorts, claim: Claim, now: Instant): Promise<void> {
  if (!isQuarantined(claim)) return;
  const job = await ports.jobs.get(claim.jobId, 'strong');
  if (job && !writerMayStand(job.phase, claim.writer)) await takeOverClaim(ports, claim, job, now);
}

/** The fleet's worklist holds what was reassigned or quarantined; everything else is found through its job. */
async function keepWorklist({ fleet }: GatherPorts, claim: Claim): Promise<void> {
  const { jobId, partition, writer } = claim;
  const owed = owedReason(claim);
  if (owed && (owed.reason === 'reassigned' || owed.reason === 'quarantined')) {
    await fleet.putOwed({ jobId, partition, system: writer, reason: owed.reason, since: owed.since });
    if (claim.takenOverAt) await fleet.deleteOwed(otherSystem(writer), jobId, partition);
  } else if (claim.takenOverAt || claim.quarantine) {
    await fleet.deleteOwed('old', jobId, partition);
    await fleet.deleteOwed('new', jobId, partition);
  }
}
