/**
 * The table of `docs/protocol.md`, made from the registries and from what the model finds without each name. Run it to
 * write the page: `npx node test/model/render-table.ts`; `removal.test.ts` holds the page to it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isUsedInModel, REGISTERED, type Removal, removalOf } from './removal.ts';
import { SCENARIOS } from './scenarios/all.ts';

export const PROTOCOL_PAGE = fileURLToPath(new URL('../../docs/protocol.md', import.meta.url));
const BEGIN = '<!-- made by test/model/render-table.ts -->';
const END = '<!-- end -->';

export function renderTable(removals: readonly Removal[]): string {
  const rows = removals.map((removal) => {
    const { name } = removal;
    const { kind, race } = REGISTERED.find((registered) => registered.name === name) ?? { kind: '', race: '' };
    return `| \`${name}\` | ${kind} | ${race} | ${describeFinding(removal)} |`;
  });
  return ['| name | | the race it closes | without it |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function describeFinding({ name, found }: Removal): string {
  if (!isUsedInModel(name, SCENARIOS)) return 'the contract suite fails (`test/contract/clauses.ts`)';
  if (!found?.violation) throw new Error(`without ${name} no scenario that shows it finds a violation`);
  const { message, steps } = found.violation;
  const [, invariant, what] = /^(\d+): (.*)$/.exec(message) ?? ['', '?', message];
  return `invariant ${invariant}, in *${found.scenario}*, ${steps.length} steps: ${what}`;
}

/** The page with this table between the two comments. */
export function placeTable(page: string, table: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PROTOCOL_PAGE} wants "${BEGIN}" and "${END}"`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const removals: Removal[] = [];
  for (const { name } of REGISTERED) removals.push(await removalOf(name, SCENARIOS));
  writeFileSync(PROTOCOL_PAGE, placeTable(readFileSync(PROTOCOL_PAGE, 'utf8'), renderTable(removals)));
}
