/** Where scenarios begin: a job in a phase, and claims as the real code makes them. */
import { type Claim, openClaim } from '../../../lib/domain/claim.ts';
import { NO_CONTROLS } from '../../../lib/domain/controls.ts';
import { type Evidence, emptyEvidence, type Pair } from '../../../lib/domain/evidence.ts';
import { createJob, type Job } from '../../../lib/domain/job.ts';
import { type Phase, productionWriter, type System } from '../../../lib/domain/phases.ts';
import { planLand, planPublished } from '../../../lib/domain/plan-landing.ts';
import { toMs } from '../../../lib/domain/time.ts';
import { JOB_ID, NOW, POLICY } from '../calls.ts';
import { reportOf } from '../runs.ts';
import type { World } from '../space.ts';

/** When the job entered its phase: all that lands at `NOW` counts. */
const EARLIER = '2026-11-21T12:00:00.000Z';

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

function jobIn(phase: Phase): Job {
  const attributes = { team: 'model', policy: POLICY.name, wave: 0, weight: 1, labels: {} };
  return createJob(JOB_ID, { ...attributes, shape: 'partitioned', integration: 'fenced' }, phase, EARLIER);
}

/** Claimed in an earlier phase, by a run that has since died with its right in hand. */
export function claimedIn(phase: Phase, partition = 'p1'): Claim {
  return openClaim(jobIn(phase), partition, productionWriter(phase), undefined, NOW);
}

/** Landed by the claim's writer (in shadow by the other system), and not published. */
export function landedBy(claim: Claim, system: System, content = 'right'): Claim {
  const { generation, grant } = claim;
  const token = { generation, grant: claim.writer === system ? grant : 0 };
  const outcome = planLand(claim, system, token, reportOf(content), undefined, NOW);
  if (outcome.kind !== 'accepted') throw new Error(`a scenario begins with a landing that is ${outcome.kind}`);
  return outcome.next;
}

export function publishedAs(claim: Claim): Claim {
  const landed = claim.production;
  if (!landed) throw new Error('a scenario begins with a publication of nothing');
  const outcome = planPublished(claim, landed.system, landed.token, landed.checksum, NOW);
  if (outcome.kind !== 'accepted') throw new Error(`a scenario begins with a publication that is ${outcome.kind}`);
  return outcome.next;
}

/** A mismatch of another partition that stands: what sweeps demote for. */
export function failingEvidence(): Evidence {
  const mismatch = { oldRows: 1, newRows: 1, oldChecksum: 'right', newChecksum: 'wrong' };
  const about = { partition: 'earlier', revision: 3, epoch: 1, changedAt: toMs(NOW), final: true };
  return {
    ...emptyEvidence(JOB_ID),
    version: 1,
    standing: [{ ...about, mismatch, quarantined: true, splitWriter: false }],
  };
}

/** As many matching pairs as the policy wants, of other partitions. */
export function readyEvidence(epoch = 1): Evidence {
  const at = toMs(NOW);
  const pairs = Array.from({ length: POLICY.minPairs }, (_, i): Pair => {
    const landed = { oldLandedAt: at, newLandedAt: at, oldLagSeconds: 0, newLagSeconds: 0 };
    const partition = `earlier-${i}`;
    return {
      partition,
      revision: 3,
      epoch,
      outcome: 'match',
      changedAt: at,
      ...landed,
      release: '',
      final: true,
      backfill: false,
    };
  });
  return { ...emptyEvidence(JOB_ID), version: 1, recent: pairs };
}
