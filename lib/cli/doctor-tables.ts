/** Judges the tables of a deployment against their shapes in `lib/aws/tables.ts`. Pure. */
import type { TableExamined, TablesExamined } from '../aws/examine-tables.ts';
import { type IndexShape, TABLES, type Table, type TableShape } from '../aws/tables.ts';
import { type Finding, judge, ok, restore, wrong } from './finding.ts';

/** DynamoDB calls a table so while it changes something beside; it can be read and written. */
const USABLE = ['ACTIVE', 'UPDATING'];
const FENCE = 'it holds the fence, so stop the pipelines before anything replaces it: docs/deploy.md, Roll back';

export function judgeTables(tables: TablesExamined, local: boolean): Finding[] {
  return (Object.keys(TABLES) as Table[]).flatMap((table) => {
    const seen = tables[table];
    const shape = TABLES[table];
    return [
      judgeTable(table, seen, shape, local),
      ...judgeIndexes(table, seen, shape, local),
      ...judgeStream(table, seen, shape, local),
      ...judgeExpiry(table, seen, shape),
      ...judgeBackups(table, seen),
    ];
  });
}

function judgeTable(table: Table, { name, description }: TableExamined, shape: TableShape, local: boolean): Finding {
  const check = `table ${table}`;
  const gone = table === 'evidence' || local ? restore(local) : `${restore(local)}; ${FENCE}`;
  return judge(check, description, gone, ({ status, keys }) => {
    const wanted = keysOf(shape);
    if (keys !== wanted) {
      const next = `${local ? 'start crossfade local with another --data folder' : 'name the right stack, or deploy the version that made it'}`;
      return wrong(check, `${name} has the keys ${keys}; ${wanted} is wanted`, next);
    }
    if (USABLE.includes(status)) return ok(check, `${name} is active, keys ${keys}`);
    const next = status === 'CREATING' ? 'wait a minute and run this again' : restore(local);
    return wrong(check, `${name} is ${status}; ACTIVE is wanted`, next);
  });
}

function judgeIndexes(table: Table, { description }: TableExamined, shape: TableShape, local: boolean): Finding[] {
  if (description.kind !== 'seen') return [];
  const { indexes } = description.value;
  return shape.indexes.map((wanted) => {
    const check = `index ${wanted.name} of ${table}`;
    const index = indexes.find(({ name }) => name === wanted.name);
    if (!index) return wrong(check, 'is not there', restore(local));
    const { keys, status, projection } = index;
    if (keys !== keysOf(wanted) || projection !== 'ALL') {
      const message = `has the keys ${keys}, projection ${projection}; ${keysOf(wanted)} and ALL are wanted`;
      return wrong(check, message, restore(local));
    }
    if (USABLE.includes(status)) return ok(check, `active, keys ${keys}`);
    const next = status === 'CREATING' ? 'it is being filled: wait, and run this again' : restore(local);
    return wrong(check, `is ${status}; ACTIVE is wanted`, next);
  });
}

function judgeStream(table: Table, { description }: TableExamined, shape: TableShape, local: boolean): Finding[] {
  if (!shape.stream || description.kind !== 'seen') return [];
  const check = `stream of ${table}`;
  if (local)
    return [ok(check, 'not applicable: embedded tables have none, crossfade local hands the writes on itself')];
  const { stream } = description.value;
  if (stream === shape.stream) return [ok(check, `on, ${stream}`)];
  const lost = table === 'landings' ? 'no evidence is gathered' : 'nobody hears of changes';
  return [wrong(check, `is ${stream ?? 'off'}; ${shape.stream} is wanted, without it ${lost}`, restore(local))];
}

function judgeExpiry(table: Table, { expiry }: TableExamined, { expiryAttribute }: TableShape): Finding[] {
  if (expiryAttribute === undefined || !expiry) return [];
  const check = `expiry of ${table}`;
  return [
    judge(check, expiry, restore(false), (attribute) => {
      if (attribute === expiryAttribute) return ok(check, `on, by ${attribute}`);
      const seen = attribute === '' ? 'is off' : `is by ${attribute}`;
      return wrong(check, `${seen}; ${expiryAttribute} is wanted, or the table grows for ever`, restore(false));
    }),
  ];
}

function judgeBackups(table: Table, { name, backups }: TableExamined): Finding[] {
  if (!backups) return [];
  const check = `backups of ${table}`;
  return [
    judge(check, backups, restore(false), (recovery) => {
      if (recovery === 'ENABLED') return ok(check, 'point-in-time recovery is on');
      const specification = `--table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`;
      const next = `aws dynamodb update-continuous-backups ${specification}`;
      return wrong(check, `point-in-time recovery is ${recovery}; ENABLED is wanted`, next);
    }),
  ];
}

function keysOf({ partitionKey, sortKey }: Pick<IndexShape, 'partitionKey' | 'sortKey'>): string {
  return [partitionKey, sortKey].map(({ name, type }) => `${name} ${type}`).join(', ');
}
