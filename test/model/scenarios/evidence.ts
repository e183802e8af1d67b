/** Images of claims on their way into the job's evidence: late, twice, out of order, by several gathers at once. */

import { recomputeEvidence } from '../../../lib/domain/evidence.ts';
import { JOB_ID } from '../calls.ts';
import { gathering } from '../control.ts';
import type { Scenario } from '../explore.ts';
import { canonical } from '../interner.ts';
import { claimedIn, landedBy, publishedAs, worldIn } from './worlds.ts';

const landed = landedBy(claimedIn('reverse-shadow', 'p1'), 'new');
const published = publishedAs(landed);
const paired = landedBy(published, 'old');
const mismatched = landedBy(landedBy(claimedIn('reverse-shadow', 'p2'), 'old'), 'new', 'wrong');

export const EVIDENCE: readonly Scenario[] = [
  {
    name: 'gathers',
    story: 'Three gathers fold images of two claims, one of them old, one delivered twice.',
    world: { ...worldIn('reverse-shadow', { claims: { p1: paired, p2: mismatched } }), changing: ['evidence'] },
    actors: [gathering(landed), gathering(paired, mismatched), gathering(mismatched)],
    lostAnswers: 1,
    atRest: ({ claims, evidence }) =>
      canonical({ ...evidence, version: 0 }) === canonical(recomputeEvidence(JOB_ID, claims, 0))
        ? undefined
        : '7: the evidence is not what its claims add up to',
    shows: ['evidence-version-unchanged'],
  },
];
