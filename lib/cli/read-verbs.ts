/** The verbs that only look. What each shows is in the file of its name. */
import { type Command, Option } from 'commander';
import { ATTENTION_KINDS, type AttentionKind } from '../domain/attention.ts';
import { EVENT_TYPES } from '../domain/event.ts';
import { SYSTEMS, type System } from '../domain/phases.ts';
import { showAttention } from './attention.ts';
import type { BacktestFlags } from './backtest.ts';
import { CliError } from './connection.ts';
import type { EventFlags } from './events.ts';
import { showFleetHistory, showHistory, showOwed } from './history.ts';
import { showExplanation, showJob } from './job.ts';
import { showJobs } from './jobs.ts';
import { terminalOutput } from './output.ts';
import { addPolicyVerbs } from './policy-verbs.ts';
import type { Selector } from './select.ts';
import { showStatus } from './status.ts';
import { addSelection, addSelector, type Flags, limit, parseCount, parseSeconds, reach, verb } from './verbs.ts';
import { watch } from './watch.ts';

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
  addSelector(verb(program, 'jobs', 'the jobs of a team, a wave, a phase, ...'))
    .addOption(limit(100))
    .action(async ({ local: _l, stack: _s, json: _j, ...selector }: Flags & Selector & { limit: number }, command) => {
      const { deployment, output } = await reach((command as Command).opts());
      await showJobs(deployment, selector, output);
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
  verb(program, 'history [id]', 'what happened to a job, or with --fleet to all of them, newest first')
    .option('--fleet', 'pauses, resumptions and the breaker')
    .addOption(limit(20))
    .action(async (id: string | undefined, flags: Flags & { fleet?: boolean; limit: number }) => {
      if ((id === undefined) !== (flags.fleet === true)) {
        throw new CliError(`history wants the id of a job, or --fleet: ${id ? 'both are' : 'neither is'} given`, 2);
      }
      const { deployment, output } = await reach(flags);
      if (id === undefined) return showFleetHistory(deployment, flags.limit, output);
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
  verb(program, 'events', 'what a `crossfade local` tells to the outside, oldest first')
    .option('--follow', 'what is told from now on, until Ctrl-C')
    .addOption(new Option('--type <type>', 'only this type').choices(EVENT_TYPES))
    .option('--team <team>', 'only of jobs of this team')
    .addOption(limit(50))
    .action(async (flags: Flags & EventFlags) => {
      // Only this verb reads a stream.
      const { showEvents } = await import('./events.ts');
      await showEvents(flags, terminalOutput(flags.json === true));
    });
  addSelection(
    verb(program, 'backtest', 'what another policy would have made of the recorded landings, and the difference'),
  )
    .addOption(new Option('--policy <file>', 'the policy, as a file').makeOptionMandatory())
    .addOption(new Option('--every <duration>', 'from sweep to sweep').argParser(parseSeconds).default(900, '15m'))
    .addOption(limit(50))
    .action(
      async (
        { local: _l, stack: _s, json: _j, ...flags }: Flags & Omit<Selector, 'policy'> & BacktestFlags,
        command,
      ) => {
        const { deployment, output } = await reach((command as Command).opts());
        // Only this verb replays.
        const { showBacktest } = await import('./backtest.ts');
        const { policy, every, limit: shown, ...selector } = flags;
        await showBacktest(deployment, { policy, every, limit: shown }, selector, output);
      },
    );
  verb(program, 'watch', 'the status again and again, until Ctrl-C')
    .addOption(
      new Option('--every <duration>', 'time between, such as 5s or 1m').argParser(parseSeconds).default(5, '5s'),
    )
    .addOption(new Option('--times <n>', 'end after so many').argParser(parseCount))
    .action(async (flags: Flags & { every: number; times?: number }) => {
      const { deployment, output } = await reach(flags);
      await watch(deployment, flags, output);
    });
  verb(program, 'doctor', 'is the deployment well: every part of it, and what to do where it is not')
    .option('--policies <folder>', 'compare the deployed policies with those of this folder')
    .action(async (flags: Flags & { policies?: string }) => {
      // Only this verb needs a client for everything.
      const { showDoctor } = await import('./doctor.ts');
      await showDoctor(flags, terminalOutput(flags.json === true));
    });
  addPolicyVerbs(program);
}
