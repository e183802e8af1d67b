/** `policy check`: reads a folder of policies as a deployment would, and says what each means or why it is refused. */
import { fileURLToPath } from 'node:url';
import type { Policy } from '../domain/policy.ts';
import { adviseOnPolicy } from '../domain/policy-advice.ts';
import { describeSeconds } from '../domain/time.ts';
import { type PolicyFolder, readPolicies } from '../policies/load.ts';
import { PoliciesRefused, type Problem, renderProblem, sortProblems } from '../policies/problem.ts';
import type { EffectivePolicy } from '../policies/resolve.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { renderTable } from './table.ts';

const OWN_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

export function checkPolicies(folder: string | undefined, output: Output): void {
  const { policies, fleet } = readFolder(folder, output);
  const warnings = sortProblems(policies.flatMap(warningsOf));
  show(output, { policies: policies.map(({ policy }) => policy), fleet, warnings }, () => {
    const { capacity, promotionsPerSweep, breaker } = fleet;
    const rows = policies.map(({ policy }) => rowOf(policy));
    return [
      `${policies.length} policies in ${folder ?? OWN_POLICIES} are well`,
      ...warnings.map((warning) => pc.yellow(`warning: ${renderProblem(warning)}`)),
      '',
      renderTable(['policy', 'hash', 'automation', 'pairs', 'soak, tombstone'], rows, output.width),
      '',
      `fleet: at most ${promotionsPerSweep} promotions a sweep; room for ${capacity.shadow} in shadow, ${capacity['reverse-shadow']} in reverse shadow, ${capacity.cleanup} in cleanup`,
      `breaker: ${breaker.demotedShare * 100} % demoted in one sweep, and at least ${breaker.atLeast}, stop promotions for ${describeSeconds(breaker.forSeconds)}`,
    ].join('\n');
  });
}

/** What is wrong goes to whoever reads: to a program as values, to a person as lines. */
export function readFolder(folder: string | undefined, output: Output): PolicyFolder {
  try {
    return readPolicies(folder ?? OWN_POLICIES);
  } catch (error) {
    if (error instanceof PoliciesRefused && output.json) output.print(JSON.stringify({ problems: error.problems }));
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

function warningsOf({ policy, files }: EffectivePolicy): Problem[] {
  return adviseOnPolicy(policy).flatMap(({ field, message }) => {
    const path = field.split('.');
    const said = files.find((file) => file.locate(path).depth === path.length) ?? files[0];
    return said ? [{ file: said.path, ...positionIn(said, path), field, message }] : [];
  });
}

function positionIn(file: EffectivePolicy['files'][number], path: string[]): { line: number; column: number } {
  const { line, column } = file.locate(path);
  return { line, column };
}

function rowOf({ name, hash, automation, minPairs, soak, tombstoneSeconds }: Policy): string[] {
  const times = [soak.shadowSeconds, soak.reverseShadowSeconds, tombstoneSeconds].map(describeSeconds);
  return [name, hash, automation, String(minPairs), times.join(', ')];
}
