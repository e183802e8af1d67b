/** Larger scenarios: more actors, more phase changes, stale reads and lost answers at once. Run by hand. */

import { formatToken } from '../../../lib/domain/token.ts';
import { askedPromotion, automaticPromotion, byHand, repair, sweep, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { redelivery, run } from '../runs.ts';
import { claimedIn, failingEvidence, gatedWorldIn, landedBy, publishedAs, readyEvidence, worldIn } from './worlds.ts';

const landed = landedBy(claimedIn('reverse-shadow'), 'new');
const back = transit('reverse-shadow', 'shadow');

export const DEEP: readonly Scenario[] = [
  {
    name: 'demotion and sweep',
    story: 'A demotion under three runs, with a sweep that repeats its pass.',
    world: worldIn('reverse-shadow'),
    actors: [run('new'), run('new'), run('old'), back, sweep()],
  },
  {
    name: 'demotion with faults',
    story: 'A demotion under two runs, with a sweep, stale reads and two lost answers.',
    world: worldIn('reverse-shadow'),
    actors: [run('new'), run('old'), back, sweep()],
    staleReads: true,
    lostAnswers: 2,
  },
  {
    name: 'late correction and sweep',
    story:
      'The new system corrects what it has published while production is taken from it, and a sweep repeats the pass.',
    world: worldIn('reverse-shadow', { claims: { p1: publishedAs(landedBy(claimedIn('reverse-shadow'), 'new')) } }),
    actors: [run('new', { content: 'corrected' }), run('new', { content: 'corrected' }), run('old'), back, sweep()],
  },
  {
    name: 'two holds and a release',
    story: 'Two operators hold the job and a third releases it while a promotion is ready.',
    world: worldIn('shadow', { evidence: readyEvidence('shadow') }),
    actors: [automaticPromotion('reverse-shadow'), byHand.hold(), byHand.hold(), byHand.release()],
  },
  {
    name: 'unpublished landing, there and back',
    story: 'A landing is about to be published while production goes to the old system, which asks, and comes back.',
    world: worldIn('reverse-shadow', { claims: { p1: landed } }),
    actors: [
      run('new', { landedUnder: formatToken(landed.production!.token) }),
      run('new'),
      run('old'),
      back,
      transit('shadow', 'reverse-shadow'),
    ],
    lostAnswers: 1,
  },
  {
    name: 'stop of the old system and sweep',
    story:
      'The old system still writes a partition, also landed in shadow by the new, when cleanup begins; a sweep comes by.',
    world: worldIn('reverse-shadow', { epoch: 2, claims: { p1: landedBy(claimedIn('shadow'), 'new') } }),
    actors: [run('old'), run('new'), transit('reverse-shadow', 'cleanup'), sweep()],
    lostAnswers: 1,
  },
  {
    name: 'hold of everything under a run',
    story: 'A sweep is about to demote when an operator holds the job for everything, and releases it, under a run.',
    world: worldIn('reverse-shadow', { evidence: failingEvidence(), claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [sweep(), byHand.hold('all'), byHand.release(), run('new')],
  },
  {
    name: 'by hand against automation under a run',
    story: 'An operator demotes and promotes while automation promotes, and a run of the new system goes on.',
    world: worldIn('reverse-shadow', {
      evidence: readyEvidence('reverse-shadow'),
      claims: { p1: claimedIn('reverse-shadow') },
    }),
    actors: [automaticPromotion('cleanup'), byHand.demote(), byHand.promote(), run('new')],
  },
  {
    name: 'three changes',
    story: 'Demotion, promotion and demotion again, past two runs of the new system.',
    world: worldIn('reverse-shadow', { epoch: 2 }),
    actors: [run('new'), run('new'), back, transit('shadow', 'reverse-shadow'), back],
    staleReads: true,
  },
  {
    name: 'two steps back, three runs',
    story: 'Two demotions in a row past three runs.',
    world: worldIn('cleanup', { epoch: 3, claims: { p1: claimedIn('shadow') } }),
    actors: [run('new'), run('new'), run('old'), transit('cleanup', 'reverse-shadow'), back],
  },
  {
    name: 'two steps back, with faults',
    story: 'Two demotions in a row past two runs, with stale reads and two lost answers.',
    world: worldIn('cleanup', { epoch: 3 }),
    actors: [run('new'), run('old'), transit('cleanup', 'reverse-shadow'), back],
    staleReads: true,
    lostAnswers: 2,
  },
  {
    name: 'overlapping sweeps demote',
    story: 'Two sweeps judge the same failing evidence while a run of each system goes on.',
    world: worldIn('reverse-shadow', { evidence: failingEvidence(), claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [sweep(), sweep(), run('new'), run('old')],
    lostAnswers: 1,
  },
  {
    name: 'quarantine and two steps',
    story: 'A mismatch that comes up while production goes back by two steps.',
    world: worldIn('cleanup', {
      epoch: 3,
      claims: { p1: publishedAs(landedBy(claimedIn('reverse-shadow'), 'new', 'wrong')) },
    }),
    actors: [run('old'), run('old'), run('new'), transit('cleanup', 'reverse-shadow'), back, repair()],
  },
  {
    name: 'two partitions, three runs',
    story: 'Two partitions, one with two runs, under a demotion.',
    world: worldIn('reverse-shadow', { claims: { p1: null, p2: null } }),
    actors: [run('new'), run('new'), run('new', { partition: 'p2' }), back],
  },
  {
    name: 'redelivery and repair',
    story: 'A wrong landing is delivered twice around its quarantine, a demotion and the repair.',
    world: worldIn('reverse-shadow', { claims: { p1: landedBy(claimedIn('reverse-shadow'), 'old') } }),
    actors: [
      run('new', { content: 'wrong', copied: true }),
      redelivery('new', { content: 'wrong' }),
      run('old'),
      back,
      repair(),
    ],
    lostAnswers: 1,
  },
  {
    name: 'hands and sweeps',
    story: 'Two operators demote and promote while a sweep demotes, under a run of each system.',
    world: worldIn('reverse-shadow', { evidence: failingEvidence(), claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [byHand.demote(), byHand.promote(), sweep(), run('new')],
  },
  {
    name: 'two gates of another epoch',
    story: 'Two sweeps ask the gate and promote, while an operator has the job begin again.',
    world: gatedWorldIn('shadow', { evidence: readyEvidence('shadow') }),
    actors: [askedPromotion('reverse-shadow'), askedPromotion('reverse-shadow'), byHand.restart()],
  },
];
