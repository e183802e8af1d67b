import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPair } from '../../../lib/domain/sequential/fold.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import { PACKED_BYTES, packState, unpackState } from '../../../lib/domain/sequential/pack.ts';
import { emptyState, isFoldedUnder, type SequentialState } from '../../../lib/domain/sequential/state.ts';
import { judgeBatch } from './batch.ts';
import { autoregressive, DETECTABLE, foldRatios, SETTINGS, seeded, shifted, TOLERATED } from './pairs.ts';

const measure = fc.oneof(
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.constantFrom(0, 1, 1e-300, 1e15, 1e300, Number.MAX_VALUE),
);
const pairs = fc.array(fc.tuple(measure, measure), { maxLength: 80 });
const ratios = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 80 });

function fold(list: readonly (readonly [number, number])[], settings = SETTINGS): SequentialState {
  return list.reduce((state, [old, next]) => foldPair(state, old, next, settings), emptyState(settings));
}

describe('folding pair by pair', () => {
  it.each([0, 0.3, 0.7])('says the same as the whole list at once, autocorrelation %d', (correlation) => {
    for (const length of [1, 5, 23, 24, 25, 49, 100]) {
      const list = autoregressive(correlation, 0.4)(seeded('batch', correlation, length), length);
      const batch = judgeBatch(list, TOLERATED, DETECTABLE);
      const state = foldRatios(list);
      const { numbers } = judge(state, SETTINGS);
      expect(numbers.autocorrelation).toBeCloseTo(batch.autocorrelation, 3);
      expect(numbers.spread).toBeCloseTo(batch.spread, 4);
      expect(numbers.blockLength).toBe(batch.blockLength);
      const { plain, decorrelated } = state.regression;
      expect((plain.tuned + plain.patient + plain.eager) / batch.plain).toBeCloseTo(1, 2);
      expect((decorrelated.tuned + decorrelated.patient + decorrelated.eager) / batch.decorrelated).toBeCloseTo(1, 2);
      state.health.forEach(({ worth }, i) => {
        expect(worth / batch.health[i]!).toBeCloseTo(1, 2);
      });
    }
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(1 / 1024, 0.25, 8, 4096), (list, unit) => {
        const settings = { ...SETTINGS, floor: 3 };
        const scaled = { ...SETTINGS, floor: 3 * unit };
        const small = list.filter((pair) => pair.every((side) => side === 0 || (side > 1e-9 && side < 1e9)));
        const { under: _, ...here } = fold(small, settings);
        const { under: __, ...there } = fold(
          small.map(([old, next]) => [old * unit, next * unit] as const),
          scaled,
        );
        expect(there).toEqual(here);
      }),
    );
  });

  it('holds more against a job whose every pair is slower, and less in its favour', () => {
    fc.assert(
      fc.property(ratios, fc.double({ min: 0, max: 2, noNaN: true }), (list, by) => {
        const before = judge(foldRatios(list), SETTINGS).numbers;
        const after = judge(foldRatios(shifted(list, by)), SETTINGS).numbers;
        expect(after.regression).toBeGreaterThanOrEqual(before.regression * 0.99);
        expect(after.health).toBeLessThanOrEqual(before.health * 1.01);
      }),
    );
  });

  it('stays finite whatever is measured', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(0, 1e-12, 60), (list, floor) => {
        const state = fold(list, { ...SETTINGS, floor });
        expect(state.pairs).toBe(list.length);
        const { numbers } = judge(state, { ...SETTINGS, floor });
        expect(Object.values(numbers).every(Number.isFinite)).toBe(true);
        expect(numbers.regression).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('leaves out what is no measure', () => {
    const state = foldRatios([0.1, -0.2]);
    for (const bad of [Number.NaN, -1, Number.NEGATIVE_INFINITY]) {
      expect(foldPair(state, bad, 1, SETTINGS)).toBe(state);
      expect(foldPair(state, 1, bad, SETTINGS)).toBe(state);
    }
  });

  it('takes two zeros for equal', () => {
    const { numbers, outcome } = judge(fold(Array.from({ length: 24 }, () => [0, 0] as const)), SETTINGS);
    expect(numbers.ratio).toBe(1);
    expect(outcome).toBe('pass');
  });

  it('changes no state that it was given', () => {
    const state = foldRatios([0.1, -0.2, 0.3]);
    const copy = structuredClone(state);
    foldRatios([0.5, 0.6], SETTINGS, state);
    expect(state).toEqual(copy);
  });
});

describe('a packed state', () => {
  it('comes back to the last bit, and goes on as if it had never left', () => {
    fc.assert(
      fc.property(ratios, ratios, (first, second) => {
        const kept = foldRatios(first);
        const stored = unpackState(packState(kept));
        expect(stored).toEqual(kept);
        expect(foldRatios(second, SETTINGS, stored)).toEqual(foldRatios(second, SETTINGS, kept));
      }),
    );
  });

  it('takes 144 bytes, whatever it holds', () => {
    expect(PACKED_BYTES).toBe(144);
    expect(packState(emptyState(SETTINGS))).toHaveLength(PACKED_BYTES);
    expect(packState(foldRatios(Array.from({ length: 500 }, (_, i) => Math.sin(i))))).toHaveLength(PACKED_BYTES);
  });

  it('is found in the middle of other bytes', () => {
    const state = foldRatios([0.1, 0.2, -0.3]);
    const all = new Uint8Array(PACKED_BYTES + 7);
    all.set(packState(state), 7);
    expect(unpackState(all.subarray(7))).toEqual(state);
  });

  it('refuses another layout', () => {
    const bytes = packState(emptyState(SETTINGS));
    expect(unpackState(bytes.subarray(4))).toBeUndefined();
    new DataView(bytes.buffer).setFloat32(0, 2, true);
    expect(unpackState(bytes)).toBeUndefined();
  });

  it('remembers what it was folded under', () => {
    const state = unpackState(packState(foldRatios([0.1])))!;
    expect(isFoldedUnder(state, SETTINGS)).toBe(true);
    const judgedOtherwise = { ...SETTINGS, threshold: 7, alpha: 0.01 };
    expect(isFoldedUnder(state, judgedOtherwise)).toBe(true);
    expect(isFoldedUnder(state, { ...SETTINGS, tolerance: 0.06 })).toBe(false);
    expect(isFoldedUnder(state, { ...SETTINGS, detectableRatio: 1.5 })).toBe(false);
    expect(isFoldedUnder(state, { ...SETTINGS, floor: 1 })).toBe(false);
  });
});
