/** What is told, from the records that DynamoDB's own streams hand over: filtered as the pipes do, mapped as the function does. */
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentClient } from '../../lib/aws/client.ts';
import { decodeChange, isTold, TOLD, type ToldTable } from '../../lib/aws/told.ts';
import { tell } from '../../lib/controller/tell.ts';
import type { Event } from '../../lib/domain/event.ts';
import type { Job } from '../../lib/domain/job.ts';
import { markSettled } from '../../lib/domain/transition.ts';
import { aFinishedSweep, aLedger, anAccount, aSummary } from '../builders/fleet.ts';
import { aClaim, aJob, aPublishedClaim, aTransition, NOW } from '../builders/records.ts';
import { findFaults } from '../events/schema-files.ts';
import { connectTo, freshTables, storesOn } from './dynamo.ts';
import { hasJava, openDynamoDbLocal } from './dynamodb-local-server.ts';
import { eventually } from './opening.ts';
import { readStream } from './stream-reader.ts';

const LATER = '2026-11-22T14:00:00.000Z';
const HOSTILE = 'a"b\\c<script>\u0024{x}%23';

const skipped = !hasJava() && !process.env.CI;
if (skipped) process.stderr.write('\nSKIPPED: events from real stream records: `java` (17 or newer) is not there\n\n');

describe.skipIf(skipped)('events from the streams of DynamoDB Local', () => {
  let server: Awaited<ReturnType<typeof openDynamoDbLocal>>;
  let client: DocumentClient;

  beforeAll(async () => {
    server = await openDynamoDbLocal();
    client = connectTo(server.endpoint);
  });

  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });

  async function aStore() {
    const tables = await freshTables(client);
    const stores = storesOn(client, tables);
    const records = async (table: ToldTable) =>
      (await readStream(client, server.endpoint, tables[table])) as unknown as DynamoDBRecord[];
    const passed = async (table: ToldTable) =>
      (await records(table)).filter(({ eventName = '', dynamodb }) =>
        isTold(table, eventName, dynamodb?.NewImage as never),
      );
    const events = async (table: ToldTable): Promise<Event[]> => tell(stores, (await passed(table)).map(decodeChange));
    return { ...stores, records, passed, events };
  }

  const typesOf = (events: readonly Event[]) => events.map((event) => event.type);

  it('tell of a job what its own item says, once, and nothing of the copies in its history', async () => {
    const { jobs, records, events } = await aStore();
    const first = aJob({ jobId: HOSTILE, team: 'flights' });
    const transition = aTransition({ jobId: HOSTILE });
    const attention = { kind: 'stuck' as const, cause: 'capacity', since: LATER };
    const second: Job = { ...first, phase: 'shadow', epoch: 2, version: 2, lastTransition: transition };
    const third = markSettled(second);
    const fourth = { ...third, version: 4, attention };
    const { attention: _, ...calm } = fourth;
    const held = { type: 'held' as const, scope: 'all' as const };
    const lastOverride = {
      type: held.type,
      jobId: HOSTILE,
      version: 5,
      at: LATER,
      epoch: 2,
      actor: { kind: 'operator' as const, name: 'ana', verified: true },
      message: 'a holiday',
      hold: { scope: held.scope, actor: 'ana', reason: 'a holiday', at: LATER },
      settled: false,
    };
    const fifth: Job = { ...calm, version: 5, lastOverride };
    await jobs.create(first);
    await jobs.replace(second, first);
    await jobs.putHistory(transition);
    await jobs.replace(third, second);
    await jobs.replace(fourth, third);
    await jobs.replace(fifth, fourth);
    await jobs.replace({ ...second, version: 9 }, second);
    await jobs.putHistory(lastOverride);
    await eventually(async () => expect(await records('jobs')).toHaveLength(7));

    const told = await events('jobs');
    expect(typesOf(told)).toEqual(['JobPromoted', 'AttentionRaised', 'JobHeld', 'AttentionCleared']);
    expect(told[0]).toMatchObject({
      jobId: HOSTILE,
      team: 'flights',
      version: 2,
      epoch: 2,
      eventId: `${HOSTILE}#2#JobPromoted`,
    });
    expect(told.flatMap((event) => findFaults(JSON.parse(JSON.stringify(event))))).toEqual([]);
    expect(await events('jobs'), 'a repeated delivery has the same ids').toStrictEqual(told);
  });

  it('let only those writes of claims pass that are told, with the team of their job', async () => {
    const { jobs, claims, records, passed, events } = await aStore();
    await jobs.create(aJob());
    const quarantine = { openedAt: LATER, old: { rowCount: 1, checksum: 'x' }, new: { rowCount: 2, checksum: 'y' } };
    const claim = aClaim({ writer: 'new' });
    const landed = aPublishedClaim({ writer: 'new', revision: 2 });
    const open = { ...landed, revision: 3, changedAt: LATER, quarantine };
    const taken = '2026-11-22T14:00:01.000Z';
    const owed = {
      ...open,
      writer: 'old' as const,
      revision: 4,
      changedAt: taken,
      takenOverAt: taken,
      reassignedAt: taken,
    };
    const cleared = '2026-11-22T14:00:02.000Z';
    const { reassignedAt: _, ...rest } = owed;
    const last = { ...rest, revision: 5, changedAt: cleared, quarantine: { ...quarantine, clearedAt: cleared } };
    await claims.create(claim);
    let before = claim;
    for (const next of [landed, open, owed, last]) {
      await claims.replace(next, before);
      before = next;
    }
    await eventually(async () => expect(await records('landings')).toHaveLength(5));

    expect(await passed('landings')).toHaveLength(3);
    const told = await events('landings');
    expect(told).toMatchObject([
      { type: 'QuarantineOpened', team: 'flights', new: { rowCount: 2 } },
      { type: 'PartitionReassigned', team: 'flights', previousWriter: 'new', owed: true },
      { type: 'QuarantineCleared', openedAt: LATER, at: cleared },
    ]);
    expect(told.flatMap(findFaults)).toEqual([]);
  });

  it('tell of the fleet its controls and the ends of sweeps, and of ledgers, summaries and accounts nothing', async () => {
    const { fleet, records, events } = await aStore();
    const lastChange = {
      type: 'paused' as const,
      version: 1,
      at: NOW,
      actor: { kind: 'operator' as const, name: 'ana', verified: false },
      message: 'an incident',
      pause: { scope: 'promotions' as const, actor: 'ana', reason: 'an incident', at: NOW },
    };
    await fleet.replaceControls({ version: 1, lastChange }, 0);
    await fleet.putHistory(lastChange);
    await fleet.createLedger(aLedger());
    await fleet.putSummary(aSummary());
    await fleet.putAccount(anAccount());
    await fleet.finishSweep(aFinishedSweep());
    await fleet.finishSweep(aFinishedSweep());
    await eventually(async () => expect(await records('fleet')).toHaveLength(6));

    const told = await events('fleet');
    // Different keys come in any order.
    expect(typesOf(told).sort()).toEqual(['FleetPaused', 'SweepFinished']);
    expect(told.flatMap(findFaults)).toEqual([]);
  });

  it('tell of a record that cannot be read as that, and go on with the next', async () => {
    const { jobs, passed } = await aStore();
    const first = aJob();
    await jobs.create(first);
    await jobs.replace({ ...first, version: 2 }, first);
    await eventually(async () => expect(await passed('jobs')).toHaveLength(1));
    const [record] = await passed('jobs');
    const NewImage = { ...record?.dynamodb?.NewImage, layout: { N: '9' } };
    const broken = { ...record, dynamodb: { ...record?.dynamodb, NewImage } } as DynamoDBRecord;
    const good = aTransition();
    const [event, ...others] = await tell({ jobs }, [
      decodeChange(broken),
      { kind: 'job', before: first, after: { ...first, version: 2, lastTransition: good }, writtenAt: NOW },
    ]);
    expect(event).toMatchObject({
      type: 'RecordUnreadable',
      table: 'jobs',
      message: expect.stringContaining('layout 9'),
    });
    expect(findFaults(event)).toEqual([]);
    expect(typesOf(others)).toEqual(['JobPromoted']);
  });
});

it('patterns are such that EventBridge reads them: arrays at every leaf', () => {
  const leaves = (value: unknown): unknown[] =>
    Array.isArray(value) ? [value] : Object.values(value as object).flatMap(leaves);
  for (const leaf of leaves(TOLD)) expect(leaf).toBeInstanceOf(Array);
});
