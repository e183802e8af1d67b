/** A team's gate and hooks, which say what they like: on the way to a commit, after it, and beside demotions. */

import { askedPromotion, asking, byHand, sweep, telling, transit } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { failingEvidence, gatedWorldIn, readyEvidence } from './worlds.ts';

const ready = gatedWorldIn('shadow', { evidence: readyEvidence('shadow') });

export const HOOKS: readonly Scenario[] = [
  {
    name: 'gate',
    story: 'Two sweeps ask the gate of the same promotion, which says what it likes, and tell of what came of it.',
    world: ready,
    actors: [askedPromotion('reverse-shadow'), askedPromotion('reverse-shadow')],
    atRest: ({ job, team }) =>
      job.phase === 'shadow' || team?.passed.length === 1 ? undefined : '3: the gate passed nothing',
  },
  {
    name: 'gate of another epoch',
    story: 'The gate answers two sweeps, of which one promotes, while an operator has the job begin again.',
    world: ready,
    actors: [askedPromotion('reverse-shadow'), asking('reverse-shadow'), byHand.restart()],
  },
  {
    name: 'debts in their order',
    story: 'A job is demoted and promoted by hand while two sweeps tell its hook of what has happened so far.',
    world: gatedWorldIn('reverse-shadow'),
    actors: [transit('reverse-shadow', 'shadow'), transit('shadow', 'reverse-shadow'), telling(), telling()],
  },
  {
    name: 'demotion beside hooks',
    story: 'Two sweeps demote a job of which a hook is still to be told, and whose hook may never take note of it.',
    world: gatedWorldIn('reverse-shadow', { evidence: failingEvidence() }),
    actors: [sweep(), telling(), telling(), sweep()],
    atRest: ({ job }) => (job.phase === 'shadow' ? undefined : `5: the job is in ${job.phase} after two sweeps`),
  },
];
