/**
 * Recorded claims, told again: what became of each, in order, and what it would have been at every moment if the job had
 * been in another phase meanwhile. The same rules of the protocol make these images (`openClaim`, `settleClaim`,
 * `planTakeOver`); nothing is refused, since all of it was accepted once. Used by `replay.ts`; pure.
 *
 * A landing is kept until another takes its place. Of what was replaced only a quarantine remembers the numbers.
 */
import { type Claim, openClaim, planTakeOver, revise, settleClaim } from './claim.ts';
import type { Difference } from './difference.ts';
import type { Job } from './job.ts';
import type { Landing } from './landing.ts';
import { productionWriter, SYSTEMS, type System } from './phases.ts';
import { earlierOf, type Instant } from './time.ts';

/** Something that happened to a claim. `record` is the claim as it is kept today. */
export type Told = { at: Instant; record: Claim } & (
  | { kind: 'claimed' }
  | { kind: 'landed'; landing: Landing; published: boolean }
  | { kind: 'published'; system: System }
  | { kind: 'compared'; difference: Difference }
);

/** What happened first comes first, and what happened at once in the order in which it must have. */
const ORDER: readonly Told['kind'][] = ['claimed', 'landed', 'published', 'compared'];

export function tellAgain(claims: readonly Claim[]): Told[] {
  return claims
    .flatMap(tellClaim)
    .sort(
      (a, b) =>
        compareText(a.at, b.at) ||
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        compareText(a.record.partition, b.record.partition),
    );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tellClaim(record: Claim): Told[] {
  const kept = [record.production, record.shadow].filter((landing) => landing !== undefined);
  const landings = [...remembered(record, kept), ...kept];
  const { production, published, difference } = record;
  const birth = landings.map(({ acceptedAt }) => acceptedAt).reduce(earlierOf, record.claimedAt);
  return [
    { kind: 'claimed', at: birth, record },
    ...landings.map((landing): Told => {
      // Who publishes what another phase would have made production is not recorded: it is taken for done at once.
      const told = landing === production;
      return { kind: 'landed', at: landing.acceptedAt, record, landing, published: !told };
    }),
    ...(published && published.system === production?.system
      ? [{ kind: 'published' as const, at: published.at, record, system: published.system }]
      : []),
    ...(difference ? [{ kind: 'compared' as const, at: difference.reportedAt, record, difference }] : []),
  ];
}

/** Both had landed when the quarantine began, whatever became of their landings since. */
function remembered({ quarantine }: Claim, kept: readonly Landing[]): Landing[] {
  if (!quarantine) return [];
  const { openedAt } = quarantine;
  return SYSTEMS.flatMap((system) => {
    const own = kept.find((landing) => landing.system === system);
    const like = own ?? kept[0];
    if (!like || (own && own.acceptedAt <= openedAt)) return [];
    const landedAt = own && own.landedAt <= openedAt ? own.landedAt : openedAt;
    return [{ ...like, ...quarantine[system], system, landedAt, acceptedAt: openedAt }];
  });
}

/** The claim after this; the same one where the protocol would have refused it in that phase. */
export function retell(image: Claim | undefined, told: Told, job: Job): Claim {
  const { at, record } = told;
  const { partition, readyAt } = record;
  const claim = image ?? openClaim(job, partition, productionWriter(job.phase), readyAt, at);
  if (told.kind === 'claimed') return claim;
  if (told.kind === 'landed') return takeOverAgain(landAgain(claim, told.landing, told.published, at), record, job, at);
  if (told.kind === 'published') return claim.production?.system === told.system ? publishAgain(claim, at) : claim;
  return settleClaim(revise(claim, { difference: told.difference }, at));
}

function landAgain(claim: Claim, landing: Landing, published: boolean, at: Instant): Claim {
  const { system } = landing;
  if (claim.writer !== system) {
    // Production was taken from it, and the other system has not landed yet: it is fenced.
    if (claim.production?.system === system) return claim;
    return settleClaim(revise(claim, { shadow: landing }, at));
  }
  const { shadow, ...rest } = claim;
  const grant = claim.grant + 1;
  const production = { ...landing, token: { generation: claim.generation, grant } };
  const compared = shadow && shadow.system !== system ? { shadow } : {};
  const next = settleClaim(revise({ ...rest, ...compared }, { production, grant, rightOutstanding: false }, at));
  return published ? publishAgain(next, at) : next;
}

function publishAgain(claim: Claim, at: Instant): Claim {
  if (!claim.production) return claim;
  const { system, token, checksum } = claim.production;
  return settleClaim(revise(claim, { published: { system, token, checksum, at } }, at));
}

/**
 * The claim after the pass that follows a phase change; the same one when it stands. What its new writer has landed already is
 * published at once, unless it is recorded to have landed again.
 */
export function takeOverAgain(claim: Claim, record: Claim, job: Job, at: Instant): Claim {
  const taken = planTakeOver(claim, job, at);
  if (!taken) return claim;
  const lands = [record.production, record.shadow].some(
    (landing) => landing?.system === taken.writer && landing.acceptedAt > at,
  );
  const { shadow } = claim;
  return lands || shadow?.system !== taken.writer ? taken : landAgain(taken, shadow, true, at);
}
