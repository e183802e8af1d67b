/** Operators beside automation: holds, pauses, changes by hand, a record restored by hand; sweeps beside each other. */

import { automaticPromotion, byHand, restore, sweep, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { run } from '../runs.ts';
import type { HistorySlot } from '../world.ts';
import { claimedIn, failingEvidence, readyEvidence, worldIn } from './worlds.ts';

const ready = worldIn('shadow', { evidence: readyEvidence('shadow') });
const regressing = worldIn('reverse-shadow', {
  evidence: failingEvidence(),
  claims: { p1: claimedIn('reverse-shadow') },
});

function demotionsIn(history: HistorySlot): number {
  return Object.values(history).filter(({ record }) => record.type === 'demotion').length;
}

export const OPERATORS: readonly Scenario[] = [
  {
    name: 'hold against promotion',
    story: 'A promotion that is ready meets a hold, a repeat of itself, and a sweep.',
    world: ready,
    actors: [automaticPromotion('reverse-shadow'), automaticPromotion('reverse-shadow'), byHand.hold(), sweep()],
    lostAnswers: 1,
    shows: ['job-version-unchanged'],
  },
  {
    name: 'hold and release',
    story: 'An operator holds the job and another releases it while a promotion is ready.',
    world: ready,
    actors: [automaticPromotion('reverse-shadow'), byHand.hold(), byHand.release()],
    lostAnswers: 1,
  },
  {
    name: 'pause against promotion',
    story: 'A promotion that is ready meets two pauses and a resume.',
    world: { ...ready, changing: ['controls'] },
    actors: [automaticPromotion('reverse-shadow'), byHand.pause(), byHand.pause(), byHand.resume()],
    shows: ['controls-version-unchanged'],
  },
  {
    name: 'by hand against automation',
    story: 'An operator demotes and promotes while automation promotes.',
    world: worldIn('reverse-shadow', {
      evidence: readyEvidence('reverse-shadow'),
      claims: { p1: claimedIn('reverse-shadow') },
    }),
    actors: [automaticPromotion('cleanup'), byHand.demote(), byHand.promote()],
  },
  {
    name: 'two steps by hand',
    story:
      'As cleanup begins one call takes the job back by two phases, past a run of the new system on a claim of the old.',
    world: worldIn('reverse-shadow', { epoch: 2, claims: { p1: claimedIn('shadow') } }),
    actors: [transit('reverse-shadow', 'cleanup'), byHand.demote('shadow'), run('new')],
  },
  {
    name: 'repeated request',
    story: 'A demotion by hand is delivered twice, around a promotion by somebody else.',
    world: worldIn('reverse-shadow'),
    actors: [byHand.demote(undefined, 'R'), byHand.demote(undefined, 'R'), byHand.promote()],
    atRest: ({ history }) =>
      demotionsIn(history) === 1 ? undefined : `7: one request demoted ${demotionsIn(history)} times`,
  },
  {
    name: 'repeated request of two steps',
    story: 'A demotion by hand over two phases is delivered twice beside a sweep; either may die between the two.',
    world: worldIn('cleanup', { epoch: 3 }),
    actors: [byHand.demote('shadow', 'R'), byHand.demote('shadow', 'R'), sweep()],
    atRest: ({ job, history }) =>
      demotionsIn(history) === 2 && job.phase === 'shadow' ? undefined : `7: one request led to ${job.phase}`,
  },
  {
    name: 'overlapping sweeps',
    story: 'Two sweeps judge the same regression, beside a hold and a pause of promotions, which delay no demotion.',
    world: { ...regressing, changing: ['controls'] },
    actors: [sweep(), sweep(), byHand.hold(), byHand.pause()],
    atRest: ({ job }) =>
      job.epoch === 2 && job.phase === 'shadow' ? undefined : `6: the job is in ${job.phase} after two sweeps`,
  },
  {
    name: 'overlapping sweeps under a run',
    story: 'Two sweeps judge the same regression while a run of the new system goes on.',
    world: regressing,
    actors: [sweep(), sweep(), run('new')],
    lostAnswers: 1,
    atRest: ({ job }) =>
      job.epoch === 2 && job.phase === 'shadow' ? undefined : `7: the job is in ${job.phase} after two sweeps`,
    shows: ['productionIsNotSettled'],
  },
  {
    name: 'hold of everything',
    story: 'A sweep is about to demote when an operator holds the job for everything, and releases it.',
    world: regressing,
    actors: [sweep(), byHand.hold('all'), byHand.release()],
  },
  {
    name: 'restart against promotion',
    story: 'A promotion that is ready meets an operator who has the evidence start again, and a sweep.',
    world: ready,
    actors: [automaticPromotion('reverse-shadow'), byHand.restart(), sweep()],
    lostAnswers: 1,
  },
  {
    name: 'retirement',
    story: 'A job is retired while a sweep demotes it and a run of the new system is under way.',
    world: regressing,
    actors: [sweep(), byHand.retire(), run('new')],
    atRest: ({ job }) => (job.retired ? undefined : '2: the retirement is lost'),
  },
  {
    name: 'approval',
    story: 'An operator signs while another holds the job and a promotion is ready.',
    world: ready,
    actors: [automaticPromotion('reverse-shadow'), byHand.approve(), byHand.hold()],
  },
  {
    name: 'completion',
    story: 'The removal of the old job is confirmed while another operator takes the job back and a run goes on.',
    world: worldIn('cleanup', { epoch: 3, evidence: readyEvidence('cleanup') }),
    actors: [byHand.complete(), byHand.demote(), run('new')],
  },
  {
    name: 'restored record',
    story: 'The job is put back by hand to another phase under the version that a commit expects.',
    world: worldIn('reverse-shadow'),
    actors: [transit('reverse-shadow', 'cleanup'), restore('shadow'), sweep()],
    shows: ['job-phase-unchanged'],
  },
];
