/** What is told of each change, checked against the files of `docs/events` as a consumer would. */
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../lib/domain/claim.ts';
import { EVENT_TYPES, type Event, type EventType } from '../../lib/domain/event.ts';
import type { System } from '../../lib/domain/phases.ts';
import { type Change, tellChange } from '../../lib/domain/tell.ts';
import { aFinishedSweep } from '../builders/fleet.ts';
import { aClaim, aJob, aPublishedClaim, aTransition, NOW } from '../builders/records.ts';
import { findFaults } from '../events/schema-files.ts';
import { ana, LATER, overridden, transited, written } from './changes.ts';

const told = new Set<EventType>();

/** The events of a change; none may have a fault. */
function tell(change: Change, team?: string): Event[] {
  const events = tellChange(change, team);
  for (const event of events) {
    expect(findFaults(JSON.parse(JSON.stringify(event)))).toEqual([]);
    told.add(event.type);
  }
  expect(tellChange(structuredClone(change), team), 'the same when it comes again').toStrictEqual(events);
  return events;
}

const quarantine = {
  openedAt: NOW,
  old: { rowCount: 10, checksum: 'x' },
  new: { rowCount: 11, checksum: 'y' },
};
const produced = (system: System, given: Partial<Claim> = {}) => aPublishedClaim({ writer: system, ...given });

describe('of a job', () => {
  it('a promotion is told once, with who, why and the numbers as numbers', () => {
    const policy = { name: 'default', hash: 'abc' };
    const verdicts = [{ criterion: 'dataQuality', outcome: 'pass' as const, message: '24 pairs are equal' }];
    expect(tell(written(transited({ policy, verdicts })))).toStrictEqual([
      {
        schemaVersion: 1,
        eventId: 'flights-atl#2#JobPromoted',
        type: 'JobPromoted',
        at: NOW,
        correlation: { sweepId: '20261122T130000Z' },
        message: 'old landed 30 min ago',
        jobId: 'flights-atl',
        team: 'flights',
        version: 2,
        epoch: 2,
        phase: 'shadow',
        actor: { kind: 'automation', sweepId: '20261122T130000Z' },
        from: 'pending',
        to: 'shadow',
        reason: 'admitted',
        forced: false,
        policy,
        verdicts,
      },
    ]);
  });

  it('the writes that settle a transition tell nothing more', () => {
    const committed = transited({});
    const settled = { ...committed, version: 3, lastTransition: { ...aTransition(), settled: true } };
    expect(tell(written(settled, committed))).toEqual([]);
  });

  it('a demotion is told with the attention that it raises', () => {
    const attention = { kind: 'regressing' as const, cause: 'data-quality-failed', since: NOW };
    const demoted = transited({
      type: 'demotion',
      from: 'reverse-shadow',
      to: 'shadow',
      reason: 'data-quality-failed',
    });
    expect(tell(written({ ...demoted, attention }))).toMatchObject([
      { type: 'JobDemoted', from: 'reverse-shadow', to: 'shadow', eventId: 'flights-atl#2#JobDemoted' },
      { type: 'AttentionRaised', kind: 'regressing', eventId: 'flights-atl#2#AttentionRaised', at: NOW },
    ]);
  });

  it('the most that one write tells is three: pipes take so few records at once that a bus takes all of it', () => {
    const before = aJob({ phase: 'reverse-shadow', attention: { kind: 'stuck', cause: 'soak', since: NOW } });
    const attention = { kind: 'regressing' as const, cause: 'data-quality-failed', since: NOW };
    const demoted = transited({ type: 'demotion', from: 'reverse-shadow', to: 'shadow' }, { attention });
    const types = tell(written(demoted, before)).map((event) => event.type);
    expect(types).toEqual(['JobDemoted', 'AttentionCleared', 'AttentionRaised']);
  });

  it('the last transition is a completion, and a forced one says what was waived', () => {
    const waived = { needs: ['soak'], mismatches: [{ partition: 'p', landedAt: 1 }] };
    const done = transited({
      from: 'cleanup',
      to: 'complete',
      forced: true,
      waived,
      actor: ana,
      reason: 'by-operator',
    });
    expect(tell(written(done))).toMatchObject([
      {
        type: 'JobCompleted',
        forced: true,
        waived: { needs: ['soak'], mismatches: 1 },
        correlation: { requestId: 'ticket-7' },
      },
    ]);
  });

  it('attention is cleared and raised by one write when its cause changes, and not when only its age does', () => {
    const before = aJob({ attention: { kind: 'stuck', cause: 'capacity', since: NOW } });
    const owed = { kind: 'owed' as const, cause: 'old owes reassigned', since: LATER };
    expect(tell(written(aJob({ version: 2, attention: owed }), before))).toMatchObject([
      { type: 'AttentionCleared', kind: 'stuck', since: NOW, at: LATER },
      { type: 'AttentionRaised', kind: 'owed', since: LATER, at: LATER },
    ]);
    const again = aJob({ version: 2, attention: { kind: 'stuck', cause: 'capacity', since: LATER } });
    expect(tell(written(again, before))).toEqual([]);
    expect(tell(written(aJob({ version: 2 }), before))).toMatchObject([{ type: 'AttentionCleared', at: LATER }]);
  });

  it('attention is told again, rather than not at all, where nobody knows the job as it was', () => {
    const raised = aJob({ version: 2, attention: { kind: 'stuck', cause: 'capacity', since: NOW } });
    expect(tell({ kind: 'job', before: undefined, after: raised, writtenAt: LATER })).toMatchObject([
      { type: 'AttentionRaised' },
    ]);
  });

  it.each([
    { type: 'held', told: { type: 'JobHeld', scope: 'all', until: LATER } },
    { type: 'released', told: { type: 'JobReleased' } },
    { type: 'acknowledged', told: { type: 'SplitWriterAcknowledged', partitions: 0 } },
    { type: 'restarted', told: { type: 'JobRestarted' } },
    { type: 'approved', told: { type: 'JobApproved', to: 'shadow' } },
    { type: 'retired', told: { type: 'JobRetired' } },
  ] as const)('$type by an operator', ({ type, told: expected }) => {
    const hold = { scope: 'all' as const, actor: 'ana', reason: 'a holiday', at: NOW, until: LATER };
    const approvals = [{ to: 'shadow' as const, actor: 'ana', verified: true, epoch: 1, at: NOW }];
    const job = overridden(type, type === 'held' ? { hold } : {}, { approvals });
    expect(tell(written(job))).toMatchObject([{ ...expected, actor: ana, message: 'a holiday', version: 2 }]);
    expect(tell(written({ ...job, version: 3 }, job))).toEqual([]);
  });
});

describe('of a partition', () => {
  it('a claim that merely landed or was published tells nothing', () => {
    for (const claim of [aClaim(), aPublishedClaim(), aPublishedClaim({ takenOverAt: '2026-11-22T12:59:00.000Z' })]) {
      expect(tell({ kind: 'claim', claim })).toEqual([]);
    }
  });

  it('a take-over is told, and whether the new writer has to publish', () => {
    const claim = aClaim({ writer: 'old', takenOverAt: NOW, revision: 5 });
    expect(tell({ kind: 'claim', claim }, 'flights')).toMatchObject([
      {
        type: 'PartitionReassigned',
        eventId: `flights-atl#2026-11-22T12#${NOW}#PartitionReassigned`,
        team: 'flights',
        writer: 'old',
        previousWriter: 'new',
        owed: false,
        revision: 5,
      },
    ]);
    expect(tell({ kind: 'claim', claim: { ...claim, reassignedAt: NOW } })).toMatchObject([{ owed: true }]);
  });

  it('a quarantine is told when it opens, with both numbers, and when it ends', () => {
    const open = produced('new', { quarantine });
    expect(tell({ kind: 'claim', claim: open })).toMatchObject([
      { type: 'QuarantineOpened', old: { rowCount: 10 }, new: { rowCount: 11 }, writer: 'new' },
    ]);
    expect(tell({ kind: 'claim', claim: { ...open, changedAt: LATER, revision: 4 } })).toEqual([]);
    const cleared = produced('old', { changedAt: LATER, quarantine: { ...quarantine, clearedAt: LATER } });
    expect(tell({ kind: 'claim', claim: cleared })).toMatchObject([
      { type: 'QuarantineCleared', openedAt: NOW, at: LATER, publishedBy: 'old', rowCount: 1_000 },
    ]);
  });

  it('two partitions never share an id, whatever their names are', () => {
    const idOf = (jobId: string, partition: string) =>
      tell({ kind: 'claim', claim: aClaim({ jobId, partition, takenOverAt: NOW }) })[0]?.eventId;
    const ids = [idOf('a#b', 'c'), idOf('a', 'b#c'), idOf('a', 'b%23c'), idOf('a', 'b')];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('of the fleet', () => {
  it('the end of a sweep is told with its counts, and with the groups that never came back', () => {
    expect(tell({ kind: 'sweep', sweep: aFinishedSweep({ groups: 3, accounted: 2, demotions: 1 }) })).toMatchObject([
      {
        type: 'SweepFinished',
        eventId: '20261122T130000Z#SweepFinished',
        durationSeconds: 4,
        groups: 3,
        missingGroups: 1,
        demotions: 1,
        jobs: { shadow: 3 },
        message: '3 jobs, 1 demotions, 4 s; 1 of 3 groups were never accounted for',
      },
    ]);
  });

  it.each([
    { type: 'paused', told: 'FleetPaused' },
    { type: 'resumed', told: 'FleetResumed' },
    { type: 'breaker-opened', told: 'BreakerOpened' },
    { type: 'breaker-closed', told: 'BreakerClosed' },
  ] as const)('$type', ({ type, told: expected }) => {
    const pause = { scope: 'all' as const, actor: 'ana', reason: 'an incident', at: NOW, until: LATER };
    const lastChange = {
      type,
      version: 4,
      at: NOW,
      actor: ana,
      message: 'an incident',
      pause,
      breakerOpenUntil: LATER,
    };
    const events = tell({ kind: 'controls', controls: { version: 4, lastChange } });
    expect(events).toMatchObject([{ type: expected, eventId: `fleet#4#${NOW}#${expected}`, version: 4 }]);
    expect(tell({ kind: 'controls', controls: { version: 5, lastChange } })).toEqual([]);
  });

  it('a record that nobody can read is told as that', () => {
    const change = {
      kind: 'unreadable' as const,
      eventId: 'jobs#17',
      table: 'jobs',
      key: '{}',
      at: NOW,
      message: 'layout 9',
    };
    expect(tell(change)).toMatchObject([{ type: 'RecordUnreadable', message: 'layout 9', table: 'jobs' }]);
  });
});

describe('whatever a job says', () => {
  const HOSTILE = [
    '<script>alert(1)</script>',
    '\u0024{jndi:ldap://x}',
    '"\\u0000',
    'цена\u{1f4a9}',
    "'; DROP TABLE jobs",
  ];

  it.each(HOSTILE)('names and reasons arrive as they are: %s', (text) => {
    const held = overridden('held', { message: text, actor: { ...ana, name: text } }, { jobId: text, team: text });
    const [event] = tell(written(held));
    expect(JSON.parse(JSON.stringify(event))).toMatchObject({
      jobId: text,
      team: text,
      message: text,
      actor: { name: text },
    });
  });

  it('an event stays below what a bus takes, and says what was cut', () => {
    // The worst that JSON makes of a character is six bytes.
    const long = '\u0001'.repeat(100_000);
    const verdicts = Array.from({ length: 500 }, () => ({ criterion: 'c', outcome: 'fail' as const, message: long }));
    const attention = { kind: 'regressing' as const, cause: long, since: NOW };
    const events = tell(written({ ...transited({ message: long, verdicts }), attention }));
    expect(events).toHaveLength(2);
    for (const event of events) {
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(200_000);
      expect(event.message).toMatch(/\.\.\. \(\d+ characters\)$/);
    }
  });

  it('what is cut ends with a whole character', () => {
    const [event] = tell(written(overridden('held', { message: `${'a'.repeat(3_999)}\u{1f4a9}${'b'.repeat(9)}` })));
    expect(event?.message.isWellFormed()).toBe(true);
  });
});

it('every type was told here', () => {
  expect([...told].sort()).toEqual([...EVENT_TYPES].sort());
});
