import { describe, expect, it } from 'vitest';
import { renderTests } from '../../lib/cli/tests-table.ts';
import { assessCriteria } from '../../lib/domain/criteria.ts';
import { aReadyCase } from '../domain/cases.ts';
import { aCaseOf, slower } from '../domain/tested-cases.ts';

describe('the tests of a job, as `explain` shows them', () => {
  it('have a line each, with what was seen beside what is wanted, and the promise in words', () => {
    const lines = renderTests(assessCriteria(aCaseOf(90, slower(2, 40))), ['one in 100,000 landings'], 160).join('\n');
    expect(lines).toMatch(/^tests:\n/);
    expect(lines).toMatch(
      /lag +90 of 24 +1\.\d+ +\d+(\.\d+)? % +by 5 % +\S+ of 100000 +as 1\.3 x +\S+ of 20 +-?0\.\d+/,
    );
    expect(lines).toMatch(/compute +90 of 24 +1 /);
    expect(lines).toMatch(/promise: one in 100,000 landings$/);
  });

  it('take no line where limits judge alone', () => {
    expect(renderTests(assessCriteria(aReadyCase('cleanup')), [], 80)).toEqual([]);
  });
});
