/** The command line: its verbs and options. What each does is in the file of its name; `bin/crossfade.ts` runs it. */
import { Command, InvalidArgumentError } from 'commander';
import { addHookVerbs } from './hook-verbs.ts';
import type { LocalFlags } from './local.ts';
import { terminalWidth } from './output.ts';
import { addFleetVerbs, addOverrides, addRestore } from './override-verbs.ts';
import { addReadVerbs } from './read-verbs.ts';
import { parseSeconds } from './verbs.ts';

export function buildProgram(width = terminalWidth()): Command {
  const program = new Command('crossfade')
    .description('Moves pipeline jobs from an old system to a new one, one proven phase at a time.')
    .configureHelp({ helpWidth: width, sortSubcommands: false })
    .showHelpAfterError('(--help says more)')
    .helpCommand(false)
    .exitOverride();
  program.commandsGroup('Look:');
  addReadVerbs(program);
  program.commandsGroup('Decide, for one job or many:');
  addOverrides(program);
  program.commandsGroup('The fleet:');
  addFleetVerbs(program);
  addRestore(program);
  addHookVerbs(program);
  program
    .command('local')
    .description('run everything on this machine, with no AWS account: functions, tables, sweeps, one endpoint')
    .option('--port <port>', 'port of the endpoint on 127.0.0.1; 0 for any that is free', parsePort, 4400)
    .option('--data <folder>', 'keep the tables in this folder; without it they end with the process')
    .option('--every <duration>', 'time from sweep to sweep, such as 15s, 5m or 1h', parseSeconds, 15)
    .option('--policies <folder>', 'folder with the policies to use (default: those of this repository)')
    .option(
      '--hook <name=source...>',
      "a policy's gate or hook: its function's name, and a .ts, .js, .py file or a URL",
    )
    .action(async (flags: LocalFlags) => {
      // Only this verb needs the whole runtime, and every other would wait for it to load.
      const { runLocal } = await import('./local.ts');
      await runLocal(flags);
    });
  program.addHelpText(
    'after',
    '\nA deployment is named by --local [url], --stack <name>, or the variables CROSSFADE_LOCAL or CROSSFADE_STACK.\nExit status: 0 done, 1 refused or failed, 2 not understood.',
  );
  return program;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
}
