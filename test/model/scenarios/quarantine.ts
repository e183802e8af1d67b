/** Pairs that mismatch while production is the new system's. */

import { formatToken } from '../../../lib/domain/token.ts';
import { excusing, repair, sweep, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { run } from '../runs.ts';
import { claimedIn, landedBy, publishedAs, worldIn } from './worlds.ts';

const wrong = landedBy(claimedIn('reverse-shadow'), 'new', 'wrong');
const rounded = landedBy(landedBy(claimedIn('reverse-shadow'), 'old'), 'new', 'rounded');

export const QUARANTINE: readonly Scenario[] = [
  {
    name: 'quarantine',
    story:
      'The new system lands wrong content, the old lands its shadow, a demotion follows, and old publishes the partition.',
    world: worldIn('reverse-shadow', { claims: { p1: claimedIn('reverse-shadow') } }),
    actors: [run('new', { content: 'wrong' }), run('old'), transit('reverse-shadow', 'shadow'), run('old')],
  },
  {
    name: 'late mismatch',
    story: 'The pair turns out to mismatch after the demotion, and the stream hands the partition to the old system.',
    world: worldIn('reverse-shadow', { claims: { p1: publishedAs(wrong) } }),
    actors: [run('old'), run('old'), repair(), transit('reverse-shadow', 'shadow'), run('new', { content: 'wrong' })],
  },
  {
    name: 'repair by the new system',
    story: 'A quarantined partition is corrected by the new system, while its first run still publishes and confirms.',
    world: worldIn('reverse-shadow', { claims: { p1: landedBy(claimedIn('reverse-shadow'), 'old') } }),
    actors: [run('new', { content: 'wrong', attempt: 1 }), run('new', { attempt: 2 }), sweep()],
    shows: ['quarantineMayClear'],
  },
  {
    name: 'correction of the shadow',
    story: 'It was the old system that was wrong: its correction makes the pair match.',
    world: worldIn('reverse-shadow', { claims: { p1: landedBy(claimedIn('reverse-shadow'), 'old', 'wrong') } }),
    actors: [run('new'), run('old', { attempt: 2 }), transit('reverse-shadow', 'shadow'), repair()],
  },
  {
    name: 'quarantine and promotion',
    story: 'A quarantined partition that old has taken over meets a forced promotion back.',
    world: worldIn('reverse-shadow', { claims: { p1: landedBy(publishedAs(wrong), 'old') } }),
    actors: [run('old'), run('new'), transit('reverse-shadow', 'shadow'), transit('shadow', 'reverse-shadow')],
  },
  {
    name: 'excuse',
    story:
      'A quarantined partition is excused while its run publishes it, a demotion takes it over, and old runs again.',
    world: worldIn('reverse-shadow', { claims: { p1: rounded } }),
    actors: [
      excusing(rounded),
      run('new', { content: 'rounded', landedUnder: formatToken(rounded.production!.token) }),
      transit('reverse-shadow', 'shadow'),
      run('old'),
    ],
    lostAnswers: 1,
  },
  {
    name: 'excuse and correction',
    story: 'A sweep excuses what it saw, while the new system replaces it with what nobody expects.',
    world: worldIn('reverse-shadow', { claims: { p1: publishedAs(rounded) } }),
    actors: [
      excusing(rounded),
      excusing(rounded),
      run('new', { content: 'wrong' }),
      transit('reverse-shadow', 'shadow'),
      repair(),
    ],
  },
];
