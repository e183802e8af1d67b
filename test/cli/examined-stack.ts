/** What `crossfade doctor` sees of a deployed stack that is well, for tests to spoil one part of, and ways to that part. */
import type { Seen } from '../../lib/aws/asking.ts';
import type { Examination } from '../../lib/aws/examination.ts';
import type { Configuration } from '../../lib/aws/examine-functions.ts';
import type { TableExamined, TablesExamined } from '../../lib/aws/examine-tables.ts';
import { TABLES, type Table } from '../../lib/aws/tables.ts';
import { questions } from '../../lib/cli/doctor-questions.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLedger, aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';

export const ASKED = questions('no-such-job');
export const LAYER = 'arn:aws:lambda:us-east-1:123456789012:layer:policies:7';
export const SWEEP = aLedger({ expiresAt: addSeconds(NOW, 810) });
export const MISSING = { kind: 'missing' } as const;

export function seen<T>(value: T): Seen<T> {
  return { kind: 'seen', value };
}

function found<T>(answer: Seen<T> | undefined): T {
  if (answer?.kind === 'seen') return answer.value;
  throw new Error('not seen');
}

export const table = (stack: Examination, name: Table) => found(stack.tables[name].description);
export const fn = (stack: Examination, name: string) => stack.functions.get(name)!;
export const configuration = (stack: Examination, name: string) => found(fn(stack, name).configuration);

export function aConfiguration(given: Partial<Configuration> = {}): Configuration {
  return { state: 'Active', update: 'Successful', version: '1', codeHash: 'same', layers: [LAYER], ...given };
}

/** A deployed stack that is well: every table, function and queue as it should be, the last sweep at NOW. */
export function aStack(): Examination {
  const tables = Object.entries(TABLES).map(([name, shape]): [string, TableExamined] => {
    const keys = ({ partitionKey, sortKey }: Pick<typeof shape, 'partitionKey' | 'sortKey'>) =>
      `${partitionKey.name} ${partitionKey.type}, ${sortKey.name} ${sortKey.type}`;
    const indexes = shape.indexes.map((index) => ({
      name: index.name,
      status: 'ACTIVE',
      keys: keys(index),
      projection: 'ALL',
    }));
    const description = {
      status: 'ACTIVE',
      keys: keys(shape),
      indexes,
      createdAtMs: 0,
      ...(shape.stream && { stream: shape.stream }),
    };
    return [
      name,
      { name, description: seen(description), expiry: seen(shape.expiryAttribute ?? ''), backups: seen('ENABLED') },
    ];
  });
  const functions = ASKED.map(({ name, wanted, fed }) => {
    const answers: Record<string, unknown> = {
      'a list': { partitions: [] },
      'no failures': { batchItemFailures: [] },
      'no events': [],
      'a text': '### a widget',
      created: { results: [{ result: 'created' }] },
    };
    const answer = seen(answers[wanted] ?? { code: wanted });
    return [
      name,
      { answer, configuration: seen(aConfiguration()), ...(fed && { sources: seen(['Enabled']) }) },
    ] as const;
  });
  return {
    local: false,
    stackStatus: 'UPDATE_COMPLETE',
    clock: { skewSeconds: 0 },
    tables: Object.fromEntries(tables) as TablesExamined,
    functions: new Map(functions),
    aliases: new Map([['AliasAssignOld', seen(aConfiguration())]]),
    stateMachine: seen('ACTIVE'),
    queues: { landings: seen(0), deadLetters: seen([{ name: 'LandingsRefused', messages: seen(0) }]) },
    ledgers: seen([SWEEP]),
    summaries: seen([0, 1].map((shard) => aSummary({ shard, readAt: addSeconds(NOW, 5) }))),
    policies: seen([{ jobId: 'a', name: 'default', hash: 'abc' }]),
  };
}
