import { describe, expect, it } from 'vitest';
import type { Decision } from '../../lib/domain/decision.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { JobView } from '../../lib/view/job-view.ts';
import { describeNextVerb, planOffers } from '../../lib/view/offers.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aJobView } from './views.ts';

const hold = { scope: 'promotions' as const, actor: 'ana', reason: 'a look', at: NOW };
const base = aJobView();

function offersFor(job: Partial<Job>, decision: Partial<Decision>, more: Partial<JobView> = {}) {
  const { attention: _, ...view } = aJobView({
    job: aJob({ phase: 'shadow', version: 7, ...job }),
    decision: {
      ...base.decision,
      from: job.phase ?? 'shadow',
      kind: 'hold',
      reason: 'need-not-met',
      unmet: [],
      ...decision,
    },
  });
  return planOffers({ ...view, ...more });
}
const labels = (offers: ReturnType<typeof planOffers>) =>
  offers.map(({ label, recommended }) => (recommended ? `${label}!` : label));
const waiting = { to: 'reverse-shadow' as const, unmet: [{ need: 'soak' as const, message: '1 d of 3 d' }] };

describe('a job page offers', () => {
  it('no promotion while something is not met: passing over it is for the command line', () => {
    expect(labels(offersFor({}, waiting))).toEqual(['Hold', 'Restart', 'Demote to pending']);
  });

  it('the promotion that the policy only recommends, and advises it', () => {
    const offers = offersFor({}, { to: 'reverse-shadow', reason: 'automation-recommend' });
    expect(labels(offers)).toEqual(['Promote to reverse-shadow!', 'Hold', 'Restart', 'Demote to pending']);
    expect(describeNextVerb(offers)).toMatch(/^Promote to reverse-shadow: flights-atl goes from shadow/);
    expect(offers[0]?.request).toEqual({ jobId: 'flights-atl', expectedVersion: 7, to: 'reverse-shadow' });
  });

  it('a promotion before the next sweep, and advises nothing', () => {
    const offers = offersFor({}, { kind: 'promote', to: 'reverse-shadow', reason: 'criteria-pass' });
    expect(labels(offers)).toEqual(['Promote to reverse-shadow', 'Hold', 'Restart', 'Demote to pending']);
    expect(describeNextVerb(offers)).toBeUndefined();
  });

  it('a rollback that the policy or a hold keeps automation from', () => {
    const failing = { to: 'shadow' as const, reason: 'automation-observe' as const };
    expect(labels(offersFor({ phase: 'reverse-shadow' }, failing))).toContain('Demote to shadow!');
    const held = { to: 'shadow' as const, reason: 'held' as const };
    expect(labels(offersFor({ phase: 'reverse-shadow', hold }, held))).toContain('Demote to shadow!');
  });

  it('advises no rollback to a system that is not alive', () => {
    const dead = { to: 'shadow' as const, reason: 'old-not-alive' as const };
    expect(labels(offersFor({ phase: 'reverse-shadow' }, dead))).toEqual(['Hold', 'Restart', 'Demote to shadow']);
  });

  it('the release of a hold, once; one that has expired is as none', () => {
    expect(labels(offersFor({ hold }, { to: 'reverse-shadow', reason: 'held' }))).toEqual([
      'Release!',
      'Restart',
      'Demote to pending',
    ]);
    expect(labels(offersFor({ hold: { ...hold, until: NOW } }, waiting))).toContain('Hold');
  });

  it('a sign-off only where one counts that nobody vouches for, and more are wanted', () => {
    const signOffs = { to: 'reverse-shadow' as const, quorum: 1, from: [], allowClaimed: true, given: [] };
    const wanted = { to: 'reverse-shadow' as const, unmet: [{ need: 'approved' as const, message: '0 of 1' }] };
    expect(labels(offersFor({}, wanted, { signOffs }))).toContain('Approve reverse-shadow!');
    expect(labels(offersFor({}, wanted, { signOffs: { ...signOffs, allowClaimed: false } })).join()).not.toContain(
      'Approve',
    );
    const given = [{ to: 'reverse-shadow' as const, actor: 'ana', verified: false, epoch: 1, at: NOW }];
    expect(labels(offersFor({}, wanted, { signOffs: { ...signOffs, given } })).join()).not.toContain('Approve');
  });

  it('the end of a migration with the name of the job typed once more', () => {
    const offers = offersFor({ phase: 'cleanup' }, { to: 'complete', reason: 'awaiting-operator' });
    expect(labels(offers)).toEqual(['Complete!', 'Hold', 'Restart', 'Demote to reverse-shadow']);
    expect(offers[0]?.fields).toEqual(['actor', 'reason', 'confirm']);
  });

  it('to acknowledge two writers, which is not the release of a hold', () => {
    const attention = { kind: 'split-writer' as const, cause: 'both systems wrote production', since: NOW };
    const offers = offersFor({ hold }, waiting, { attention });
    expect(labels(offers)).toEqual(['Acknowledge two writers', 'Release', 'Restart', 'Demote to pending']);
    expect(offers[0]).toMatchObject({ verb: 'release', request: { jobId: 'flights-atl', splitWriter: true } });
  });

  it('a stop and a rollback without the version of the page, so that neither fails because it is a moment old', () => {
    const offers = offersFor({ phase: 'reverse-shadow' }, waiting);
    const versioned = offers.filter(({ request }) => request.expectedVersion !== undefined).map(({ verb }) => verb);
    expect(versioned).toEqual(['restart']);
  });

  it('nothing for a job that is complete or retired', () => {
    expect(offersFor({ phase: 'complete' }, { reason: 'final-phase' })).toEqual([]);
    expect(offersFor({ retired: { actor: 'ana', reason: 'gone', at: NOW } }, { reason: 'final-phase' })).toEqual([]);
  });
});
