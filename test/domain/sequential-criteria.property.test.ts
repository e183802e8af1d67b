import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingRules } from '../../lib/domain/counting.ts';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { countPair, type Tally } from '../../lib/domain/evidence/tally.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';
import { DAY, EPOCH } from './cases.ts';
import { aCaseOf, outcomeOf, pairOf, policyOf, type Shape } from './tested-cases.ts';

describe('what holds of every history', () => {
  const factors = fc.array(fc.double({ min: 0.3, max: 3, noNaN: true }), { minLength: 1, maxLength: 90 });
  const shapeOf =
    (all: readonly number[], by = 1): Shape =>
    (index) => ({ factor: all[index]! * by });

  it('nothing passes on too few pairs, nor on old ones', () => {
    fc.assert(
      fc.property(factors, fc.integer({ min: 2 * DAY, max: 90 * DAY }), (all, later) => {
        if (all.length < 24) expect(outcomeOf(aCaseOf(all.length, shapeOf(all)))).not.toBe('pass');
        const stale = aCaseOf(all.length, shapeOf(all), { now: addSeconds(NOW, later) });
        expect(outcomeOf(stale)).not.toBe('pass');
        expect(evaluate(stale).kind).not.toBe('promote');
      }),
    );
  });

  it('a new system that is slower throughout is never judged more kindly', () => {
    const RANK = { fail: 0, inconclusive: 1, missing: 1, 'not-applicable': 1, pass: 2 };
    const criteria = { landingLatency: { lag: { test: { floor: 0 } } } };
    fc.assert(
      fc.property(factors, fc.double({ min: 1, max: 3, noNaN: true }), (all, by) => {
        const policy = policyOf({ criteria });
        const [before, after] = [1, by].map((factor) =>
          outcomeOf(aCaseOf(all.length, shapeOf(all, factor), { policy })),
        );
        expect(RANK[after!]).toBeLessThanOrEqual(RANK[before!]);
      }),
      { numRuns: 200 },
    );
  });

  it('more evidence of a regression turns no failure into a pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 90 }),
        fc.double({ min: 1.8, max: 3, noNaN: true }),
        fc.double({ min: 1.8, max: 30, noNaN: true }),
        (count, by, worse) => {
          const shape =
            (more: number): Shape =>
            (index) => ({ factor: index < count - more ? by : worse });
          expect(outcomeOf(aCaseOf(count, shape(0)))).toBe('fail');
          expect(outcomeOf(aCaseOf(count + 1, (index) => (index < count ? shape(0)(index) : { factor: worse })))).toBe(
            'fail',
          );
        },
      ),
    );
  });

  it('pairs of another epoch or of an earlier release change no verdict', () => {
    const other = fc.record({
      epoch: fc.constantFrom(EPOCH - 1, EPOCH),
      factor: fc.double({ min: 0.1, max: 30, noNaN: true }),
    });
    fc.assert(
      fc.property(factors, fc.array(other, { maxLength: 20 }), (all, others) => {
        const facts = aCaseOf(all.length, shapeOf(all));
        const { measures } = countingRules(facts.policy);
        const strangers = others.map(({ epoch, factor }, i) => ({
          ...pairOf(-1 - i, all.length, factor, { epoch, ...(epoch === EPOCH && { release: '0.9.0' }) }),
          partition: `stranger-${i}`,
        }));
        const own = facts.evidence.recent.toReversed();
        if (all.length > facts.evidence.recent.length) return;
        const tally = [...strangers.toReversed(), ...own].reduce<Tally | undefined>(
          (counted, pair) => countPair(counted, pair, measures),
          undefined,
        );
        const mixed = { ...facts.evidence, recent: [...facts.evidence.recent, ...strangers], ...(tally && { tally }) };
        expect(assessCriteria({ ...facts, evidence: mixed })).toEqual(assessCriteria(facts));
        // Nor those that are still to be counted.
        const unsettled = { ...facts.evidence, recent: [...facts.evidence.recent, ...strangers] };
        expect(assessCriteria({ ...facts, evidence: unsettled })).toEqual(assessCriteria(facts));
      }),
    );
  });
});
