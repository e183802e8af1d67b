/** Where scenarios begin: a job in a phase, and claims as the real code makes them. */
import { type Claim, openClaim, planTakeOver } from '../../../lib/domain/claim.ts';
import { NO_CONTROLS } from '../../../lib/domain/controls.ts';
import { type Evidence, emptyEvidence, recomputeEvidence } from '../../../lib/domain/evidence.ts';
import { createJob, type Job } from '../../../lib/domain/job.ts';
import { type Phase, productionWriter, SYSTEMS, type System } from '../../../lib/domain/phases.ts';
import { planLand, planPublished } from '../../../lib/domain/plan-landing.ts';
import { GATED, JOB_ID, NOW, POLICY } from '../calls.ts';
import { reportOf } from '../runs.ts';
import type { World } from '../space.ts';

/** When the job entered its phase: all that lands at `NOW` counts. */
const DAY_AGO = '2026-11-21T12:00:00.000Z';
const HOUR_AGO = '2026-11-22T11:00:00.000Z';

interface Start {
  /** By partition; `null` where nobody has asked yet. By default `p1` alone, unclaimed. */
  claims?: World['claims'];
  epoch?: number;
  evidence?: Evidence;
}

/** Settled: what led here is over. */
export function worldIn(
  phase: Phase,
  { claims = { p1: null }, epoch = 1, evidence = emptyEvidence(JOB_ID) }: Start = {},
): World {
  return {
    job: { job: { ...jobIn(phase), epoch, version: epoch }, past: [] },
    controls: NO_CONTROLS,
    evidence,
    claims,
  };
}

/** The same under a policy that has a gate and is told of transitions; nobody has been asked yet. */
export function gatedWorldIn(phase: Phase, start: Start = {}): World {
  const world = worldIn(phase, start);
  const job = { ...world.job.job, policy: GATED.name };
  return { ...world, job: { job, past: [] }, team: { passed: [], told: [] } };
}

function jobIn(phase: Phase): Job {
  const attributes = { team: 'model', policy: POLICY.name, wave: 0, weight: 1, labels: {} };
  return createJob(JOB_ID, { ...attributes, shape: 'partitioned', integration: 'fenced' }, phase, DAY_AGO);
}

/** Claimed in an earlier phase, by a run that has since died with its right in hand. */
export function claimedIn(phase: Phase, partition = 'p1', at = NOW): Claim {
  return openClaim(jobIn(phase), partition, productionWriter(phase), undefined, at);
}

/** Landed by the claim's writer (in shadow by the other system), and not published. */
export function landedBy(claim: Claim, system: System, content = 'right', at = NOW): Claim {
  const { generation, grant } = claim;
  const token = { generation, grant: claim.writer === system ? grant : 0 };
  const outcome = planLand(claim, system, token, reportOf(content), undefined, at);
  if (outcome.kind !== 'accepted') throw new Error(`a scenario begins with a landing that is ${outcome.kind}`);
  return outcome.next;
}

export function publishedAs(claim: Claim, at = NOW): Claim {
  const landed = claim.production;
  if (!landed) throw new Error('a scenario begins with a publication of nothing');
  const outcome = planPublished(claim, landed.system, landed.token, landed.checksum, at);
  if (outcome.kind !== 'accepted') throw new Error(`a scenario begins with a publication that is ${outcome.kind}`);
  return outcome.next;
}

/** Landed by the one system and not published, and taken over by the other, which asked for it in this phase and died. */
export function takenOverIn(phase: Phase, epoch: number, claim: Claim): Claim {
  const taken = planTakeOver(claim, { ...jobIn(phase), epoch }, NOW, productionWriter(phase));
  if (!taken) throw new Error('a scenario begins with a take-over that takes nothing');
  return taken;
}

/** Pairs of other partitions that match, as many as the policy wants: what a promotion out of this phase is ready on. */
export function readyEvidence(phase: Phase): Evidence {
  const earlier = Array.from({ length: POLICY.minPairs }, (_, i) => claimedIn(phase, `earlier-${i}`, HOUR_AGO));
  const pairs = earlier.map((claim) =>
    SYSTEMS.reduce((landed, system) => landedBy(landed, system, 'right', HOUR_AGO), claim),
  );
  return recomputeEvidence(
    JOB_ID,
    pairs.map((pair) => publishedAs(pair, HOUR_AGO)),
    1,
  );
}

/** A mismatch of another partition that stands: what sweeps demote for. */
export function failingEvidence(): Evidence {
  const landed = landedBy(claimedIn('reverse-shadow', 'earlier', HOUR_AGO), 'new', 'wrong', HOUR_AGO);
  return recomputeEvidence(JOB_ID, [landedBy(landed, 'old', 'right', HOUR_AGO)], 1);
}
