/** The verbs about a team's own gates and hooks. What each does is in the file of its name. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { HOOK_STEPS, MAX_HOOK_SECONDS } from '../domain/hook-policy.ts';
import type { HookFlags } from './hooks.ts';
import { terminalOutput } from './output.ts';
import { parseSeconds } from './verbs.ts';

export function addHookVerbs(program: Command): void {
  const hooks = program
    .command('hooks')
    .description("a team's own gates and hooks: check that one does what is wanted");
  hooks
    .command('check')
    .description('ask a hook what Crossfade would, twice, at once and wrongly, and say what does not hold')
    .addOption(new Option('--step <step>', 'what it is asked as').choices(HOOK_STEPS).makeOptionMandatory())
    .option('--function <name>', 'a Lambda function, by its name or ARN, with your AWS credentials')
    .option('--file <file>', 'a .ts, .js or .py file with a function named handler')
    .option('--url <url>', 'a process that takes the request with POST')
    .addOption(new Option('--timeout <duration>', 'as in the policy').argParser(parseTimeout).default(60, '60s'))
    .addOption(
      new Option('--label <key=value>', 'a label of the job that it is asked about; may be given again').argParser(
        collect,
      ),
    )
    .option('--live', 'no dry runs: the hook does what it does, for a job that does not exist')
    .option('--json', 'one JSON value instead of text')
    .action(async (flags: HookFlags & { json?: boolean }) => {
      // Only this verb runs other people's code.
      const { checkHooks } = await import('./hooks.ts');
      await checkHooks(flags, terminalOutput(flags.json === true));
    });
}

function parseTimeout(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds <= MAX_HOOK_SECONDS) return seconds;
  throw new InvalidArgumentError(`up to ${MAX_HOOK_SECONDS}s is allowed.`);
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}
