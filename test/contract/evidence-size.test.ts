import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvidence } from '../../lib/aws/evidence-item.ts';
import { itemBytes } from '../../lib/aws/record-body.ts';
import { countingRules } from '../../lib/domain/counting.ts';
import { STANDING_LIMIT } from '../../lib/domain/evidence/standing.ts';
import type { Tally } from '../../lib/domain/evidence/tally.ts';
import { WINDOW } from '../../lib/domain/evidence.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { toInstant } from '../../lib/domain/time.ts';
import { anEvidence, aPair, aPolicy, aStanding } from '../builders/records.ts';

import { stateAfter } from './states.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 22);
/** What the store adds to every item. */
const WRITE_ID = { writeId: 'x'.repeat(12) };

/** So many custom criteria, each of a metric of its own. */
function criteriaOf(customs: number): Policy['criteria'] {
  const custom = Array.from({ length: customs }, (_, i) => ({
    name: `criterion-${i}`,
    metric: `metric-${i}`,
    floor: 1,
  }));
  return policySchema.parse({ name: 'p', criteria: { custom } }).criteria;
}

describe('the size of an evidence item', () => {
  it('takes 1.7 KB for a usual job: hourly, 24 pairs, all measures and their tests, one release', () => {
    const recent = Array.from({ length: WINDOW }, (_, i) => {
      const at = START - i * HOUR;
      return aPair({
        partition: toInstant(at).slice(0, 13),
        changedAt: at + 61_003,
        claimedAt: at - HOUR,
        oldLandedAt: at,
        newLandedAt: at + 61_000,
        oldComputeSeconds: Math.fround(12.3),
        newComputeSeconds: Math.fround(11.1),
        oldStorageBytes: Math.fround(1e8),
        newStorageBytes: Math.fround(1e8),
      });
    });
    const tally: Tally = {
      epoch: 1,
      release: '1.0.0',
      begunAt: START - 12 * DAY,
      newLandedAt: START + 61_000,
      landedAt: START + 61_000,
      claimedAt: START,
      partition: toInstant(START).slice(0, 13),
      equal: 300,
      seen: { weekdays: 127, monthEnds: [24_321], backfills: 0 },
      states: { lag: stateAfter(50), compute: stateAfter(50), storage: stateAfter(50) },
    };
    const bytes = itemBytes({ ...encodeEvidence(anEvidence({ recent, tally })), ...WRITE_ID });
    expect(bytes).toBeGreaterThan(1_536);
    expect(bytes).toBeLessThanOrEqual(1_792);
  });

  it.each([0, 1, 2, 3, 4])(
    'never takes over 4 KB: %d custom metrics, every name at its limit, every measure there',
    (customs) => {
      const printable = (length: number) => fc.string({ unit: 'grapheme-ascii', minLength: length, maxLength: length });
      const upTo = (max: number) => fc.integer({ min: Math.floor(max / 2), max });
      const pair = fc
        .record({
          partition: printable(20),
          release: printable(14),
          epoch: upTo(16_383),
          gap: upTo(90 * DAY),
          claimed: upTo(90 * DAY),
          old: upTo(90 * DAY),
          new: upTo(90 * DAY),
          measure: fc.float({ noNaN: true }),
        })
        .map(({ new: next, ...rest }) => ({ next, ...rest }));
      const standing = fc.record({
        partition: printable(128),
        epoch: upTo(16_383),
        rows: upTo(2 ** 42),
        checksum: printable(12),
        signature: printable(32),
        gap: upTo(90 * DAY),
        since: upTo(90 * DAY),
      });
      const { room } = countingRules(aPolicy({ criteria: criteriaOf(customs) }));
      const names = Array.from({ length: customs }, (_, i) => `${i}`.padStart(24, 'metric-'));
      const states = [
        ...['lag', 'compute', 'storage'],
        ...names.map((_, i) => `custom:${`${i}`.padStart(20, 'criterion-')}`),
      ].map((key) => [key, stateAfter(99)] as const);
      let largest = 0;
      fc.assert(
        fc.property(
          printable(256),
          fc.array(pair, { minLength: room, maxLength: room }),
          fc.array(standing, { minLength: STANDING_LIMIT, maxLength: STANDING_LIMIT }),
          (jobId, pairs, stand) => {
            let at = Date.UTC(2036, 0, 1);
            const recent = pairs.map(({ gap, claimed, old, next, measure, partition, release, epoch }) => {
              at -= gap;
              return aPair({
                partition,
                release,
                epoch,
                claimedAt: Math.floor((at - claimed) / 1000) * 1000,
                counted: true,
                ...(customs > 0 && {
                  metrics: Object.fromEntries(names.map((name) => [name, { old: measure, new: measure }])),
                }),
                changedAt: at,
                oldLandedAt: at - old,
                newLandedAt: at - next,
                oldLagSeconds: measure,
                newLagSeconds: measure,
                oldComputeSeconds: measure,
                newComputeSeconds: measure,
                oldStorageBytes: measure,
                newStorageBytes: measure,
              });
            });
            at = Date.UTC(2036, 0, 1);
            const standingOut = stand.map(({ rows, checksum, signature, gap, since, ...names }) => {
              at -= gap;
              return aStanding({
                ...names,
                changedAt: at,
                mismatch: { oldRows: rows, newRows: rows, oldChecksum: checksum, newChecksum: checksum, signature },
                owed: { by: 'new', reason: 'quarantined', since: at - since },
                quarantined: true,
              });
            });
            const tally: Tally = {
              epoch: 16_383,
              release: recent[0]!.release,
              begunAt: at - 9 * DAY,
              newLandedAt: at,
              landedAt: at,
              claimedAt: 0,
              partition: recent[0]!.partition,
              equal: 1e6,
              seen: { weekdays: 127, monthEnds: Array.from({ length: 12 }, (_, i) => 24_321 + 2 * i), backfills: 1e6 },
              states: Object.fromEntries(states),
            };
            const evidence = anEvidence({ jobId, version: 1e9, recent, standing: standingOut, overflow: true, tally });
            largest = Math.max(largest, itemBytes({ ...encodeEvidence(evidence), ...WRITE_ID }));
            expect(largest).toBeLessThanOrEqual(4_096);
          },
        ),
        { numRuns: 25 },
      );
      expect(largest, 'close to the limit, or the test has lost its worst case').toBeGreaterThan(3_600);
    },
  );
});
