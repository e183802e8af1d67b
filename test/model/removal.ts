/**
 * What breaks without a clause or a guard: the scenarios are explored with it removed, until one of them finds a violation.
 * The guards are one object of functions, called by name, so a guard is removed by putting `() => true` in its place.
 */
import type { ClauseName } from '../../lib/controller/clauses.ts';
import { type GuardName, guards } from '../../lib/domain/guards.ts';
import { type Exploration, explore, type Scenario } from './explore.ts';

export interface Removal {
  name: ClauseName | GuardName | 'destination-fence';
  /** The exploration that found a violation; absent when none did. */
  found?: Exploration;
}

export async function exploreWithout(
  name: Removal['name'],
  scenarios: readonly Scenario[],
  limit?: number,
): Promise<Removal> {
  for (const scenario of scenarios) {
    const found = await without(name, scenario, limit);
    if (found.violation) return { name, found };
  }
  return { name };
}

async function without(name: Removal['name'], scenario: Scenario, limit?: number): Promise<Exploration> {
  const bound = limit === undefined ? {} : { limit };
  if (!isGuard(name)) return explore(scenario, { ...bound, without: name });
  const kept = guards[name];
  try {
    Object.assign(guards, { [name]: () => true });
    return await explore(scenario, bound);
  } finally {
    Object.assign(guards, { [name]: kept });
  }
}

export function isGuard(name: string): name is GuardName {
  return Object.hasOwn(guards, name);
}
