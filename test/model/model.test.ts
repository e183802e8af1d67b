/**
 * The protocol, explored: every scenario to its end, with the number of its states. `CROSSFADE_MODEL=deep npx vitest run
 * test/model/model.test.ts` adds the larger scenarios, and repeats all others without merging what retries forget.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Exploration, explore } from './explore.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { DEEP } from './scenarios/deep.ts';
import { renderCounts, renderViolation } from './trace.ts';

const deep = process.env.CROSSFADE_MODEL === 'deep';
const TIMEOUT = { timeout: (deep ? 1_200 : 120) * 1_000 };

/** Small enough to be repeated every time; together they lose every kind of race. */
const REPEATED = [
  'unfaithful run',
  'zombie',
  'shared attempt',
  'swap',
  'crashed demotion',
  'overlapping sweeps under a run',
];

describe('whoever interleaves, crashes, repeats or comes late, every invariant holds', () => {
  const explored: Exploration[] = [];
  afterAll(() => console.log(renderCounts(explored)));

  it.each(deep ? [...SCENARIOS, ...DEEP] : SCENARIOS)('$name: $story', TIMEOUT, async (scenario) => {
    const found = await explore(scenario);
    explored.push(found);
    expect(renderViolation(found)).toBe('');
  });
});

describe('a use case that lost a race begins again from nothing: telling its retries apart reaches no other record', () => {
  it.each(SCENARIOS.filter(({ name }) => deep || REPEATED.includes(name)))('$name', TIMEOUT, async (scenario) => {
    const merged = await explore(scenario);
    const exact = await explore(scenario, { exact: true });
    expect(renderViolation(exact)).toBe('');
    expect(exact.worlds).toBe(merged.worlds);
    expect(exact.states).toBeGreaterThanOrEqual(merged.states);
  });
});

it('every scenario has a name of its own', () => {
  const names = [...SCENARIOS, ...DEEP].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
