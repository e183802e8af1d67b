/**
 * Which verbs a job page offers, and which one it advises: a pure function of what `explain` answers. A verb that would
 * only be refused is not offered, nor is one that passes over what is not met (`promote --force`): that is the CLI's.
 */
import { activeHold } from '../domain/job.ts';
import { demotionFrom, promotionFrom } from '../domain/phases.ts';
import type { Offer, OfferedVerb } from './actions.ts';
import type { JobView } from './job-view.ts';

const SIGNED = ['actor', 'reason'] as const;

/** In the order of the buttons. */
export function planOffers(view: JobView): Offer[] {
  const { job } = view;
  const { jobId, phase } = job;
  if (job.retired || phase === 'complete') return [];
  const offers: Offer[] = [];
  const recommended = recommendVerb(view);
  const add = (verb: OfferedVerb, label: string, effect: string, more: Partial<Offer> = {}) =>
    offers.push({
      verb,
      label,
      effect,
      recommended: recommended === verb,
      request: { jobId, expectedVersion: job.version },
      fields: SIGNED,
      ...more,
    });

  const onward = promotionFrom(phase)?.to;
  if (onward !== undefined && mayPromote(view)) {
    add('promote', `Promote to ${onward}`, `${jobId} goes from ${phase} to ${onward}.`, {
      request: { jobId, expectedVersion: job.version, to: onward },
    });
  }
  if (view.decision.reason === 'awaiting-operator') {
    add('complete', 'Complete', `The old job of ${jobId} is removed: its migration ends. Nothing leads back.`, {
      fields: [...SIGNED, 'confirm'],
    });
  }
  if (view.signOffs && wantsSignOff(view)) {
    const { to } = view.signOffs;
    add('approve', `Approve ${to}`, `You sign that ${jobId} may enter ${to}.`, {
      request: { jobId, expectedVersion: job.version, to },
    });
  }
  if (view.attention?.kind === 'split-writer') {
    add('release', 'Acknowledge two writers', `The partitions that both systems wrote ask for attention no more.`, {
      recommended: false,
      request: { jobId, splitWriter: true },
    });
  }
  if (activeHold(job, view.at)) {
    add('release', 'Release', `The hold of ${jobId} ends, and automation goes on with it.`);
  } else {
    // Neither a stop nor a rollback may fail because the page is a moment old: no version is expected.
    add('hold', 'Hold', `Automation does not promote ${jobId} until it is released. It may still demote it.`, {
      request: { jobId, scope: 'promotions' },
    });
  }
  if (phase !== 'pending') {
    add('restart', 'Restart', `The evidence of ${jobId} is gathered anew in ${phase}, and its soak begins again.`);
  }
  const back = demotionFrom(phase)?.to;
  if (back !== undefined) {
    add('demote', `Demote to ${back}`, `${jobId} goes from ${phase} back to ${back}, now and without conditions.`, {
      request: { jobId, to: back },
    });
  }
  return offers;
}

function recommendVerb(view: JobView): OfferedVerb | undefined {
  const { decision, job } = view;
  if (decision.reason === 'awaiting-operator') return 'complete';
  if (wantsSignOff(view) && decision.unmet.every(({ need }) => need === 'approved')) return 'approve';
  if (decision.reason === 'automation-recommend') return 'promote';
  if (isRollbackHeld(view)) return 'demote';
  return decision.reason === 'held' && activeHold(job, view.at) ? 'release' : undefined;
}

/** Something fails, and a hold or the policy keeps automation from rolling back. */
function isRollbackHeld({ decision }: JobView): boolean {
  return decision.kind === 'hold' && decision.to !== undefined && decision.to === demotionFrom(decision.from)?.to
    ? decision.reason !== 'old-not-alive'
    : false;
}

/** What to do next in words; `undefined` when nothing has to be done or nothing can be but wait. */
export function describeNextVerb(offers: readonly Offer[]): string | undefined {
  const advised = offers.find((offer) => offer.recommended);
  return advised && `${advised.label}: ${advised.effect}`;
}

function mayPromote({ decision, job }: JobView): boolean {
  if (promotionFrom(job.phase)?.by === 'operator' || decision.unmet.length > 0) return false;
  if (decision.to !== promotionFrom(job.phase)?.to) return false;
  return decision.kind === 'promote' || ['automation-observe', 'automation-recommend'].includes(decision.reason);
}

/** Who comes through a page is not vouched for by AWS: where the policy wants that, the page cannot take a sign-off. */
function wantsSignOff({ signOffs }: JobView): boolean {
  return signOffs?.allowClaimed === true && signOffs.given.length < signOffs.quorum;
}
