/**
 * A claim, with both sides' landings, as one item of the `landings` table. Pure. `open` is derived by the domain's own
 * rule at every write, so that listing the open claims is a filter and not a second opinion. A settled claim expires some
 * time after its last change; an open one has no expiry at all, so none that is owed or quarantined is ever lost.
 */
import { type Claim, isOpen, isQuarantined, owedReason } from '../domain/claim.ts';
import { toMs } from '../domain/time.ts';
import { decodeBody, encodeBody, type Item, requireSize } from './record-body.ts';

export function encodeClaim(claim: Claim, keptDays: number): Item {
  const { jobId, partition, writer, epoch, generation, grant, revision, changedAt, ...rest } = claim;
  const open = isOpen(claim);
  const owed = owedReason(claim);
  const item = {
    jobId,
    partition,
    writer,
    epoch,
    generation,
    grant,
    revision,
    changedAt,
    open,
    ...(owed && { owed: owed.reason }),
    ...(isQuarantined(claim) && { quarantined: true }),
    ...(!open && { expiresAt: expiryOf(toMs(changedAt), keptDays) }),
    ...encodeBody(rest),
  };
  return requireSize(item, `the claim of ${jobId} ${partition}`);
}

export function decodeClaim(item: Item): Claim {
  const { jobId, partition, writer, epoch, generation, grant, revision, changedAt } = item;
  const rest = decodeBody(item, `the claim of ${String(jobId)} ${String(partition)}`);
  return { jobId, partition, writer, epoch, generation, grant, ...rest, changedAt, revision } as unknown as Claim;
}

/** Epoch seconds, as DynamoDB wants them. */
export function expiryOf(ms: number, keptDays: number): number {
  return Math.ceil(ms / 1000) + keptDays * 86_400;
}
