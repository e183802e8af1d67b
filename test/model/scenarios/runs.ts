/** Runs of both systems that meet on a partition while the job stays in its phase. */
import type { Scenario } from '../explore.ts';
import { redelivery, run } from '../runs.ts';
import { claimedIn, worldIn } from './worlds.ts';

export const RUNS: readonly Scenario[] = [
  {
    name: 'first assigns',
    story:
      'Two runs of the writer with different content and one of the other system are the first to ask for a partition.',
    world: worldIn('shadow'),
    actors: [run('old'), run('old', { content: 'other' }), run('new')],
    lostAnswers: 1,
    shows: ['claim-revision-unchanged'],
  },
  {
    name: 'zombie',
    story: 'A run that numbers no attempts is superseded by a rerun and goes on; its landing is delivered twice.',
    world: worldIn('shadow'),
    actors: [
      run('old', { content: 'late', attempt: 'left out', copied: true }),
      run('old', { attempt: 'left out' }),
      redelivery('old', { content: 'late' }),
    ],
    shows: ['claim-is-absent', 'tokenIsTheNewestGrant', 'destination-fence'],
  },
  {
    name: 'correction',
    story: 'A first attempt and its correction land under each other, as production and as shadow.',
    world: worldIn('reverse-shadow'),
    actors: [
      run('new', { content: 'wrong', attempt: 1 }),
      run('new', { attempt: 2 }),
      run('old', { content: 'wrong', attempt: 1 }),
      run('old', { attempt: 2 }),
    ],
    shows: ['attemptIsNotLower'],
  },
  {
    name: 'shared attempt',
    story: 'Two runs of each system give different content the same attempt number.',
    world: worldIn('reverse-shadow'),
    actors: [
      run('new', { content: 'one', attempt: 1 }),
      run('new', { content: 'two', attempt: 1 }),
      run('old', { attempt: 1 }),
    ],
    shows: ['sameAttemptHasSameContent'],
  },
  {
    name: 'no attempts',
    story: 'Pipelines that number no attempts run twice for each system, with different content.',
    world: worldIn('reverse-shadow', { claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [
      run('new', { attempt: 'left out' }),
      run('new', { attempt: 'left out', content: 'other' }),
      run('old', { attempt: 'left out' }),
      run('old', { attempt: 'left out', content: 'other' }),
    ],
  },
  {
    name: 'unfaithful run',
    story: 'A run publishes and confirms something else than it landed, beside a rerun.',
    world: worldIn('shadow', { claims: { p1: claimedIn('shadow') } }),
    actors: [run('old', { publishes: 'something else' }), run('old')],
    shows: ['publicationHasTheContent'],
  },
];
