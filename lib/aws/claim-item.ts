/**
 * A claim, with both sides' landings, as one item of the `landings` table. Pure. `open` is derived by the domain's own
 * rule at every write, so that listing the open claims is a filter and not a second opinion. A settled claim expires some
 * time after its last change; an open one has no expiry at all, so none that is owed or quarantined is ever lost.
 *
 * Every write costs by the kilobyte, and there are four for each partition of each job. What a matching pair says twice
 * (row count, checksum, ...) and what a publication repeats of its landing is written once: 0.9 KB in place of 1.3.
 */
import { type Claim, isOpen, isPublished, isQuarantined, owedReason } from '../domain/claim.ts';
import { isNews } from '../domain/claim-news.ts';
import type { Landing } from '../domain/landing.ts';
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
    // This write is an event: what the pipe looks for, so that all other writes cost it nothing.
    ...(isNews(claim) && { tells: 'news' }),
    ...(!open && { expiresAt: expiryOf(toMs(changedAt), keptDays) }),
    ...encodeBody({ ...rest, shadow: differences(claim), published: publication(claim) }),
  };
  return requireSize(item, `the claim of ${jobId} ${partition}`);
}

export function decodeClaim(item: Item): Claim {
  const { jobId, partition, writer, epoch, generation, grant, revision, changedAt } = item;
  const rest = decodeBody(item, `the claim of ${String(jobId)} ${String(partition)}`);
  const production = rest.production as Landing | undefined;
  if (production && rest.shadow) rest.shadow = applyDifferences(production, rest.shadow);
  if (production && typeof rest.published === 'string') {
    const { system, token, checksum } = production;
    rest.published = { system, token, checksum, at: rest.published };
  }
  return { jobId, partition, writer, epoch, generation, grant, ...rest, changedAt, revision } as unknown as Claim;
}

/** Epoch seconds, as DynamoDB wants them. */
export function expiryOf(ms: number, keptDays: number): number {
  return Math.ceil(ms / 1000) + keptDays * 86_400;
}

/** The shadow landing where it differs from production's; `null` stands for what only production has. */
function differences({ production, shadow }: Claim): object | undefined {
  if (!production || !shadow) return shadow;
  const own = new Map<string, unknown>(Object.entries(shadow));
  const differing: [string, unknown][] = [];
  for (const [name, value] of Object.entries(production)) {
    const shared = own.get(name);
    if (shared !== value && shared !== undefined) continue;
    own.delete(name);
    if (shared !== value) differing.push([name, null]);
  }
  return Object.fromEntries([...differing, ...own]);
}

function applyDifferences(production: Landing, differing: object): object {
  const entries = Object.entries({ ...production, ...differing });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** When the accepted landing was published; in full where it is another one's publication. */
function publication(claim: Claim): Claim['published'] | string {
  const { production, published } = claim;
  const ofThisLanding =
    isPublished(claim) && published?.system === production?.system && published?.checksum === production?.checksum;
  return ofThisLanding ? published?.at : published;
}
