import { defineConfig } from 'vitest/config';
import TallyReporter from './test/reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process per file: tests start servers, child processes and native modules, none of which leaves a thread cleanly.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    reporters: ['default', new TallyReporter()],
  },
});
