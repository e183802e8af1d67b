/** `policy check`: reads a folder of policies as a deployment would, and says what each means or why it is refused. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadPolicies } from '../aws/policy-files.ts';
import type { Policy } from '../domain/policy.ts';
import { describeSeconds } from '../domain/time.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { renderTable } from './table.ts';

const OWN_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

export function checkPolicies(folder: string | undefined, output: Output): void {
  const from = folder ?? OWN_POLICIES;
  let loaded: ReturnType<typeof loadPolicies>;
  try {
    loaded = loadPolicies(from);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
  const names = readdirSync(from).map((file) => file.replace(/\.ya?ml$/, ''));
  const policies = names
    .sort()
    .map((name) => loaded.find(name))
    .filter((policy) => policy !== undefined);
  show(output, { policies, fleet: loaded.fleet }, () => {
    const { capacity, promotionsPerSweep, breaker } = loaded.fleet;
    return [
      `${policies.length} policies in ${from} are well`,
      '',
      renderTable(['policy', 'hash', 'automation', 'pairs', 'soak, tombstone'], policies.map(rowOf), output.width),
      '',
      `fleet: at most ${promotionsPerSweep} promotions a sweep; room for ${capacity.shadow} in shadow, ${capacity['reverse-shadow']} in reverse shadow, ${capacity.cleanup} in cleanup`,
      `breaker: ${breaker.demotedShare * 100} % demoted in one sweep, and at least ${breaker.atLeast}, stop promotions for ${describeSeconds(breaker.forSeconds)}`,
    ].join('\n');
  });
}

function rowOf({ name, hash, automation, minPairs, soak, tombstoneSeconds }: Policy): string[] {
  const times = [soak.shadowSeconds, soak.reverseShadowSeconds, tombstoneSeconds].map(
    (seconds) => describeSeconds(seconds) || '0 s',
  );
  return [name, hash, automation, String(minPairs), times.join(', ')];
}
