/** What the sequential tests have seen, beside what they want: for `explain`. Verdicts say the same in one sentence each. */
import type { TestNumbers, Verdict } from '../domain/verdict.ts';
import { renderTable } from './table.ts';

const HEADS = ['test', 'pairs', 'new/old', 'spread', 'worse', 'proof', 'not as slow', 'proof', 'autocorrelation'];

/** Lines to print; none where no test has a state. */
export function renderTests(verdicts: readonly Verdict[], guarantees: readonly string[], width: number): string[] {
  const numbers = verdicts.flatMap((verdict) => verdict.numbers ?? []);
  if (numbers.length === 0) return [];
  return ['tests:', renderTable(HEADS, numbers.map(rowOf), width), ...guarantees.map((said) => `  promise: ${said}`)];
}

function rowOf(test: TestNumbers): string[] {
  const { blockLength } = test;
  return [
    test.measure,
    `${test.pairs} of ${test.neededPairs}`,
    figure(test.ratio),
    `${figure(100 * test.spread)} %`,
    `by ${figure(100 * test.tolerance)} %`,
    `${figure(test.regression)} of ${figure(test.threshold)}`,
    `as ${figure(test.detectableRatio)} x`,
    `${figure(test.health)} of ${figure(test.neededHealth)}`,
    figure(test.autocorrelation) + (blockLength === 1 ? '' : `, blocks of ${blockLength}`),
  ];
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
