import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClaim, encodeClaim } from '../../lib/aws/claim-item.ts';
import { createClaimStore } from '../../lib/aws/claim-store.ts';
import { createDocumentClient, type DocumentClient } from '../../lib/aws/client.ts';
import { decodeEvidence, encodeEvidence } from '../../lib/aws/evidence-item.ts';
import { decodeLedger, encodeAccount, encodeFleetRecord, encodeLedger } from '../../lib/aws/fleet-item.ts';
import { decodeHistory, decodeJob, encodeHistory, encodeJob } from '../../lib/aws/job-item.ts';
import { itemBytes } from '../../lib/aws/record-body.ts';
import { TABLES, tableNames } from '../../lib/aws/tables.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aFleetRecord, aLedger, anAccount } from '../builders/fleet.ts';
import { aClaim, aJob, aLanding, anEvidence, aPublishedClaim, aTransition, NOW } from '../builders/records.ts';

const TABLE_NAMES = tableNames('crossfade');

describe('an item', () => {
  it('holds what is queried by hand in attributes of their own', () => {
    expect(encodeJob(aJob({ attention: { kind: 'stuck', cause: 'soak', since: NOW } }))).toMatchObject({
      jobId: 'flights-atl',
      record: 'job',
      phase: 'pending',
      version: 1,
      team: 'flights',
      attentionOrder: `${NOW}#flights-atl`,
    });
    expect(encodeHistory(aTransition({ version: 42 }))).toMatchObject({
      record: 'history#0000000042',
      type: 'promotion',
      from: 'pending',
      to: 'shadow',
      by: '20261122T130000Z',
      reason: 'admitted',
      message: 'old landed 30 min ago',
    });
    expect(encodeFleetRecord(aFleetRecord({ version: 42 }))).toMatchObject({
      kind: 'history',
      id: `${NOW}#0000000042`,
      type: 'paused',
      by: 'ana',
      message: 'incident',
    });
    expect(encodeClaim(aClaim({ reassignedAt: NOW }), 90)).toMatchObject({
      writer: 'old',
      generation: 1,
      open: true,
      owed: 'reassigned',
    });
  });

  it('has the keys of its table and of every index', () => {
    const job = encodeJob(aJob({ attention: { kind: 'stuck', cause: 'soak', since: NOW } }));
    const keys = [TABLES.jobs, ...TABLES.jobs.indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
    for (const { name, type } of keys) expect(typeof job[name], name).toBe(type === 'S' ? 'string' : 'number');
  });

  it('of a job that needs no attention, or of the history, is in no index that it would be in the way of', () => {
    expect(encodeJob(aJob())).not.toHaveProperty('attentionBucket');
    for (const index of TABLES.jobs.indexes) {
      expect(encodeHistory(aTransition())).not.toHaveProperty(index.partitionKey.name);
    }
  });

  it('holds no fact twice: what is changed by hand is what readers see', () => {
    expect(decodeJob({ ...encodeJob(aJob()), phase: 'shadow', version: 7 })).toEqual(
      aJob({ phase: 'shadow', version: 7 }),
    );
    expect(decodeClaim({ ...encodeClaim(aClaim(), 90), writer: 'new', grant: 9 })).toEqual(
      aClaim({ writer: 'new', grant: 9 }),
    );
  });

  it('of another layout is refused, saying what to do', () => {
    const told = /layout 2, and this release reads layout 1: deploy the release that wrote it, or migrate the item/;
    const next = { layout: 2 };
    expect(() => decodeJob({ ...encodeJob(aJob()), ...next })).toThrow(told);
    expect(() => decodeJob({ ...encodeJob(aJob()), ...next })).toThrow('job flights-atl has');
    expect(() => decodeHistory({ ...encodeHistory(aTransition()), ...next })).toThrow(told);
    expect(() => decodeClaim({ ...encodeClaim(aClaim(), 90), ...next })).toThrow(told);
    expect(() => decodeEvidence({ ...encodeEvidence(anEvidence()), ...next })).toThrow(told);
    expect(() => decodeLedger({ ...encodeLedger(aLedger(), 7), ...next })).toThrow(told);
  });

  it('whose body was broken by hand is refused by name', () => {
    expect(() => decodeJob({ ...encodeJob(aJob()), body: '{' })).toThrow('job flights-atl has a body that is not JSON');
  });

  it('that is too large is refused with both numbers', async () => {
    const huge = aLanding({ runId: 'x'.repeat(140_000) });
    const message = /the claim of flights-atl 2026-11-22T12 is 14\d{4} bytes, and may be 131072/;
    expect(() => encodeClaim(aClaim({ production: huge }), 90)).toThrow(message);
    const nowhere = {} as DocumentClient;
    await expect(createClaimStore(nowhere, TABLE_NAMES).create(aClaim({ production: huge }))).rejects.toThrow(message);
  });

  it('is within one write unit for a usual job, and for a usual claim in every state', () => {
    const lastTransition = aTransition({ policy: { name: 'default', hash: 'h'.repeat(16) } });
    const targets = { production: 'lake.flights', shadow: 'lake.flights_shadow' };
    const cadence = { everySeconds: 3_600, timezone: 'UTC' };
    const runId = 'scheduled__2026-11-22T12:00:00+00:00';
    const landing = { checksum: 'c'.repeat(64), startedAt: NOW, computeSeconds: 12.25, storageBytes: 1e9, runId };
    const production = aLanding({ ...landing, release: '1.2.3' });
    const shadow = aLanding({ ...landing, system: 'new', release: '2.0.0', landedAt: NOW, acceptedAt: NOW });
    const { system, token, checksum } = production;
    const published = { system, token, checksum, at: NOW };
    const { production: _, ...unlanded } = aPublishedClaim({ shadow });
    const items = [
      encodeJob(aJob({ lastTransition, targets, cadence })),
      ...[aClaim(), unlanded, aPublishedClaim({ production, shadow, published })].map((claim) =>
        encodeClaim(claim, 90),
      ),
    ];
    for (const item of items) expect(itemBytes({ ...item, writeId: 'x'.repeat(12) })).toBeLessThanOrEqual(1_024);
  });
});

describe('a claim', () => {
  const landing = (system: 'old' | 'new') =>
    fc
      .record(
        {
          system: fc.constant(system),
          attempt: fc.integer({ min: 1, max: 2 }),
          rowCount: fc.integer({ min: 0, max: 2 }),
          checksum: fc.constantFrom('a', 'b'),
          token: fc.constantFrom({ generation: 1, grant: 1 }, { generation: 1, grant: 2 }),
          final: fc.boolean(),
          release: fc.constantFrom(undefined as unknown as string, '', '1', '2'),
          startedAt: fc.constantFrom(NOW),
          computeSeconds: fc.constantFrom(0, 1.5),
          metrics: fc.constantFrom({}, { nulls: 0 }, { nulls: 1 }),
        },
        { requiredKeys: ['system', 'attempt', 'rowCount', 'checksum', 'token', 'final'], noNullPrototype: true },
      )
      .map((given) => aLanding(given));
  const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

  it('comes back exactly as it was, whatever its landings have in common', () => {
    fc.assert(
      fc.property(
        sometimes(landing('old')),
        sometimes(landing('new')),
        sometimes(landing('old')),
        (production, shadow, published) => {
          const claim = aClaim({
            ...(production && { production }),
            ...(shadow && { shadow }),
            ...(published && { published: publicationOf(published) }),
          });
          expect(decodeClaim(encodeClaim(claim, 90))).toEqual(claim);
        },
      ),
      { numRuns: 300 },
    );
  });

  function publicationOf({ system, token, checksum }: Landing) {
    return { system, token, checksum, at: NOW };
  }
});

describe('expiry', () => {
  it('comes 90 days after the last change of a settled claim, and never for one that is open', () => {
    const changedAt = '2026-11-22T13:00:00.001Z';
    const settled = encodeClaim(aPublishedClaim({ changedAt }), 90);
    expect(settled).toMatchObject({ open: false, expiresAt: toMs('2027-02-20T13:00:01.000Z') / 1_000 });
    const quarantine = { openedAt: NOW, old: { rowCount: 1, checksum: 'a' }, new: { rowCount: 2, checksum: 'b' } };
    for (const open of [
      aClaim(),
      aPublishedClaim({ rightOutstanding: true }),
      aPublishedClaim({ reassignedAt: NOW }),
      aPublishedClaim({ quarantine }),
    ]) {
      expect(encodeClaim(open, 90)).not.toHaveProperty('expiresAt');
    }
  });

  it('of claims cannot be made shorter than 90 days', () => {
    const client = createDocumentClient({ region: 'us-east-1' });
    expect(() => createClaimStore(client, TABLE_NAMES, { claimDays: 89 })).toThrow(
      'kept for 89 days, and must be for 90',
    );
    expect(() => createClaimStore(client, TABLE_NAMES, { claimDays: Number.NaN })).toThrow('must be for 90');
  });

  it('comes for ledgers and accounts after days, and is not taken for the expiry of the grants', () => {
    const week = toMs('2026-11-29T13:00:00.000Z') / 1_000;
    expect(encodeLedger(aLedger(), 7)).toMatchObject({ expiresAt: week });
    expect(decodeLedger(encodeLedger(aLedger(), 7))).toEqual(aLedger());
    expect(encodeAccount(anAccount(), 7)).toMatchObject({ expiresAt: week });
    expect(encodeFleetRecord(aFleetRecord())).not.toHaveProperty('expiresAt');
  });
});
