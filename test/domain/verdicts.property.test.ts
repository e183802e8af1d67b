import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import type { Standing } from '../../lib/domain/evidence/standing.ts';
import { emptyEvidence, recomputeEvidence } from '../../lib/domain/evidence.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { aPair, aPolicy, aStanding, NOW } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR } from './cases.ts';
import { calmAction, History } from './histories.ts';

const SETTLE = 900;
const MAX_AGE = 2 * DAY;
const RUNS = 300;

/** Every way in which a pair may fail to be a proof, and the one way in which it is. */
const flaw = fc.constantFrom(
  'none',
  'mismatch',
  'incomparable',
  'old-only',
  'new-only',
  'taken-over',
  'other-epoch',
  'other-release',
  'unsealed',
  'stale',
);

function withoutOld({ oldLandedAt: _a, oldLagSeconds: _l, ...rest }: Pair): Pair {
  return rest;
}

function withoutNew({ newLandedAt: _a, newLagSeconds: _l, ...rest }: Pair): Pair {
  return rest;
}

const pair: fc.Arbitrary<{ flaw: string; pair: Pair }> = fc
  .record({
    flaw,
    secondsAgo: fc.integer({ min: SETTLE, max: MAX_AGE - 1 }),
    final: fc.boolean(),
    backfill: fc.boolean(),
    partition: fc.integer({ min: 0, max: 99_999 }),
  })
  .map(({ flaw: what, secondsAgo, final, backfill, partition }) => {
    const age = what === 'stale' ? secondsAgo + MAX_AGE : what === 'unsealed' ? secondsAgo % SETTLE : secondsAgo;
    const at = toMs(ago(age));
    const whole = aPair({ partition: `p${partition}`, oldLandedAt: at - 1000, newLandedAt: at });
    const outcome = (['mismatch', 'incomparable', 'old-only', 'new-only'] as const).find((one) => one === what);
    return {
      flaw: what,
      pair: {
        ...(what === 'old-only' ? withoutNew(whole) : what === 'new-only' ? withoutOld(whole) : whole),
        changedAt: at,
        epoch: what === 'other-epoch' ? EPOCH - 1 : EPOCH,
        outcome: what === 'taken-over' ? 'none' : (outcome ?? 'match'),
        release: what === 'other-release' ? 'v0' : 'v1',
        final: what === 'unsealed' ? false : final,
        backfill,
      },
    };
  });

const standing: fc.Arbitrary<Standing> = fc
  .record({ secondsAgo: fc.nat(5 * DAY), final: fc.boolean(), epoch: fc.constantFrom(1, EPOCH) })
  .map(({ secondsAgo, final, epoch }) => aStanding({ changedAt: toMs(ago(secondsAgo)), final, epoch }));

/** Makes v1 the present release: new has landed it this second, which old has not, so it proves nothing. */
const anchor = withoutOld(
  aPair({ partition: 'just-now', epoch: EPOCH, outcome: 'new-only', newLandedAt: toMs(NOW), release: 'v1' }),
);

function aCaseOf(pairs: readonly Pair[], mismatches: readonly Standing[], phase: Phase = 'reverse-shadow'): Evaluation {
  const recent = [anchor, ...[...pairs].sort((a, b) => b.changedAt - a.changedAt)];
  return aReadyCase(phase, { evidence: { recent, standing: [...mismatches] }, policy: { minPairs: 3 } });
}

const quality = (facts: Evaluation) => assessCriteria(facts).find((one) => one.criterion === 'dataQuality')!.outcome;

describe('silence is never green', () => {
  it('without enough valid proofs no mix of other observations gives `pass`, nor a promotion', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 32 }), fc.constantFrom('shadow', 'reverse-shadow'), (mix, phase) => {
        let proofs = 0;
        const proves = (one: { flaw: string }) => one.flaw === 'none' || one.flaw === 'stale';
        const scarce = mix.filter((one) => !proves(one) || ++proofs < 3).map((one) => one.pair);
        const facts = aCaseOf(scarce, [], phase);
        expect(quality(facts)).not.toBe('pass');
        expect(evaluate(facts).kind).not.toBe('promote');
      }),
      { numRuns: RUNS },
    );
  });

  it('however many proofs there are, when the newest of them is too old there is no `pass`', () => {
    const stale = fc.integer({ min: MAX_AGE + 1, max: 9 * DAY }).map((secondsAgo) => {
      const at = toMs(ago(secondsAgo));
      return aPair({ epoch: EPOCH, changedAt: at, oldLandedAt: at, newLandedAt: at, release: 'v1' });
    });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 8 }), fc.array(stale, { minLength: 3, maxLength: 24 }), (mix, old) => {
        const others = mix.filter((one) => one.flaw !== 'none').map((one) => one.pair);
        const facts = aCaseOf([...others, ...old], []);
        expect(quality(facts)).not.toBe('pass');
        expect(evaluate(facts).kind).not.toBe('promote');
      }),
      { numRuns: RUNS },
    );
  });

  it('with a mismatch that stands in this phase nothing passes, sealed or not', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 32 }), fc.array(standing, { minLength: 1, maxLength: 6 }), (mix, bad) => {
        const proofs = Array.from({ length: 8 }, (_, i) => aPair({ epoch: EPOCH, changedAt: toMs(ago(HOUR)) - i }));
        const facts = aCaseOf([...proofs, ...mix.map((one) => one.pair)], bad);
        expect(quality(facts)).not.toBe('pass');
        expect(evaluate(facts).kind).not.toBe('promote');
      }),
      { numRuns: RUNS },
    );
  });

  it('with claims made by the protocol itself, a pass always rests on that many sealed matching pairs', () => {
    let passes = 0;
    fc.assert(
      fc.property(
        fc.array(calmAction, { minLength: 20, maxLength: 120, size: 'max' }),
        fc.nat(3 * DAY),
        (script, later) => {
          const history = new History();
          for (const one of script) history.do(one);
          const { job } = history;
          if (job.phase !== 'shadow' && job.phase !== 'reverse-shadow') return;
          const claims = [...history.truth.values()];
          const now = addSeconds(history.now, later);
          const evidence = recomputeEvidence(job.jobId, claims, 1);
          const policy = aPolicy({ automation: 'enforce', minPairs: 3 });
          const facts = { job, evidence, policy, controls: { version: 0 }, now };
          if (quality(facts) !== 'pass') return;
          passes += 1;
          const equal = claims.filter(
            ({ epoch, production, shadow }) =>
              epoch === job.epoch &&
              production !== undefined &&
              shadow !== undefined &&
              production.rowCount === shadow.rowCount &&
              production.checksum === shadow.checksum &&
              production.checksumAlgorithm === shadow.checksumAlgorithm,
          );
          expect(equal.length).toBeGreaterThanOrEqual(3);
          const differs = claims.some(
            ({ epoch, production, shadow }) =>
              epoch === job.epoch &&
              production?.checksumAlgorithm === shadow?.checksumAlgorithm &&
              production !== undefined &&
              production.checksum !== shadow?.checksum &&
              shadow !== undefined,
          );
          expect(differs).toBe(false);
        },
      ),
      { numRuns: RUNS },
    );
    expect(passes).toBeGreaterThan(3);
  });

  it('with nothing at all no phase promotes', () => {
    for (const phase of ['pending', 'shadow', 'reverse-shadow', 'cleanup'] as const) {
      const facts = { ...aReadyCase(phase), evidence: emptyEvidence('flights-atl') };
      expect(evaluate(facts).kind, phase).toBe('hold');
    }
  });
});

describe('more of the same never turns a verdict round', () => {
  const RANK = { fail: 0, inconclusive: 1, missing: 1, 'not-applicable': 1, pass: 2 };
  const mixOf = fc.array(pair, { maxLength: 28 }).map((mix) => mix.map((one) => one.pair));

  it('another matching pair turns no pass into a fail, nor any verdict that did not fail', () => {
    fc.assert(
      fc.property(mixOf, fc.array(standing, { maxLength: 2 }), fc.nat(3_000), (mix, bad, secondsAgo) => {
        const at = toMs(ago(secondsAgo));
        const another = aPair({ epoch: EPOCH, changedAt: at, oldLandedAt: at, newLandedAt: at, release: 'v1' });
        const [before, after] = [aCaseOf(mix, bad), aCaseOf([...mix, another], bad)].map(assessCriteria);
        for (const [index, verdict] of before!.entries())
          if (verdict.outcome !== 'fail') expect(after![index]!.outcome, verdict.criterion).not.toBe('fail');
      }),
      { numRuns: RUNS },
    );
  });

  it('another standing mismatch turns no fail into a pass, and no verdict greener', () => {
    fc.assert(
      fc.property(mixOf, fc.array(standing, { maxLength: 3 }), standing, (mix, bad, another) => {
        const [before, after] = [quality(aCaseOf(mix, bad)), quality(aCaseOf(mix, [...bad, another]))];
        if (before === 'fail') expect(after).toBe('fail');
        expect(RANK[after]).toBeLessThanOrEqual(RANK[before]);
      }),
      { numRuns: RUNS },
    );
  });

  it('time alone turns no verdict that is missing or inconclusive into a pass once everything has settled', () => {
    fc.assert(
      fc.property(mixOf, fc.nat(10 * DAY), (mix, later) => {
        const settled = mix.map((one) => ({ ...one, final: true }));
        const facts = aCaseOf(settled, []);
        const [before, after] = [facts, { ...facts, now: addSeconds(NOW, later) }].map(assessCriteria);
        for (const [index, verdict] of before!.entries())
          if (verdict.outcome !== 'pass') expect(after![index]!.outcome).not.toBe('pass');
      }),
      { numRuns: RUNS },
    );
  });
});
