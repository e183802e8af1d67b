/**
 * What breaks without a clause or a guard: the scenarios that are to show it are explored with it removed. A clause is
 * left out by the in-memory stores. The guards are one object of functions, called by name, so a guard is removed by
 * putting `() => true` in its place.
 */
import { CLAUSES, type ClauseName } from '../../lib/controller/clauses.ts';
import { GUARD_RACES, type GuardName, guards } from '../../lib/domain/guards.ts';
import { type Exploration, explore, type Scenario } from './explore.ts';

export interface Removal {
  name: ClauseName | GuardName | 'destination-fence';
  /** The exploration that found a violation; absent when none did. */
  found?: Exploration;
}

export interface Registered {
  name: Removal['name'];
  kind: 'clause' | 'guard' | 'integration';
  race: string;
}

/** Both registries, and what the design asks of a `fenced` integration. */
export const REGISTERED: readonly Registered[] = [
  ...namesOf(CLAUSES).map((name) => ({ name, kind: 'clause' as const, race: CLAUSES[name] })),
  ...namesOf(GUARD_RACES).map((name) => ({ name, kind: 'guard' as const, race: GUARD_RACES[name] })),
  { name: 'destination-fence', kind: 'integration', race: 'a publication that was delayed shows over a newer one' },
];

export function isUsedInModel(name: Removal['name'], scenarios: readonly Scenario[]): boolean {
  return scenarios.some(({ shows }) => shows?.includes(name));
}

export async function removalOf(name: Removal['name'], scenarios: readonly Scenario[]): Promise<Removal> {
  for (const scenario of scenarios.filter(({ shows }) => shows?.includes(name))) {
    const found = await exploreWithout(name, scenario);
    if (found.violation) return { name, found };
  }
  return { name };
}

async function exploreWithout(name: Removal['name'], scenario: Scenario): Promise<Exploration> {
  if (!isGuard(name)) return explore(scenario, { without: name });
  const kept = guards[name];
  try {
    Object.assign(guards, { [name]: () => true });
    return await explore(scenario);
  } finally {
    Object.assign(guards, { [name]: kept });
  }
}

function isGuard(name: string): name is GuardName {
  return Object.hasOwn(guards, name);
}

function namesOf<T extends object>(registry: T): (keyof T)[] {
  return Object.keys(registry) as (keyof T)[];
}
