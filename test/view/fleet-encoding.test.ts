import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyChanges,
  attentionOf,
  coverageOf,
  decodeFleet,
  phaseOf,
  stateOf,
} from '../../lib/browser/fleet-decoding.js';
import { ATTENTION_KINDS } from '../../lib/domain/attention.ts';
import { PHASES } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { COVERAGES } from '../../lib/view/coverage.ts';
import { encodeChange, encodeFleet, type FleetChange } from '../../lib/view/fleet-encoding.ts';
import { FLEET_STATES, type FleetRow, stateOf as stateOfRow } from '../../lib/view/fleet-row.ts';
import { NOW } from '../builders/records.ts';

const VERSION = { run: 'r', revision: 7 };

/** What a registration allows: printable ASCII without blanks, at most 256 characters. */
const ids = fc.string({
  unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 256,
});
const rows = fc.uniqueArray(
  fc.record({
    jobId: ids,
    team: fc.constantFrom('orders', 'ä-team', '"><b>'),
    wave: fc.integer({ min: 0, max: 10_000 }),
    policy: fc.constant('default'),
    phase: fc.constantFrom(...PHASES),
    phaseSince: fc.integer({ min: 0, max: 10_000 }).map((hours) => addSeconds(NOW, -hours * 3_600)),
    epoch: fc.constant(1),
    attention: fc.option(
      fc.record({ kind: fc.constantFrom(...ATTENTION_KINDS), cause: fc.constant('c'), since: fc.constant(NOW) }),
      {
        nil: undefined,
      },
    ),
    held: fc.boolean(),
    proposed: fc.boolean(),
    coverage: fc.constantFrom(...COVERAGES),
  }),
  { selector: ({ jobId }) => jobId, maxLength: 40 },
);
const sorted = (some: FleetRow[]) => [...some].sort((a, b) => (a.jobId < b.jobId ? -1 : 1));

describe('the encoded fleet', () => {
  it('is read in the browser as it was', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const fleet = sorted(given);
        const read = decodeFleet(encodeFleet(fleet, VERSION, NOW).buffer);
        expect(read).toMatchObject(VERSION);
        expect(fleet.map((_, place) => shown(read, place))).toEqual(fleet.map(wanted));
      }),
    );
  });

  it('with changes told of it is the fleet as it is then: jobs that changed, came and went', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const encoded = decodeFleet(encodeFleet(sorted(before), VERSION, NOW).buffer);
        const places = new Map(encoded.ids.map((id: string, place: number) => [id, place]));
        const gone = before.filter(({ jobId }) => !after.some((row) => row.jobId === jobId));
        const changes: FleetChange[] = [
          ...after.map((row) => encodeChange(row, NOW)),
          ...gone.map(({ jobId }): FleetChange => [jobId]),
        ];
        const { fleet, changed } = applyChanges(encoded, changes, places);
        expect(fleet.ids.map((_: string, place: number) => shown(fleet, place))).toEqual(sorted(after).map(wanted));
        expect([...places.keys()].sort()).toEqual(
          sorted(after)
            .map(({ jobId }) => jobId)
            .sort(),
        );
        expect(changed).toHaveLength(after.length);
      }),
    );
  });

  it('of fifty thousand jobs with usual names is below 1 MB', () => {
    const fleet = Array.from({ length: 50_000 }, (_, index): FleetRow => {
      const team = `team-${String(index % 120).padStart(3, '0')}`;
      const jobId = `${team}.pipeline-${String(index).padStart(5, '0')}.hourly`;
      return { ...aRow(), jobId, team, wave: index % 12 };
    });
    expect(encodeFleet(sorted(fleet), VERSION, NOW).length).toBeLessThan(1_000_000);
  });

  it('has room for every name that it sends by its place', () => {
    expect(PHASES.length).toBeLessThanOrEqual(8);
    expect(FLEET_STATES.length).toBeLessThanOrEqual(16);
    expect(COVERAGES.length).toBeLessThanOrEqual(8);
    expect(ATTENTION_KINDS.length).toBeLessThan(16);
  });
});

describe('the state of a cell', () => {
  const cases: [what: string, row: Partial<FleetRow>, state: string][] = [
    [
      'a regressing job that is held',
      { attention: { kind: 'regressing', cause: 'c', since: NOW }, held: true },
      'urgent',
    ],
    ['a stuck one', { attention: { kind: 'stuck', cause: 'c', since: NOW } }, 'late'],
    ['one whose outputs differ', { coverage: 'mismatching', held: true }, 'mismatching'],
    ['a held one', { held: true }, 'held'],
    ['one that a person is to confirm', { proposed: true }, 'proposed'],
    ['a complete one', { phase: 'complete', coverage: 'not-compared' }, 'complete'],
    ['a pending one, where nobody compares', { phase: 'pending', coverage: 'not-compared' }, 'uncompared'],
    ['one that is compared and matches', { coverage: 'paired' }, 'compared'],
  ];
  it.each(cases)('of %s', (_, row, state) => {
    expect(stateOfRow({ ...aRow(), ...row })).toBe(state);
  });

  it.each(['missing', 'one-sided', 'stale', 'incomparable'] as const)(
    'of one with %s evidence is silence, never well',
    (coverage) => {
      expect(stateOfRow({ ...aRow(), coverage })).toBe('silent');
    },
  );
});

function aRow(): FleetRow {
  const job = { jobId: 'a', team: 'orders', wave: 0, policy: 'default', phase: 'shadow' as const, phaseSince: NOW };
  return { ...job, epoch: 1, attention: undefined, held: false, proposed: false, coverage: 'paired' };
}

function shown(fleet: ReturnType<typeof decodeFleet>, place: number) {
  const bits = fleet.bits[place] ?? 0;
  const attention = attentionOf(bits);
  return [
    fleet.ids[place],
    fleet.phases[phaseOf(bits)],
    fleet.states[stateOf(bits)],
    fleet.coverages[coverageOf(bits)],
    attention === 0 ? undefined : fleet.attentions[attention - 1],
    fleet.teams[fleet.team[place] ?? -1],
    fleet.wave[place],
    fleet.hours[place],
  ];
}

function wanted(row: FleetRow) {
  const hours = (Date.parse(NOW) - Date.parse(row.phaseSince)) / 3_600_000;
  return [row.jobId, row.phase, stateOfRow(row), row.coverage, row.attention?.kind, row.team, row.wave, hours];
}
