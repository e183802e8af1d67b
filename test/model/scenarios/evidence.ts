/** Images of claims on their way into the job's evidence: late, twice, out of order, by several gathers at once. */

import type { Claim } from '../../../lib/domain/claim.ts';
import { countingRules } from '../../../lib/domain/counting.ts';
import { type Evidence, recomputeEvidence } from '../../../lib/domain/evidence.ts';
import { JOB_ID, NOW, POLICY } from '../calls.ts';
import type { Broken } from '../claim-invariants.ts';
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
    atRest: ({ claims, evidence }) => findDifference(evidence, claims),
    shows: ['evidence-version-unchanged'],
  },
];

/** A pair whose first image comes after a younger one was counted may be counted never, and no pair is counted twice. */
function findDifference(evidence: Evidence, claims: readonly Claim[]): Broken {
  const wanted = recomputeEvidence(JOB_ID, claims, 0, { rules: countingRules(POLICY), now: NOW });
  if (canonical(uncounted(evidence)) !== canonical(uncounted(wanted))) {
    return '7: the evidence is not what its claims add up to';
  }
  const [equal, all] = [evidence.tally?.equal ?? 0, wanted.tally?.equal ?? 0];
  return equal <= all ? undefined : `7: ${equal} equal pairs were counted, and there are ${all}`;
}

function uncounted({ tally: _tally, recent, ...evidence }: Evidence) {
  return { ...evidence, version: 0, recent: recent.map((pair) => ({ ...pair, counted: false })) };
}
