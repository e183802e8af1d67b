import { describe, expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { renderTally, tallyRun } from './reporter.ts';

describe('the last line of a test run', () => {
  it('counts what passed and failed', () => {
    expect(lastLine([aModule({ tests: ['passed', 'passed', 'failed'] })], 'failed')).toBe('2 passed, 1 failed');
  });

  it('names what was skipped, and what an interrupted run never reached', () => {
    expect(lastLine([aModule({ tests: ['passed', 'skipped'] })])).toBe('1 passed, 0 failed, 1 skipped');
    expect(lastLine([aModule({ tests: ['passed', 'pending'] })], 'interrupted')).toBe('1 passed, 1 failed, 1 skipped');
  });

  it('counts a file that does not load, a failed hook and an unhandled error as failed', () => {
    expect(lastLine([aModule({ errors: 1 })], 'failed')).toBe('0 passed, 1 failed');
    expect(lastLine([aModule({ tests: ['passed'], suiteErrors: 1 })], 'failed')).toBe('1 passed, 1 failed');
    expect(lastLine([aModule({ tests: ['passed'] })], 'failed', 1)).toBe('1 passed, 1 failed');
  });

  it('never says 0 failed of a run that failed', () => {
    expect(lastLine([], 'failed')).toBe('0 passed, 1 failed');
  });
});

function lastLine(modules: TestModule[], reason: 'passed' | 'failed' | 'interrupted' = 'passed', unhandledErrors = 0) {
  return renderTally(tallyRun(modules, unhandledErrors, reason));
}

function aModule({ tests = [] as string[], errors = 0, suiteErrors = 0 }): TestModule {
  const errorsOf = (count: number) => ({ errors: () => Array(count).fill(new Error('broken')) });
  return {
    ...errorsOf(errors),
    children: {
      allTests: () => tests.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => [errorsOf(suiteErrors)],
    },
  } as unknown as TestModule;
}
