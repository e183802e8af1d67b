#!/usr/bin/env node
/** The command line's entry. */
import { buildProgram } from '../lib/cli/program.ts';

await buildProgram().parseAsync();
