/** What verbs on a deployment have in common: the flags that name it, `--json`, and how options are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import ms, { type StringValue } from 'ms';
import type { Deployment } from '../aws/deployment.ts';
import { ATTENTION_KINDS } from '../domain/attention.ts';
import { PHASES } from '../domain/phases.ts';
import { type ConnectionFlags, connect } from './connection.ts';
import { type Output, terminalOutput } from './output.ts';

export type Flags = ConnectionFlags & { json?: boolean };

export function verb(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--local [url]', 'a running `crossfade local` (default http://127.0.0.1:4400)')
    .option('--stack <name>', 'a deployed stack, found by its outputs')
    .option('--json', 'one JSON value instead of text');
}

export async function reach(flags: Flags): Promise<{ deployment: Deployment; output: Output }> {
  return { deployment: await connect(flags), output: terminalOutput(flags.json === true) };
}

/** The options that say which jobs: for `jobs`, and for verbs on many. */
export function addSelector(command: Command): Command {
  return addSelection(command).option('--policy <name>', 'jobs held to this policy');
}

/** The same for a verb that takes a policy for something else. */
export function addSelection(command: Command): Command {
  return command
    .option('--team <team>', 'jobs of this team')
    .addOption(new Option('--wave <n>', 'jobs of this wave').argParser(parseWhole))
    .addOption(new Option('--label <key=value>', 'jobs with this label; may be given again').argParser(collect))
    .addOption(new Option('--phase <phase>', 'jobs in this phase').choices(PHASES))
    .addOption(new Option('--attention <kind>', 'jobs that need this attention').choices(ATTENTION_KINDS))
    .option('--held', 'jobs that are held')
    .option('--recommended', 'jobs that automation would move, where the policy leaves it to a person')
    .option('--from-file <file>', 'jobs whose ids are in this file, one a line; - for standard input');
}

export const SELECTOR_FLAGS = [
  'team',
  'wave',
  'label',
  'phase',
  'attention',
  'policy',
  'held',
  'recommended',
  'fromFile',
] as const;

export const limit = (fallback: number) =>
  new Option('--limit <n>', 'at most so many').argParser(parseCount).default(fallback);

export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number above 0 is wanted.');
}

export function parseWhole(text: string): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isInteger(count) && count >= 0) return count;
  throw new InvalidArgumentError('a whole number is wanted.');
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** `15s` -> 15. At least one second: a sweep's name has no more than that. */
export function parseSeconds(text: string): number {
  const milliseconds = /^\d/.test(text) ? ms(text as StringValue) : undefined;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError('a duration is a number with a unit, such as 15s, 5m or 1h.');
  }
  if (milliseconds >= 1_000 && milliseconds <= 24 * 3_600_000) return milliseconds / 1_000;
  throw new InvalidArgumentError('from 1s to 24h is allowed.');
}
