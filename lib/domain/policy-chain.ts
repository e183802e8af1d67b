/**
 * How policies are based on each other (`extends`): one parent each, a short chain, no cycle. What a policy says is laid
 * over what its parent says, map by map; a list, a number or a text replaces. Pure: it knows neither files nor fields.
 */

/** Longer, and nobody can say any more where a value comes from. */
export const CHAIN_LIMIT = 5;

/** What `own` says laid over `base`. Keys keep the order of `base`, then come those that only `own` has. */
export function mergeSettings(base: unknown, own: unknown): unknown {
  if (!isMap(base) || !isMap(own)) return own;
  const keys = new Set([...Object.keys(base), ...Object.keys(own)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      if (!Object.hasOwn(own, key)) return [key, base[key]];
      return [key, Object.hasOwn(base, key) ? mergeSettings(base[key], own[key]) : own[key]];
    }),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * `chain`: the policy itself first, then its parent, and so on. `cycle` begins and ends with the same name; `through`
 * has the names up to the one whose parent there is not.
 */
export type Chain =
  | { kind: 'chain'; names: string[] }
  | { kind: 'cycle'; names: string[] }
  | { kind: 'too-long'; names: string[] }
  | { kind: 'unknown-parent'; through: string[]; parent: string };

/** @param parents the parent of every policy there is, or `undefined`. */
export function findChain(name: string, parents: ReadonlyMap<string, string | undefined>): Chain {
  const names = [name];
  for (let parent = parents.get(name); parent !== undefined; parent = parents.get(parent)) {
    if (!parents.has(parent)) return { kind: 'unknown-parent', through: names, parent };
    const at = names.indexOf(parent);
    if (at >= 0) return { kind: 'cycle', names: [...names.slice(at), parent] };
    names.push(parent);
    if (names.length > CHAIN_LIMIT) return { kind: 'too-long', names };
  }
  return { kind: 'chain', names };
}
