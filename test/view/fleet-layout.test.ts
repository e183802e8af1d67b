import { describe, expect, it } from 'vitest';
import { arrange, choosePitch, gridOf, stepFrom } from '../../lib/browser/fleet-layout.js';

const bits = (phase: number, state: number) => phase | (state << 3);

describe('the layout of cells', () => {
  it('lays the worst state first, and within a state keeps the order of names', () => {
    const arranged = arrange(Uint16Array.of(bits(1, 7), bits(1, 0), bits(0, 5), bits(1, 7), bits(1, 3)), 5);
    expect(arranged.map((places) => [...places])).toEqual([[2], [1, 4, 0, 3], [], [], []]);
  });

  it('has a place for every job of fifty thousand', () => {
    const all = Uint16Array.from({ length: 50_000 }, (_, i) => bits(i % 5, i % 9));
    const places = arrange(all, 5).flatMap((phase) => [...phase]);
    expect(new Set(places).size).toBe(50_000);
  });

  it('takes cells as large as fit, and never so small that they vanish', () => {
    const few = choosePitch([3, 40, 20, 0, 0], [130, 400, 300, 130, 130], { height: 500, stacked: false });
    const many = choosePitch([9_000, 20_000, 15_000, 4_000, 2_000], [200, 400, 300, 130, 130], {
      height: 500,
      stacked: false,
    });
    expect(few).toBe(30);
    expect(many).toBe(3);
    expect(gridOf(20_000, 400, many).height).toBe(Math.ceil(20_000 / 133) * 3);
  });

  it('shares the height among phases that lie below each other', () => {
    const counts = [500, 500, 500, 500, 500];
    const widths = [300, 300, 300, 300, 300];
    const beside = choosePitch(counts, widths, { height: 500, stacked: false });
    const stacked = choosePitch(counts, widths, { height: 500, stacked: true });
    expect(stacked).toBeLessThan(beside);
    const heights = counts.map((count) => gridOf(count, 300, stacked).height);
    expect(heights.reduce((sum, height) => sum + height)).toBeLessThanOrEqual(500);
  });

  it('lets an arrow key pass over what the filter leaves out, and stay where nothing follows', () => {
    const passes = (index: number) => index === 0 || index === 6;
    expect(stepFrom(0, 1, 10, passes)).toBe(6);
    expect(stepFrom(6, 1, 10, passes)).toBe(6);
    expect(stepFrom(6, -1, 10, passes)).toBe(0);
  });
});
