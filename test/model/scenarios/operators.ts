/** Operators beside automation: holds, pauses, changes by hand, a record restored by hand. */
import type { Scenario } from '../explore.ts';
import { automaticPromotion, byHand, restore, run, sweep, transit } from '../programs.ts';
import { claimedIn, readyEvidence, worldIn } from './worlds.ts';

export const OPERATORS: readonly Scenario[] = [
  {
    name: 'hold against promotion',
    story: 'A promotion that is ready meets a hold, a repeat of itself, and a sweep.',
    world: worldIn('shadow', { evidence: readyEvidence() }),
    actors: [automaticPromotion('reverse-shadow'), automaticPromotion('reverse-shadow'), byHand.hold(), sweep()],
    lostAnswers: 1,
  },
  {
    name: 'pause against promotion',
    story: 'A promotion that is ready meets a pause and two resumes.',
    world: { ...worldIn('shadow', { evidence: readyEvidence() }), changing: ['controls'] },
    actors: [automaticPromotion('reverse-shadow'), byHand.pause(), byHand.resume(), byHand.resume()],
  },
  {
    name: 'by hand against automation',
    story: 'An operator demotes and promotes while automation promotes and demotes, and a run of each system goes on.',
    world: worldIn('reverse-shadow', { evidence: readyEvidence(), claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [automaticPromotion('cleanup'), byHand.demote(), byHand.promote(), run('new')],
  },
  {
    name: 'restored record',
    story: 'The job is put back by hand to another phase under the version that a commit expects.',
    world: worldIn('reverse-shadow'),
    actors: [transit('reverse-shadow', 'cleanup'), restore('shadow'), sweep()],
  },
];
