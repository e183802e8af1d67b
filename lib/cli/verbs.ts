/** The verbs on a deployment, with their options. What each does is in the file of its name. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Deployment } from '../aws/deployment.ts';
import { ATTENTION_KINDS, type AttentionKind } from '../domain/attention.ts';
import { PHASES, SYSTEMS, type System } from '../domain/phases.ts';
import { act, type Verb } from './act.ts';
import { showAttention } from './attention.ts';
import { type ConnectionFlags, connect } from './connection.ts';
import { showHistory, showOwed } from './history.ts';
import { showExplanation, showJob } from './job.ts';
import { type Output, terminalOutput } from './output.ts';
import { showStatus } from './status.ts';

type Flags = ConnectionFlags & { json?: boolean };

/** A verb on a deployment: the flags that name it, and `--json`. */
function verb(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--local [url]', 'a running `crossfade local` (default http://127.0.0.1:4400)')
    .option('--stack <name>', 'a deployed stack, found by its outputs')
    .option('--json', 'one JSON value instead of text');
}

async function reach(flags: Flags): Promise<{ deployment: Deployment; output: Output }> {
  return { deployment: await connect(flags), output: terminalOutput(flags.json === true) };
}

export function addReadVerbs(program: Command): void {
  verb(program, 'status', 'the fleet by phase, what needs attention, the last sweep').action(async (flags: Flags) => {
    const { deployment, output } = await reach(flags);
    await showStatus(deployment, output);
  });
  verb(program, 'attention', 'the jobs that a person should look at, most urgent first')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(ATTENTION_KINDS))
    .addOption(limit(50))
    .action(async (flags: Flags & { kind?: AttentionKind; limit: number }) => {
      const { deployment, output } = await reach(flags);
      await showAttention(deployment, flags, output);
    });
  verb(program, 'job <id>', 'one job: phase, verdicts with both numbers, last pairs, open partitions').action(
    async (id: string, flags: Flags) => {
      const { deployment, output } = await reach(flags);
      await showJob(deployment, id, output);
    },
  );
  verb(program, 'explain <id>', 'why a job is not promoted, and what would change that').action(
    async (id: string, flags: Flags) => {
      const { deployment, output } = await reach(flags);
      await showExplanation(deployment, id, output);
    },
  );
  verb(program, 'history <id>', 'what happened to a job, newest first')
    .addOption(limit(20))
    .action(async (id: string, flags: Flags & { limit: number }) => {
      const { deployment, output } = await reach(flags);
      await showHistory(deployment, id, flags.limit, output);
    });
  verb(program, 'owed', 'the partitions that a system still has to publish')
    .addOption(new Option('--system <system>', 'whose').choices(SYSTEMS).makeOptionMandatory())
    .option('--job <id>', 'of one job, read strongly')
    .addOption(limit(100))
    .action(async (flags: Flags & { system: System; job?: string; limit: number }) => {
      const { deployment, output } = await reach(flags);
      const request = { system: flags.system, limit: flags.limit, ...(flags.job && { jobId: flags.job }) };
      await showOwed(deployment, request, output);
    });
}

interface RequestFlags extends Flags {
  [field: string]: unknown;
}

/** What the user asked for, without the flags that say where and how to show it. */
function requestOf({ local: _l, stack: _s, json: _j, ...request }: RequestFlags): Record<string, unknown> {
  return request;
}

export function addOverrides(program: Command): void {
  const override = (name: Verb, description: string): Command =>
    verb(program, `${name} <id>`, description)
      .requiredOption('--reason <text>', 'why; kept in the history')
      .option('--actor <name>', 'who (default: your user name)')
      .option('--dry-run', 'say what would happen, change nothing')
      .option('--expected-version <n>', 'refuse when the job has moved on', parseCount)
      .action(async (jobId: string, flags: RequestFlags) => {
        const { deployment, output } = await reach(flags);
        await act(deployment, name, { jobId, ...requestOf(flags) }, output);
      });
  const to = () => new Option('--to <phase>', 'refuse when the step leads elsewhere').choices(PHASES);
  override('promote', 'one phase onward').addOption(to()).option('--force', 'go on although needs are not met');
  override('demote', 'one phase back').addOption(to());
  override('complete', 'confirm that the old job is removed: ends the migration').requiredOption(
    '--confirm <id>',
    'the id again',
  );
  override('hold', 'keep automation from promoting a job').addOption(scope()).addOption(until());
  override('release', 'end a hold');
}

export function addFleetVerbs(program: Command): void {
  const fleetVerb = (name: Verb, description: string): Command =>
    verb(program, name, description)
      .requiredOption('--reason <text>', 'why')
      .option('--actor <name>', 'who (default: your user name)')
      .action(async (flags: RequestFlags) => {
        const { deployment, output } = await reach(flags);
        await act(deployment, name, requestOf(flags), output);
      });
  fleetVerb('pause', 'stop promotions of the whole fleet').addOption(scope()).addOption(until());
  fleetVerb('resume', 'end a pause');
  verb(program, 'sweep', 'run a sweep now').action(async (flags: Flags) => {
    const { deployment, output } = await reach(flags);
    const swept = await deployment.invoke('fan-out', { scheduledAt: new Date().toISOString() });
    output.print(
      output.json ? JSON.stringify(swept) : `started ${String(swept.sweepId)}, groups: ${String(swept.groups)}`,
    );
  });
}

const scope = () => new Option('--scope <scope>', '`all` also holds back demotions').choices(['promotions', 'all']);
const until = () => new Option('--until <instant>', 'when it ends by itself, ISO-8601 with offset');
const limit = (fallback: number) =>
  new Option('--limit <n>', 'at most so many').argParser(parseCount).default(fallback);

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number above 0 is wanted.');
}
