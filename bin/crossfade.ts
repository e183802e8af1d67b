#!/usr/bin/env node
/** The command line's entry: expected failures are one line, surprises keep their stack. */
import pc from 'picocolors';
import { CliError } from '../lib/cli/connection.ts';
import { buildProgram } from '../lib/cli/program.ts';

try {
  await buildProgram().parseAsync();
} catch (error) {
  console.error(error instanceof CliError ? pc.red(error.message) : error);
  process.exitCode = error instanceof CliError ? error.exitCode : 70;
}
