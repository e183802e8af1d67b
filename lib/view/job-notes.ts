/** What people and automation have laid on a job, a panel each: attention, a hold, a proposal, sign-offs, its retirement. */
import { describeAttention } from '../domain/attention.ts';
import { activeHold, type Hold, type Proposal, type Retirement } from '../domain/job.ts';
import type { Instant } from '../domain/time.ts';
import { renderAttentionKind } from './attention-list.ts';
import { type Html, html, renderBadge, renderInstant, renderPanel, renderText } from './html.ts';
import type { JobView } from './job-view.ts';

export function renderNotes({ job, attention, signOffs, at }: JobView): Html {
  const hold = activeHold(job, at);
  return html`${job.retired && renderRetirement(job.retired, at)}
${attention && renderPanel('bad', html`${renderAttentionKind(attention.kind)} ${renderText(describeAttention(attention))}, since ${renderInstant(attention.since, at)}`)}
${hold && renderHold(hold, at)}
${job.proposal && renderProposal(job.proposal, at)}
${signOffs && renderSignOffs(signOffs, at)}`;
}

function renderRetirement({ actor, reason, at: retiredAt }: Retirement, at: Instant): Html {
  const by = html`by ${renderText(actor)} at ${renderInstant(retiredAt, at)}`;
  return renderPanel('plain', html`${renderBadge('retired', 'plain')} ${by}: ${renderText(reason)}`);
}

function renderHold({ scope, actor, reason, at: heldAt, until }: Hold, at: Instant): Html {
  const by = html`by ${renderText(actor)} at ${renderInstant(heldAt, at)}`;
  const end = until !== undefined && html`, until ${renderInstant(until, at)}`;
  return renderPanel('warn', html`${renderBadge('held', 'warn')} (${scope}) ${by}${end}: ${renderText(reason)}`);
}

function renderProposal({ kind, to, reason, at: proposedAt }: Proposal, at: Instant): Html {
  const what = html`${kind} to ${to}, since ${renderInstant(proposedAt, at)}`;
  return renderPanel('plain', html`${renderBadge('proposed', 'plain')} ${what}: ${renderText(reason)}`);
}

function renderSignOffs(
  { to, quorum, from, allowClaimed, given }: NonNullable<JobView['signOffs']>,
  at: Instant,
): Html {
  const allowed = from.length > 0 && html`, from ${renderText(from.join(', '))}`;
  const names = given.map(
    ({ actor, verified, at: givenAt }) =>
      html` ${renderText(actor)}${!verified && ' (claimed)'} at ${renderInstant(givenAt, at)}.`,
  );
  const elsewhere =
    !allowClaimed && html` AWS has to vouch for whoever signs: <code>crossfade approve</code>, not this page.`;
  return renderPanel('plain', html`${given.length} of ${quorum} approvals for ${to}${allowed}.${names}${elsewhere}`);
}
