/**
 * Reads a folder of policies: `fleet.yaml` has the limits of the fleet, every other `*.yaml` one policy named as its file.
 * Called at synth, by every function that decides, by the local runtime and by the command line, so that all of them refuse
 * the same with the same words. Wrong files are all named in one error.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Policies } from '../controller/ports.ts';
import { type FleetLimits, fleetLimitsSchema } from '../domain/fleet-limits.ts';
import { policyName, policySchema } from '../domain/policy.ts';
import { explainIssues } from './explain-issue.ts';
import { type PolicyFile, readPolicyFile } from './policy-file.ts';
import { PoliciesRefused, type Problem, sortProblems } from './problem.ts';
import { type EffectivePolicy, nameOf, resolvePolicies } from './resolve.ts';

const FLEET = 'fleet';
/** A folder with more is another folder by mistake. */
const MAX_FILES = 500;

export interface PolicyFolder {
  /** By name. */
  policies: EffectivePolicy[];
  fleet: FleetLimits;
}

export function loadPolicies(folder: string): Policies {
  const { policies, fleet } = readPolicies(folder);
  const found = new Map(policies.map(({ policy }) => [policy.name, policy]));
  return { find: (name) => found.get(name), fleet };
}

/** With the files that each policy comes from. */
export function readPolicies(folder: string): PolicyFolder {
  const { files, problems } = readFiles(folder);
  const fleetFile = files.get(FLEET);
  files.delete(FLEET);
  const resolved = resolvePolicies(files);
  const all = sortProblems([...problems, ...resolved.problems, ...(fleetFile ? checkFleet(fleetFile) : [])]);
  if (all.length > 0) throw new PoliciesRefused(folder, all);
  if (resolved.policies.length === 0) throw new Error(`no policy in ${folder}: at least default.yaml is wanted`);
  const byName = (a: EffectivePolicy, b: EffectivePolicy) => (a.policy.name < b.policy.name ? -1 : 1);
  return { policies: resolved.policies.sort(byName), fleet: fleetLimitsSchema.parse(fleetFile?.content ?? {}) };
}

function readFiles(folder: string): { files: Map<string, PolicyFile>; problems: Problem[] } {
  if (!existsSync(folder)) throw new Error(`${folder}: there is no such folder`);
  const names = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  if (names.length > MAX_FILES) throw new Error(`${folder} has ${names.length} YAML files, ${MAX_FILES} are allowed`);
  const files = new Map<string, PolicyFile>();
  const problems: Problem[] = [];
  for (const each of names) {
    const path = join(folder, each);
    const name = each.replace(/\.ya?ml$/, '');
    const refuse = (message: string) => problems.push({ file: path, line: 1, column: 1, message });
    const other = files.get(name);
    if (other) refuse(`${other.path} is policy ${name} already; keep one of the two files`);
    else if (!policyName.safeParse(name).success) {
      refuse(
        `${JSON.stringify(name)} is no name for a policy: it begins with a lower case letter, then up to 62 lower case letters, digits and dashes; rename the file`,
      );
    } else files.set(name, readPolicyFile(path));
  }
  return { files, problems };
}

function checkFleet(file: PolicyFile): Problem[] {
  if (!file.content) return file.problems;
  const issues = explainIssues(fleetLimitsSchema, file.content, (field) =>
    Object.hasOwn(policySchema.shape, field)
      ? 'a field of policies, which the limits of the fleet do not have'
      : undefined,
  );
  return [
    ...file.problems,
    ...issues.map(({ path, at, message }) => {
      const { line, column } = file.locate(path, at);
      return { file: file.path, line, column, field: nameOf(path), message };
    }),
  ];
}
