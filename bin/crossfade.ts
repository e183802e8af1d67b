#!/usr/bin/env node
/** The command line's entry: expected failures are one line, surprises keep their stack. */
import { pc } from '../lib/cli/colours.ts';
import { explainFailure } from '../lib/cli/failure.ts';
import { buildProgram } from '../lib/cli/program.ts';

try {
  await buildProgram().parseAsync();
} catch (error) {
  const { exitCode, message } = explainFailure(error);
  if (message !== undefined) console.error(pc.red(message));
  process.exitCode = exitCode;
}
