/** The command line: its verbs and options. What each does is in the file of its name; `bin/crossfade.ts` runs it. */
import { Command, InvalidArgumentError } from 'commander';
import ms, { type StringValue } from 'ms';
import type { LocalFlags } from './local.ts';
import { addFleetVerbs, addOverrides, addReadVerbs } from './verbs.ts';

export function buildProgram(): Command {
  const program = new Command('crossfade').description(
    'Moves pipeline jobs from an old system to a new one, one proven phase at a time.',
  );
  program
    .command('local')
    .description('run everything on this machine, with no AWS account: functions, tables, sweeps, one endpoint')
    .option('--port <port>', 'port of the endpoint on 127.0.0.1; 0 for any that is free', parsePort, 4400)
    .option('--data <folder>', 'keep the tables in this folder; without it they end with the process')
    .option('--every <duration>', 'time from sweep to sweep, such as 15s, 5m or 1h', parseSeconds, 15)
    .option('--policies <folder>', 'folder with the policies to use (default: those of this repository)')
    .action(async (flags: LocalFlags) => {
      // Only this verb needs the whole runtime, and every other would wait for it to load.
      const { runLocal } = await import('./local.ts');
      await runLocal(flags);
    });
  addReadVerbs(program);
  addOverrides(program);
  addFleetVerbs(program);
  return program;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
}

/** `15s` -> 15. At least one second: a sweep's name has no more than that. */
function parseSeconds(text: string): number {
  const milliseconds = /^\d/.test(text) ? ms(text as StringValue) : undefined;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError('a duration is a number with a unit, such as 15s, 5m or 1h.');
  }
  if (milliseconds >= 1_000 && milliseconds <= 24 * 3_600_000) return milliseconds / 1_000;
  throw new InvalidArgumentError('from 1s to 24h is allowed.');
}
