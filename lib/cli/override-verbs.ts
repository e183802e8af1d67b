/** The verbs on a job, or with a selector on many: what a person decides. */
import { type Command, Option } from 'commander';
import type { Verb } from '../controller/override-request.ts';
import { PHASES } from '../domain/phases.ts';
import { actOnFleet, actOnJob } from './act.ts';
import { actOnMany } from './bulk.ts';
import { CliError } from './connection.ts';
import { registerFile } from './register.ts';
import { FORMATS, type Format } from './registration-file.ts';
import { type RestoreFlags, restore } from './restore.ts';
import type { Selector } from './select.ts';
import { addSelector, type Flags, parseCount, parseWhole, reach, SELECTOR_FLAGS, verb } from './verbs.ts';

interface RequestFlags extends Flags {
  [field: string]: unknown;
}

export function addOverrides(program: Command): void {
  override(program, 'promote', 'one phase onward')
    .addOption(to())
    .option('--force', 'go on although needs are not met; kept in the history');
  override(program, 'demote', 'one phase back, or with --to several').addOption(to());
  override(program, 'hold', 'keep automation from promoting a job').addOption(scope()).addOption(until());
  override(program, 'release', 'end a hold, and say what automation will do then').option(
    '--split-writer',
    'acknowledge the partitions that both systems wrote instead; another such write asks again',
  );
  override(program, 'restart', 'gather evidence anew in the same phase, e.g. when a known defect is fixed');
  override(program, 'approve', 'sign off that a job may enter its next phase, where its policy asks').addOption(to());
  override(program, 'retire', 'take a job that is deleted or abandoned out of the fleet, for good').addOption(
    confirm(),
  );
  by(verb(program, 'complete <id>', 'confirm that the old job is removed: ends the migration'))
    .addOption(confirm().makeOptionMandatory())
    .action(async (jobId: string, flags: RequestFlags) => {
      const { deployment, output } = await reach(flags);
      await actOnJob(deployment, 'complete', { jobId, ...split(flags).request }, output);
    });
}

function override(program: Command, name: Verb, description: string): Command {
  const command = addSelector(by(verb(program, `${name} [id]`, description)));
  return command
    .option('--yes', 'do not ask before acting on many')
    .action(async (jobId: string | undefined, flags: RequestFlags) => {
      const { selector, request } = split(flags);
      const named = Object.keys(selector).length > 0;
      if ((jobId !== undefined) === named) {
        const seen = named ? 'both are given' : 'neither is given';
        throw new CliError(
          `${name} wants the id of a job, or options that select jobs (--team, --wave, ...): ${seen}`,
          2,
        );
      }
      if (name === 'retire' && jobId !== undefined && request.confirm === undefined) {
        throw new CliError(`retire is for good: say --confirm ${jobId} too`, 2);
      }
      const { deployment, output } = await reach(flags);
      if (jobId === undefined) return actOnMany(deployment, name, selector, request, output);
      const { yes: _, ...single } = request;
      await actOnJob(deployment, name, { jobId, ...single }, output);
    });
}

function by(command: Command): Command {
  return asked(command).option('--expected-version <n>', 'refuse when the job has moved on', parseCount);
}

function asked(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why; kept in the history')
    .option('--actor <name>', 'who (default: your user name); kept as claimed')
    .option('--verified', "be named by your AWS credentials, through the function's URL; kept as verified")
    .option('--dry-run', 'say what would happen and what stands against it, change nothing')
    .option('--request-id <id>', 'a name for this request: its repeat does nothing (default: a new one)');
}

/** What the user asked for, and of which jobs, without the flags that say where and how to show it. */
function split({ local: _l, stack: _s, json: _j, ...flags }: RequestFlags) {
  const entries = Object.entries(flags);
  const selects = ([name]: [string, unknown]) => (SELECTOR_FLAGS as readonly string[]).includes(name);
  return {
    selector: Object.fromEntries(entries.filter(selects)) as Selector,
    request: Object.fromEntries(entries.filter((entry) => !selects(entry))),
  };
}

export function addFleetVerbs(program: Command): void {
  verb(program, 'register <file>', 'bring the jobs of a file in: JSON Lines, CSV or YAML; - for standard input')
    .addOption(new Option('--format <format>', 'of the file (default: by its name; jsonl for -)').choices(FORMATS))
    .option('--dry-run', 'say what would be created, updated and refused, change nothing')
    .action(async (file: string, flags: Flags & { format?: Format; dryRun?: boolean }) => {
      const { deployment, output } = await reach(flags);
      await registerFile(deployment, { file, format: flags.format, dryRun: flags.dryRun }, output);
    });
  const fleetVerb = (name: 'pause' | 'resume', description: string): Command =>
    asked(verb(program, name, description))
      .option('--expected-version <n>', 'refuse when the controls have changed', parseWhole)
      .action(async (flags: RequestFlags) => {
        const { deployment, output } = await reach(flags);
        await actOnFleet(deployment, name, split(flags).request, output);
      });
  fleetVerb('pause', 'stop promotions of the whole fleet').addOption(scope()).addOption(until());
  fleetVerb('resume', 'end a pause').option('--breaker', 'close the breaker instead; a pause stays as it is');
  verb(program, 'sweep', 'run a sweep now').action(async (flags: Flags) => {
    const { deployment, output } = await reach(flags);
    const swept = await deployment.invoke('fan-out', { scheduledAt: new Date().toISOString() });
    output.print(
      output.json ? JSON.stringify(swept) : `started ${String(swept.sweepId)}, groups: ${String(swept.groups)}`,
    );
  });
}

export function addRestore(program: Command): void {
  verb(program, 'restore', 'after tables were restored from a backup: epochs jump, and every right from before is void')
    .requiredOption('--reason <text>', 'why; kept in the history of every job')
    .option('--actor <name>', 'who (default: your user name)')
    .option('--jobs <table>', "name of the restored table of jobs (default: the deployment's own, as it is)")
    .option('--landings <table>', 'name of the restored table of landings (default: likewise)')
    .addOption(new Option('--confirm <deployment>', 'the deployment, as the refusal without this names it'))
    .option('--dry-run', 'only say what would be taken back')
    .action(async (flags: Flags & RestoreFlags) => {
      const { deployment, output } = await reach(flags);
      await restore(deployment, flags, output);
    });
}

const to = () => new Option('--to <phase>', 'where to; refused when the verb does not lead there').choices(PHASES);
const confirm = () => new Option('--confirm <id>', 'the id again');
const scope = () => new Option('--scope <scope>', '`all` also holds back demotions').choices(['promotions', 'all']);
const until = () => new Option('--until <instant>', 'when it ends by itself, ISO-8601 with offset');
