/** Phase changes among running pipelines: swaps, demotions, crashed commits, sweeps that repeat them, delayed assigns. */

import { formatToken } from '../../../lib/domain/token.ts';
import { automaticPromotion, sweep, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { redelivery, run } from '../runs.ts';
import { claimedIn, landedBy, publishedAs, readyEvidence, takenOverIn, worldIn } from './worlds.ts';

const landed = landedBy(claimedIn('reverse-shadow'), 'new');
const landing = landed.production!;

export const PHASES: readonly Scenario[] = [
  {
    name: 'swap',
    story: 'A promotion swaps the writers under runs of both systems; the commit may crash, a sweep finishes it.',
    world: worldIn('shadow', { evidence: readyEvidence('shadow') }),
    actors: [run('old'), run('new'), automaticPromotion('reverse-shadow'), sweep()],
    staleReads: true,
    shows: ['writerMayNotStand'],
  },
  {
    name: 'demotion',
    story: 'Production is taken from the new system under two of its runs and one of the old; the commit may crash.',
    world: worldIn('reverse-shadow'),
    actors: [run('new'), run('new'), run('old'), transit('reverse-shadow', 'shadow')],
    shows: ['tokenIsOfThisGeneration', 'publicationIsOfTheLanding'],
  },
  {
    name: 'crashed demotion',
    story: 'The commit of a demotion may crash between any two writes, and two overlapping sweeps repeat its pass.',
    world: worldIn('reverse-shadow', { claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [run('new'), transit('reverse-shadow', 'shadow'), sweep(), sweep()],
    lostAnswers: 1,
    shows: ['history-is-absent'],
  },
  {
    name: 'demotion of two partitions',
    story: 'A demotion passes over two partitions on which the new system runs, one of them with the old beside it.',
    world: worldIn('reverse-shadow', { claims: { p1: null, p2: null } }),
    actors: [
      run('new'),
      run('new', { partition: 'p2' }),
      run('old', { partition: 'p2' }),
      transit('reverse-shadow', 'shadow'),
    ],
  },
  {
    name: 'late correction',
    story: 'The new system has published, and corrects its partition while production is taken from it.',
    world: worldIn('reverse-shadow', { claims: { p1: publishedAs(landedBy(claimedIn('reverse-shadow'), 'new')) } }),
    actors: [
      run('new', { content: 'corrected' }),
      run('new', { content: 'corrected' }),
      run('old'),
      transit('reverse-shadow', 'shadow'),
    ],
    shows: ['phaseStillGivesProduction'],
  },
  {
    name: 'unpublished landing',
    story:
      'The new system has landed and is about to publish when production is taken from it; the old asks for the partition.',
    world: worldIn('reverse-shadow', { claims: { p1: landed } }),
    actors: [
      run('new', { landedUnder: formatToken(landing.token) }),
      run('new', { content: 'another' }),
      run('old'),
      transit('reverse-shadow', 'shadow'),
    ],
    shows: ['phaseLetsWriterBegin'],
  },
  {
    name: 'unpublished landing and stop',
    story:
      'What the new system landed and never published was taken over by the old, which died with it; two promotions by hand follow.',
    world: worldIn('shadow', {
      epoch: 3,
      claims: { p1: takenOverIn('shadow', 3, landed) },
    }),
    actors: [
      run('old'),
      run('new', { landedUnder: formatToken(landing.token) }),
      transit('shadow', 'reverse-shadow'),
      transit('reverse-shadow', 'cleanup'),
    ],
  },
  {
    name: 'stop of the old system',
    story:
      'The old system still writes a partition of the shadow phase, also landed in shadow by the new, when cleanup begins.',
    world: worldIn('reverse-shadow', { epoch: 2, claims: { p1: landedBy(claimedIn('shadow'), 'new') } }),
    actors: [run('old'), run('new'), transit('reverse-shadow', 'cleanup')],
    lostAnswers: 1,
  },
  {
    name: 'redelivered landing',
    story: 'The landing of a run that began before a demotion is delivered twice, around a rerun by the old system.',
    world: worldIn('reverse-shadow'),
    actors: [run('new', { copied: true }), redelivery('new'), run('old'), transit('reverse-shadow', 'shadow')],
  },
  {
    name: 'there and back',
    story:
      'A demotion whose pass is delayed is undone by a promotion by hand; the delayed pass then meets newer claims.',
    world: worldIn('reverse-shadow', { epoch: 2 }),
    actors: [run('new'), transit('reverse-shadow', 'shadow'), transit('shadow', 'reverse-shadow'), run('old')],
    shows: ['claimIsOlderThanJob'],
  },
  {
    name: 'two steps back',
    story:
      'Cleanup begins and is taken back by two phases, past an assign that saw it, on a claim that the old system held.',
    world: worldIn('reverse-shadow', { epoch: 2, claims: { p1: claimedIn('shadow') } }),
    actors: [
      run('new'),
      transit('reverse-shadow', 'cleanup'),
      transit('cleanup', 'reverse-shadow'),
      transit('reverse-shadow', 'shadow'),
    ],
  },
  {
    name: 'two steps on',
    story: 'A demotion is followed by two promotions, past an assign that saw it, on a claim that the new system held.',
    world: worldIn('reverse-shadow', { epoch: 2, claims: { p1: { ...claimedIn('reverse-shadow'), epoch: 2 } } }),
    actors: [
      run('old'),
      transit('reverse-shadow', 'shadow'),
      transit('shadow', 'reverse-shadow'),
      transit('reverse-shadow', 'cleanup'),
    ],
  },
  {
    name: 'back to pending',
    story: 'Shadow capacity is freed by hand while both systems run.',
    world: worldIn('shadow', { claims: { p1: null } }),
    actors: [run('old'), run('new'), run('old'), transit('shadow', 'pending')],
    staleReads: true,
  },
];
