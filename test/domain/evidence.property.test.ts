import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { STANDING_LIMIT } from '../../lib/domain/evidence/standing.ts';
import { type Evidence, emptyEvidence, foldClaim, recomputeEvidence, WINDOW } from '../../lib/domain/evidence.ts';
import { type Action, action, History, PARTITIONS } from './histories.ts';

const RUNS = 120;

/** Folds one image as `gather` does: the truth is read where the fold asks for it. */
function fold(evidence: Evidence, image: Claim, truth: ReadonlyMap<string, Claim>): Evidence {
  let outcome = foldClaim(evidence, image, 'streamed');
  if (outcome.kind === 'reread') outcome = foldClaim(evidence, truth.get(image.partition)!, 'current');
  return outcome.kind === 'folded' ? outcome.evidence : recomputeEvidence(evidence.jobId, [...truth.values()], 0);
}

/** The flag may stay set while all that stand out are kept; nothing else may differ. */
function expectSame(folded: Evidence, truth: ReadonlyMap<string, Claim>): void {
  const { overflow, ...rest } = recomputeEvidence(folded.jobId, [...truth.values()], folded.version);
  expect({ ...folded, overflow }).toEqual({ ...rest, overflow });
  if (overflow) expect(folded.overflow).toBe(true);
  if (folded.overflow) expect(folded.standing.length).toBeGreaterThanOrEqual(STANDING_LIMIT - 1);
}

function play(actions: readonly Action[]): History {
  const history = new History();
  for (const one of actions) history.do(one);
  return history;
}

const actions = fc.array(action, { minLength: 30, maxLength: 260, size: 'max' });

describe('the fold of a job’s claims', () => {
  it('equals recomputation from the landings when every image comes once, in order', () => {
    fc.assert(
      fc.property(actions, (script) => {
        const { job, images, truth } = play(script);
        let evidence = emptyEvidence(job.jobId);
        for (const image of images) evidence = fold(evidence, image, truth);
        expectSame(evidence, truth);
      }),
      { numRuns: RUNS },
    );
  });

  it('does not depend on the order of the images, nor on how often each comes', () => {
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.nat(1_000_000)), (script, random) => {
        const { job, images, truth } = play(script);
        const seeds = random[Symbol.iterator]();
        const deliveries = images
          .flatMap((image) => Array.from({ length: 1 + (seeds.next().value % 3) }, () => image))
          .map((image) => ({ image, at: seeds.next().value }))
          .sort((a, b) => a.at - b.at);
        let evidence = emptyEvidence(job.jobId);
        for (const { image } of deliveries) evidence = fold(evidence, image, truth);
        expectSame(evidence, truth);
      }),
      { numRuns: RUNS },
    );
  });

  it('holds while the claims go on changing: what is read for the fold may be newer than any image that came', () => {
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.nat(1_000_000)), (script, random) => {
        const history = new History();
        const seeds = random[Symbol.iterator]();
        const waiting: Claim[] = [];
        let seen = 0;
        let evidence = emptyEvidence(history.job.jobId);
        const deliver = () => {
          const at = seeds.next().value % waiting.length;
          const image = waiting[at]!;
          evidence = fold(evidence, image, history.truth);
          // One in four comes again, some time.
          if (seeds.next().value % 4 !== 0) waiting.splice(at, 1);
        };
        for (const one of script) {
          history.do(one);
          waiting.push(...history.images.slice(seen));
          seen = history.images.length;
          for (let n = seeds.next().value % 3; n > 0 && waiting.length > 0; n--) deliver();
        }
        while (waiting.length > 0) deliver();
        expectSame(evidence, history.truth);
      }),
      { numRuns: RUNS },
    );
  });

  it('a batch that is replayed from an earlier image on changes nothing in the end', () => {
    fc.assert(
      fc.property(actions, fc.nat(), (script, from) => {
        const { job, images, truth } = play(script);
        let evidence = emptyEvidence(job.jobId);
        for (const image of images) evidence = fold(evidence, image, truth);
        const before = evidence;
        for (const image of images.slice(from % Math.max(1, images.length))) evidence = fold(evidence, image, truth);
        expect(evidence.recent).toEqual(before.recent);
        expect(evidence.standing).toEqual(before.standing);
      }),
      { numRuns: RUNS },
    );
  });

  it('the histories do reach past the window and past what can stand out', () => {
    const reached = { window: 0, overflow: 0, quarantined: 0, reassigned: 0, takenOver: 0, excused: 0 };
    for (const script of fc.sample(actions, { numRuns: 150, seed: 7 })) {
      const { job, truth } = play(script);
      const evidence = recomputeEvidence(job.jobId, [...truth.values()], 0);
      if (truth.size > WINDOW) reached.window++;
      if (evidence.overflow) reached.overflow++;
      if (evidence.standing.some((one) => one.quarantined)) reached.quarantined++;
      if (evidence.standing.some((one) => one.owed?.reason === 'reassigned')) reached.reassigned++;
      if ([...truth.values()].some((claim) => claim.generation > 1)) reached.takenOver++;
      if (evidence.recent.some((pair) => pair.outcome === 'excused')) reached.excused++;
    }
    expect(PARTITIONS).toBeGreaterThan(WINDOW);
    for (const [what, times] of Object.entries(reached)) expect(times, what).toBeGreaterThan(5);
  });
});
