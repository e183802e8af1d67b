/**
 * The last line of a test run: `12 passed, 0 failed`, alone on its line and without colour, for whatever reads the log.
 * It stands beside vitest's default reporter, whose own summary has another form. What is broken outside a test (a file
 * that does not load, a hook, an unhandled rejection) counts as failed, so that a red run never reads `0 failed`.
 */
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[], reason: TestRunEndReason): void {
    process.stdout.write(`\n${renderTally(tallyRun(modules, unhandledErrors.length, reason))}\n`);
  }
}

export function tallyRun(modules: readonly TestModule[], unhandledErrors: number, reason: TestRunEndReason): Tally {
  const tally: Tally = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that an interrupted run never reached is as silent as a skipped one.
      tally[state === 'pending' ? 'skipped' : state] += 1;
    }
    for (const block of [module, ...module.children.allSuites()]) if (block.errors().length > 0) tally.failed += 1;
  }
  if (reason !== 'passed' && tally.failed === 0) tally.failed = 1;
  return tally;
}

export function renderTally({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
