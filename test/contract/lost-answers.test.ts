/**
 * What a conditional write answers when the answer of DynamoDB was lost on its way, and the SDK has sent it again. The
 * loss is a middleware inside of the SDK's retries: the request is carried out, and then a timeout is reported.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createClaimStore } from '../../lib/aws/claim-store.ts';
import type { DocumentClient } from '../../lib/aws/client.ts';
import type { TableNames } from '../../lib/aws/tables.ts';
import { lostTo, WRITTEN, type Written } from '../../lib/controller/clauses.ts';
import { aLedger, aSummary } from '../builders/fleet.ts';
import { aClaim, aJob, anEvidence, aTransition } from '../builders/records.ts';
import { openDynalite } from './dynalite-server.ts';
import { connectTo, freshTables, storesOn } from './dynamo.ts';
import type { Stores } from './opening.ts';

let server: Awaited<ReturnType<typeof openDynalite>>;
let client: DocumentClient;
let other: DocumentClient;
let tables: TableNames;
let network: Network;

/** What becomes of the next attempts of `client` to put an item. */
interface Network {
  attempts: number;
  /** So many answers get lost. */
  losing: number;
  /** Happens before an attempt reaches DynamoDB, or after it, with the number of the attempt. */
  before?: (attempt: number) => Promise<unknown>;
  after?: (attempt: number) => Promise<unknown>;
}

beforeAll(async () => {
  server = await openDynalite();
  client = connectTo(server.endpoint);
  other = connectTo(server.endpoint);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'PutItemCommand') return next(args);
      const attempt = ++network.attempts;
      await network.before?.(attempt);
      const answer = await next(args).catch((error: unknown) => ({ error }));
      await network.after?.(attempt);
      if (attempt <= network.losing) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      if ('error' in answer) throw answer.error;
      return answer;
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
});

afterAll(async () => {
  client.destroy();
  other.destroy();
  await server.close();
});

beforeEach(async () => {
  tables = await freshTables(other);
  network = { attempts: 0, losing: 1 };
});

const JOB = aJob();
const WRITES: [name: string, prepare: (stores: Stores) => unknown, write: (stores: Stores) => Promise<Written>][] = [
  ['a new job', () => {}, ({ jobs }) => jobs.create(JOB)],
  ['a changed job', ({ jobs }) => jobs.create(JOB), ({ jobs }) => jobs.replace({ ...JOB, version: 2 }, JOB)],
  ['a record of the history', () => {}, ({ jobs }) => jobs.putHistory(aTransition())],
  ['a new claim', () => {}, ({ claims }) => claims.create(aClaim())],
  [
    'a changed claim',
    ({ claims }) => claims.create(aClaim()),
    ({ claims }) => claims.replace(aClaim({ revision: 2 }), aClaim()),
  ],
  ['the first evidence', () => {}, ({ evidence }) => evidence.replace(anEvidence(), 0)],
  ['the controls', () => {}, ({ fleet }) => fleet.replaceControls({ version: 1 }, 0)],
  ['a ledger', () => {}, ({ fleet }) => fleet.createLedger(aLedger())],
  ['a summary', () => {}, ({ fleet }) => fleet.putSummary(aSummary())],
];

it.each(WRITES)('%s is written when only the answer was lost', async (_name, prepare, write) => {
  await prepare(storesOn(other, tables));
  expect(await write(storesOn(client, tables))).toEqual(WRITTEN);
  expect(network.attempts, 'it was sent again').toBe(2);
});

it.each(WRITES)('%s is lost when somebody else has written the very same first', async (_name, prepare, write) => {
  const winner = storesOn(other, tables);
  await prepare(winner);
  let won: Written | undefined;
  network.before = async (attempt) => {
    if (attempt === 1) won = await write(winner);
  };
  expect(await write(storesOn(client, tables))).toMatchObject({ written: false });
  expect(won).toEqual(WRITTEN);
});

it('two runs that assign in the same millisecond do not share a grant, though one loses its answer', async () => {
  const claims = createClaimStore(client, tables);
  const first = aClaim();
  await createClaimStore(other, tables).create(first);
  const next = { ...first, grant: 2, revision: 2 };
  network.before = async (attempt) => {
    if (attempt === 1) expect(await createClaimStore(other, tables).replace(next, first)).toEqual(WRITTEN);
  };
  expect(await claims.replace(next, first)).toEqual(lostTo('claim-revision-unchanged'));
  expect(await claims.get(first.jobId, first.partition), 'equal, and yet not ours').toStrictEqual(next);
});

it('a write that somebody has already written over counts as lost, as after a crash', async () => {
  const claims = createClaimStore(client, tables);
  const first = aClaim();
  await createClaimStore(other, tables).create(first);
  const next = { ...first, grant: 2, revision: 2 };
  const over = { ...next, grant: 3, revision: 3 };
  network.after = async (attempt) => {
    if (attempt === 1) await createClaimStore(other, tables).replace(over, next);
  };
  expect(await claims.replace(next, first)).toEqual(lostTo('claim-revision-unchanged'));
  expect(await claims.get(first.jobId, first.partition)).toStrictEqual(over);
});

it('is an error when no attempt is ever answered: nobody knows what was written', async () => {
  network.losing = Number.POSITIVE_INFINITY;
  await expect(createClaimStore(client, tables).create(aClaim())).rejects.toThrow('no answer');
  expect(network.attempts).toBe(5);
});
