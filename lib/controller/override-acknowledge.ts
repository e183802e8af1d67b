/**
 * `release` with `splitWriter`: a person has looked at the partitions that both systems wrote. They ask for no attention any
 * more, as they were seen; whatever is written to one of them afterwards, or another one, asks again. A hold stays.
 */
import { findUnseenSplits } from '../domain/attention.ts';
import { emptyEvidence } from '../domain/evidence.ts';
import type { Instant } from '../domain/time.ts';
import { changeJob } from './override-change.ts';
import type { OverrideRequest, OverrideResult } from './override-request.ts';
import type { Ports } from './ports.ts';
import { refuse } from './refusal.ts';

/** Of a job; what is older asks for attention again, which is the safe side. Evidence names fewer at a time. */
const SPLITS_KEPT = 20;

export async function acknowledgeSplits(
  ports: Ports,
  request: OverrideRequest,
  clock: () => Instant,
): Promise<OverrideResult> {
  // Read before the job: what is gathered in between is none of what the person was shown.
  const evidence = (await ports.evidence.get(request.jobId, 'strong')) ?? emptyEvidence(request.jobId);
  const acknowledged = await changeJob(ports, 'release', request, clock, (job) => {
    const splits = findUnseenSplits(job, evidence);
    if (splits.length === 0) {
      return refuse(
        'NoSplitWriter',
        `${job.jobId} has no partition that both systems wrote and nobody has acknowledged`,
      );
    }
    const { attention, ...rest } = job;
    const seenSplits = [...(job.seenSplits ?? []), ...splits].slice(-SPLITS_KEPT);
    return {
      type: 'acknowledged',
      job: { ...rest, ...(attention && attention.kind !== 'split-writer' && { attention }), seenSplits },
      splits,
    };
  });
  if ('refused' in acknowledged) return acknowledged;
  return { ...acknowledged, next: 'another write to a partition that was acknowledged, or to another one, asks again' };
}
