/**
 * Nothing in the two registries is there for nothing: without any one name of them a scenario finds a violation. What it
 * finds is the table of `docs/protocol.md`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isUsedInModel, REGISTERED, type Removal, removalOf } from './removal.ts';
import { PROTOCOL_PAGE, placeTable, renderTable } from './render-table.ts';
import { SCENARIOS } from './scenarios/all.ts';

const TIMEOUT = { timeout: 60_000 };
const removals = new Map<string, Promise<Removal>>();

/** Each is explored once, whichever test asks first. */
function without(name: Removal['name']): Promise<Removal> {
  const known = removals.get(name) ?? removalOf(name, SCENARIOS);
  removals.set(name, known);
  return known;
}

describe('without it a scenario breaks an invariant', () => {
  it.each(REGISTERED.filter(({ name }) => isUsedInModel(name, SCENARIOS)))(
    '$name: $race',
    TIMEOUT,
    async ({ name }) => {
      const { found } = await without(name);
      expect(found?.violation?.message, `no scenario that shows ${name} breaks`).toMatch(/^\d+: /);
    },
  );
});

it('leaves to the contract suite only the clauses that no use case of the model writes on', () => {
  const left = REGISTERED.filter(({ name }) => !isUsedInModel(name, SCENARIOS)).map(({ name }) => name);
  expect(left).toEqual(['job-is-absent', 'ledger-is-absent', 'sweep-is-unfinished', 'summary-is-newer']);
});

it('docs/protocol.md has the table that the code makes: npx node test/model/render-table.ts', TIMEOUT, async () => {
  const found: Removal[] = [];
  // One after the other: the guards are one object, and two removals at once would be seen by both.
  for (const { name } of REGISTERED) found.push(await without(name));
  const table = renderTable(found);
  const page = readFileSync(PROTOCOL_PAGE, 'utf8');
  expect(page).toBe(placeTable(page, table));
});
