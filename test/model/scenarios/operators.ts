/** Operators beside automation: holds, pauses, changes by hand, a record restored by hand; sweeps beside each other. */

import { automaticPromotion, byHand, restore, sweep, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { run } from '../runs.ts';
import { claimedIn, failingEvidence, readyEvidence, worldIn } from './worlds.ts';

const ready = worldIn('shadow', { evidence: readyEvidence('shadow') });
const regressing = worldIn('reverse-shadow', {
  evidence: failingEvidence(),
  claims: { p1: claimedIn('reverse-shadow') },
});

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
    name: 'two holds and a release',
    story: 'Two operators hold the job and a third releases it while a promotion is ready.',
    world: ready,
    actors: [automaticPromotion('reverse-shadow'), byHand.hold(), byHand.hold(), byHand.release()],
  },
  {
    name: 'pause against promotion',
    story: 'A promotion that is ready meets a pause and two resumes.',
    world: { ...ready, changing: ['controls'] },
    actors: [automaticPromotion('reverse-shadow'), byHand.pause(), byHand.resume(), byHand.resume()],
    shows: ['controls-version-unchanged'],
  },
  {
    name: 'by hand against automation',
    story: 'An operator demotes and promotes while automation promotes, and a run of the new system goes on.',
    world: worldIn('reverse-shadow', {
      evidence: readyEvidence('reverse-shadow'),
      claims: { p1: claimedIn('reverse-shadow') },
    }),
    actors: [automaticPromotion('cleanup'), byHand.demote(), byHand.promote(), run('new')],
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
  },
  {
    name: 'hold of everything',
    story: 'A sweep is about to demote when an operator holds the job for everything, and releases it.',
    world: regressing,
    actors: [sweep(), byHand.hold('all'), byHand.release(), run('new')],
  },
  {
    name: 'restored record',
    story: 'The job is put back by hand to another phase under the version that a commit expects.',
    world: worldIn('reverse-shadow'),
    actors: [transit('reverse-shadow', 'cleanup'), restore('shadow'), sweep()],
    shows: ['job-phase-unchanged'],
  },
];
