/** The verbs on policies as code. They read files of this machine and ask no deployment. */
import type { Command } from 'commander';
import { terminalOutput } from './output.ts';
import { checkPolicies } from './policy.ts';
import { comparePolicies, showPolicy } from './policy-show.ts';

interface Flags {
  json?: boolean;
}

export function addPolicyVerbs(program: Command): void {
  const policy = program.command('policy').description('policies as code: check a folder, show one, compare two');
  add(
    policy,
    'check [folder]',
    'read the policies of a folder as a deployment would (default: those of this repository)',
  ).action((folder: string | undefined, { json }: Flags) => checkPolicies(folder, terminalOutput(json === true)));
  add(policy, 'show <name> [folder]', 'one policy with all that it inherits, and the line that says each value').action(
    (name: string, folder: string | undefined, { json }: Flags) =>
      showPolicy(name, folder, terminalOutput(json === true)),
  );
  add(policy, 'diff <name> <other> [folder]', 'the fields in which two policies differ').action(
    (name: string, other: string, folder: string | undefined, { json }: Flags) =>
      comparePolicies([name, other], folder, terminalOutput(json === true)),
  );
}

function add(policy: Command, usage: string, description: string): Command {
  return policy.command(usage).description(description).option('--json', 'one JSON value instead of text');
}
