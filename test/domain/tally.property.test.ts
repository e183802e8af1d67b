import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { countingRules } from '../../lib/domain/counting.ts';
import {
  countPairs,
  countSettled,
  type Evidence,
  emptyEvidence,
  foldClaim,
  recomputeEvidence,
} from '../../lib/domain/evidence.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { addSeconds, type Instant, laterOf } from '../../lib/domain/time.ts';
import { aLanding, aPolicy, aPublishedClaim, NOW } from '../builders/records.ts';
import { DAY, HOUR } from './cases.ts';

const JOB = 'flights-atl';
const CUSTOM = [{ name: 'rejected', metric: 'rejectedRows', floor: 10 }];
const POLICY = aPolicy({ criteria: policySchema.parse({ name: 'p', criteria: { custom: CUSTOM } }).criteria });
const RULES = countingRules(POLICY);
const at = (seconds: number): Instant => addSeconds(NOW, seconds);
const LATER = at(900 * DAY);

/** What happened to one partition: when each side landed it, and by what. */
interface Landed {
  hour: number;
  oldDelay: number;
  newDelay: number;
  oldCompute: number | undefined;
  newCompute: number | undefined;
  equal: boolean;
  backfill: boolean;
  epoch: number;
  release: string;
}

const delay = fc.integer({ min: 1, max: 2 * HOUR });
const compute = fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined, freq: 8 });
const landed = fc.record({
  oldDelay: delay,
  newDelay: delay,
  oldCompute: compute,
  newCompute: compute,
  equal: fc.boolean(),
  backfill: fc.constantFrom(false, false, false, true),
});
/** Epochs and releases move on with time, as they do in a job's life. */
const life = (maxLength: number): fc.Arbitrary<Landed[]> =>
  fc
    .tuple(fc.array(landed, { minLength: 1, maxLength, size: 'max' }), fc.nat(maxLength), fc.nat(maxLength))
    .map(([all, restart, release]) =>
      all.map((one, hour) => ({
        ...one,
        hour,
        epoch: hour < restart ? 1 : 2,
        release: hour < release ? 'v1' : 'v2',
      })),
    );

const nameOf = (hour: number) => `hour-${String(hour).padStart(4, '0')}`;

/** The images of one partition, in order: one side, both, published. */
function imagesOf(one: Landed): Claim[] {
  const claimedAt = at(one.hour * HOUR);
  const [oldAt, newAt] = [at(one.hour * HOUR + one.oldDelay), at(one.hour * HOUR + one.newDelay)];
  const kind = one.backfill ? ('backfill' as const) : ('scheduled' as const);
  const shared = { kind, metrics: { rejectedRows: one.oldDelay % 97, other: 1 } };
  const old = aLanding({
    ...shared,
    landedAt: oldAt,
    acceptedAt: oldAt,
    ...(one.oldCompute !== undefined && { computeSeconds: one.oldCompute }),
  });
  const next = aLanding({
    ...shared,
    system: 'new',
    landedAt: newAt,
    acceptedAt: newAt,
    release: one.release,
    ...(!one.equal && { checksum: 'other' }),
    ...(one.newCompute !== undefined && { computeSeconds: one.newCompute }),
  });
  const base = aPublishedClaim({ partition: nameOf(one.hour), epoch: one.epoch, readyAt: claimedAt, claimedAt });
  const { production: _p, published, ...open } = base;
  const [first, second] = one.oldDelay <= one.newDelay ? [oldAt, newAt] : [newAt, oldAt];
  const half = one.oldDelay <= one.newDelay ? { production: old } : { shadow: next };
  const done = at(one.hour * HOUR + Math.max(one.oldDelay, one.newDelay) + 1);
  return [
    { ...open, ...half, changedAt: first, revision: 2 },
    { ...open, production: old, shadow: next, changedAt: second, revision: 3 },
    { ...open, production: old, shadow: next, ...(published && { published }), changedAt: done, revision: 4 },
  ].filter((claim, i) => i !== 1 || claim.changedAt > first);
}

const inOrder = (images: readonly Claim[]) =>
  [...images].sort((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0));

/** Whoever lands last is the present release, and begins anew: here the runs of two releases do not overlap. */
const withoutOverlap = (one: Landed): Landed => ({ ...one, newDelay: one.newDelay % HOUR });

/** The claims as they were then, which is what a gather of that time would have read. */
function truthAt(images: readonly Claim[], now: Instant): Claim[] {
  return [
    ...new Map(inOrder(images.filter((image) => image.changedAt <= now)).map((one) => [one.partition, one])).values(),
  ];
}

/** One image, as `gather` folds it. */
function gatherOne(evidence: Evidence, image: Claim, truth: readonly Claim[], now: Instant): Evidence {
  let outcome = foldClaim(evidence, image, 'streamed', RULES);
  if (outcome.kind === 'reread') {
    outcome = foldClaim(evidence, truth.find(({ partition }) => partition === image.partition)!, 'current', RULES);
  }
  return outcome.kind === 'folded' ? outcome.evidence : recomputeEvidence(JOB, truth, 0, { rules: RULES, now });
}

/** Each batch is folded, then what has settled is counted. */
function gatherAll(batches: readonly (readonly Claim[])[]): Evidence {
  const images = batches.flat();
  let evidence = emptyEvidence(JOB);
  for (const batch of batches) {
    const now = batch.reduce((latest, claim) => laterOf(claim.changedAt, latest), NOW);
    const truth = truthAt(images, now);
    for (const claim of batch) evidence = gatherOne(evidence, claim, truth, now);
    evidence = countSettled(evidence, RULES, now);
  }
  return countSettled(evidence, RULES, LATER);
}

const truthOf = (lives: readonly Landed[]) => lives.map((one) => imagesOf(one).at(-1)!);
const tallyOf = (lives: readonly Landed[]) =>
  recomputeEvidence(JOB, truthOf(lives), 0, { rules: RULES, now: LATER }).tally;

/** Batches of at most so many images, as the stream hands them over. */
function batchesOf(images: readonly Claim[], size: number): Claim[][] {
  const batches: Claim[][] = [];
  for (let i = 0; i < images.length; i += size) batches.push(images.slice(i, i + size));
  return batches;
}

describe('the tally', () => {
  it('equals what is made anew from the landings, however the stream was cut into batches', () => {
    fc.assert(
      fc.property(life(70), fc.integer({ min: 1, max: 40 }), (lives, size) => {
        const gathered = gatherAll(batchesOf(inOrder(lives.flatMap(imagesOf)), size));
        expect(gathered.tally).toEqual(tallyOf(lives));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('does not depend on the order of images that are less than the settling time apart, nor on repeats', () => {
    fc.assert(
      fc.property(life(60), fc.infiniteStream(fc.nat(800)), (lives, noise) => {
        const late = noise[Symbol.iterator]();
        const deliveries = lives
          .flatMap(imagesOf)
          .flatMap((image) => Array.from({ length: 1 + (late.next().value % 2) }, () => image))
          .map((image) => ({ image, at: Date.parse(image.changedAt) + late.next().value * 1_000 }))
          .sort((a, b) => a.at - b.at);
        // Each is gathered by itself, at the time at which it came.
        const images = lives.flatMap(imagesOf);
        let evidence = emptyEvidence(JOB);
        for (const { image, at: came } of deliveries) {
          const now = new Date(came).toISOString();
          evidence = countSettled(gatherOne(evidence, image, truthAt(images, now), now), RULES, now);
        }
        expect(countSettled(evidence, RULES, LATER).tally).toEqual(tallyOf(lives));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('is as if the pairs of earlier epochs and releases had never been', () => {
    fc.assert(
      fc.property(life(60), (all) => {
        const lives = all.map(withoutOverlap);
        const last = lives.at(-1)!;
        const present = lives.filter(({ epoch, release }) => epoch === last.epoch && release === last.release);
        expect(tallyOf(lives)).toEqual(tallyOf(present));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('counts no pair twice, whatever comes again, late, or corrected after the window has forgotten it', () => {
    fc.assert(
      fc.property(life(70), fc.array(fc.tuple(fc.nat(69), fc.boolean()), { maxLength: 40 }), (all, again) => {
        const lives = all.map(withoutOverlap);
        const images = inOrder(lives.flatMap(imagesOf));
        const truth = new Map(truthOf(lives).map((claim) => [claim.partition, claim]));
        let evidence = gatherAll(batchesOf(images, 7));
        const before = evidence.tally;
        again.forEach(([hour, corrected], i) => {
          const claim = truth.get(nameOf(hour));
          // Of another release it would be the present one from here on, and begin anew.
          if (!claim?.shadow || claim.shadow.release !== evidence.tally?.release) return;
          const changedAt = at(100 * DAY + i);
          const shadow = corrected ? { ...claim.shadow, attempt: 2, acceptedAt: changedAt } : claim.shadow;
          const changed = { ...claim, shadow, changedAt, revision: claim.revision + 1 };
          truth.set(claim.partition, changed);
          const outcome = foldClaim(evidence, changed, 'streamed', RULES);
          if (outcome.kind === 'folded') evidence = countSettled(outcome.evidence, RULES, LATER);
        });
        // Where more mismatch than are kept by name, one that comes again may be a pair that was equal: it is taken off.
        if (!evidence.overflow) expect(evidence.tally?.equal).toBe(before?.equal);
        expect(evidence.tally?.equal ?? 0).toBeLessThanOrEqual(before?.equal ?? 0);
        for (const [key, state] of Object.entries(evidence.tally?.states ?? {}))
          expect(state, key).toEqual(before?.states[key]);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('costs nothing where nothing is left to count: what was counted is not folded again', () => {
    const whole = recomputeEvidence(JOB, truthOf(fc.sample(life(40), { numRuns: 1, seed: 3 })[0]!), 0, {
      rules: RULES,
      now: LATER,
    });
    expect(whole.tally).toBeDefined();
    expect(countPairs(whole, RULES, () => true)).toBe(whole);
  });

  it('the lives do reach past the window, into a second epoch and a second release, and have all measures', () => {
    const seen = { window: 0, epochs: 0, releases: 0, custom: 0 };
    for (const lives of fc.sample(life(70), { numRuns: 100, seed: 7 })) {
      if (lives.length > RULES.room) seen.window += 1;
      if (new Set(lives.map(({ epoch }) => epoch)).size > 1) seen.epochs += 1;
      if (new Set(lives.map(({ release }) => release)).size > 1) seen.releases += 1;
      if (tallyOf(lives)?.states['custom:rejected']) seen.custom += 1;
    }
    for (const [what, often] of Object.entries(seen)) expect(often, what).toBeGreaterThan(10);
  });
});
