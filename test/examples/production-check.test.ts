/** How the example compares production with the reference: each way to be wrong is found, and named. */
import { expect, test } from 'vitest';
import { checkProduction } from '../../examples/flights/production-check.ts';
import { renderTable } from '../../examples/flights/table.ts';
import { Warehouse } from '../../examples/flights/warehouse.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { makeScratchFolder } from './scratch.ts';

const DAY = '2001-01-01';
const TABLE = 'flights-ATL/production';
const REFERENCE = new Map([[`ATL ${DAY}`, ['06,12,-2', '07,9,4']]]);
const RIGHT = ['07,9,4', '06,12,-2'];

/** @param versions what was published, in turn: who, and the rows. The rows' text passes for their checksum. */
async function check(versions: [system: 'old' | 'new', rows: string[]][], claimed = versions.at(-1)?.[1].join()) {
  const warehouse = new Warehouse(makeScratchFolder());
  for (const [index, [system, rows]] of versions.entries()) {
    const staged = warehouse.stage(TABLE, DAY, renderTable(rows));
    const at = { landedAt: `${DAY}T06:00:00.000Z`, publishedAt: `${DAY}T06:00:01.000Z` };
    const run = `run-${index}`;
    const content = { rowCount: rows.length, checksum: rows.join() };
    warehouse.publish(staged, { token: String(index), system, release: '1', run, ...content, ...at });
  }
  const claim = { partition: DAY, production: { checksum: claimed }, published: { checksum: claimed } };
  return checkProduction({
    warehouse,
    reference: REFERENCE,
    partitions: new Map([['flights-ATL', [DAY]]]),
    readClaims: async () => [claim as Claim],
  });
}

test('finds nothing where production holds the rows of the reference, in whatever order', async () => {
  expect(await check([['old', RIGHT]])).toEqual({ publications: 1, wrong: [], empty: [], atEnd: [] });
});

test('remembers a wrong publication that was made good', async () => {
  const findings = await check([
    ['new', ['06,11,-2', '07,9,4']],
    ['old', RIGHT],
  ]);
  expect(findings).toMatchObject({ publications: 2, empty: [], atEnd: [] });
  expect(findings.wrong).toMatchObject([{ jobId: 'flights-ATL', partition: DAY, system: 'new', run: 'run-0' }]);
});

test('finds a partition that ends wrong, with who made it so', async () => {
  const { atEnd } = await check([['new', ['06,12,-2']]]);
  expect(atEnd).toEqual([
    { jobId: 'flights-ATL', partition: DAY, why: 'new 1 published something else than the reference' },
  ]);
});

test('finds a partition that nobody published, and one that is published without rows', async () => {
  expect(await check([])).toMatchObject({ empty: [{ partition: DAY }], atEnd: [{ why: 'nothing was published' }] });
  expect(await check([['old', []]])).toMatchObject({ wrong: [{ system: 'old' }], empty: [{ partition: DAY }] });
});

test('finds a partition whose claim holds another landing than the one that is published', async () => {
  const { wrong, atEnd } = await check([['old', RIGHT]], 'another');
  expect(wrong).toEqual([]);
  expect(atEnd).toMatchObject([{ why: 'the claim holds another landing than the one that old published last' }]);
});
