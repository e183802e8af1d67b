/**
 * Every record of the history has exactly one event, whatever crashes where: the use cases of a transition and of an
 * override are killed after each of their calls and done again, and what their writes tell is held against the history.
 */
import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion } from '../../lib/controller/commit.ts';
import { demote, hold, release } from '../../lib/controller/override.ts';
import { settle } from '../../lib/controller/take-over.ts';
import { tell } from '../../lib/controller/tell.ts';
import type { Event } from '../../lib/domain/event.ts';
import type { Job } from '../../lib/domain/job.ts';
import { tellChange } from '../../lib/domain/tell.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import type { HistoryRecord } from '../../lib/domain/transition.ts';
import { aClaim, aJob, NOW } from '../builders/records.ts';
import { findFaults } from '../events/schema-files.ts';
import { aReadyStage, Crash, regress, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'r' };

const EVENT_OF: Partial<Record<HistoryRecord['type'], Event['type']>> = {
  promotion: 'JobPromoted',
  demotion: 'JobDemoted',
  held: 'JobHeld',
  released: 'JobReleased',
};

interface Drama {
  name: string;
  set: () => Promise<Stage>;
  act: (stage: Stage) => Promise<unknown>;
}

async function regressed(): Promise<Stage> {
  const stage = await aReadyStage('reverse-shadow');
  await runOf(stage, { partition: 'p8', system: 'new', until: 'assigned' });
  await regress(stage);
  return stage;
}

const DRAMAS: Drama[] = [
  {
    name: 'a promotion',
    set: () => aReadyStage('shadow'),
    act: ({ ports, now }) =>
      commitPromotion(
        ports,
        { jobId: JOB, to: 'reverse-shadow', sweepId: 's', expiresAt: addSeconds(NOW, 9_999) },
        now,
      ),
  },
  {
    name: 'a demotion',
    set: regressed,
    act: ({ ports, now }) => commitDemotion(ports, { jobId: JOB, sweepId: 's' }, now),
  },
  {
    name: 'a demotion by hand of two phases',
    set: () => aReadyStage('reverse-shadow'),
    act: ({ ports, now }) => demote(ports, { ...by, to: 'pending', requestId: 'one' }, now),
  },
  {
    name: 'a hold and its release',
    set: () => aReadyStage('shadow'),
    act: async ({ ports, now }) => {
      await hold(ports, { ...by, requestId: 'two' }, now);
      await release(ports, { ...by, requestId: 'three' }, now);
    },
  },
];

/** What the stream of the table tells from now on: each write that takes place, with the job as it was. */
function listen({ state: { jobs }, now }: Stage): Event[] {
  const told: Event[] = [];
  const set = jobs.set.bind(jobs);
  jobs.set = (key: string, after: Job) => {
    told.push(...tellChange({ kind: 'job', before: jobs.get(key), after, writtenAt: now() }));
    return set(key, after);
  };
  return told;
}

async function again({ act }: Drama, stage: Stage): Promise<void> {
  await settle(stage.ports, stage.job(), stage.now());
  await act(stage);
}

describe.each(DRAMAS)('$name that dies after any of its calls', (drama) => {
  it('is told exactly as often as it is in the history', async () => {
    const whole = await drama.set();
    const before = whole.calls.length;
    await drama.act(whole);
    const calls = whole.calls.length - before;
    expect(calls).toBeGreaterThan(3);
    for (let call = 1; call <= calls; call++) {
      const stage = await drama.set();
      const known = stage.state.history.size;
      const told = listen(stage);
      stage.crashAfter(call);
      await drama.act(stage).catch((error) => expect(error).toBeInstanceOf(Crash));
      stage.crashAfter(Number.POSITIVE_INFINITY);
      await again(drama, stage);
      const records = [...stage.state.history.values()].slice(known);
      expect(records.length).toBeGreaterThan(0);
      const expected = records.map(({ jobId, version, type }) => `${jobId}#${version}#${EVENT_OF[type]}`);
      const changes = told.filter((event) => Object.values(EVENT_OF).includes(event.type));
      expect(changes.map((event) => event.eventId).sort(), `died after ${stage.calls[call - 1]}`).toEqual(
        expected.sort(),
      );
    }
  });
});

describe('a change that this release cannot tell', () => {
  const job = { ...aJob({ version: 7 }), lastOverride: { type: 'teleported', version: 7, at: NOW } } as never as Job;
  const change = { kind: 'job', before: undefined, after: job, writtenAt: NOW } as const;
  const none = { jobs: { get: async () => undefined } };

  it('is told as that, and holds up none of those behind it', async () => {
    const next = {
      ...aJob({ jobId: 'b', version: 2 }),
      attention: { kind: 'stuck', cause: 'capacity', since: NOW },
    } as Job;
    const events = await tell(none, [change, { ...change, after: next }]);
    expect(events.map(({ type, eventId }) => [type, eventId])).toEqual([
      ['RecordUnreadable', `jobs#${JOB}#7#RecordUnreadable`],
      ['AttentionRaised', 'b#2#AttentionRaised'],
    ]);
    expect(events[0]?.message).toContain('teleported is no record that this release knows');
    expect(events.flatMap(findFaults)).toEqual([]);
    expect(await tell(none, [change])).toEqual(events.slice(0, 1));
  });

  it('is tried again by the pipe where only the team could not be read', async () => {
    const throttled = { jobs: { get: () => Promise.reject(new Error('throttled')) } };
    const claim = aClaim({ takenOverAt: NOW, changedAt: NOW });
    await expect(tell(throttled, [{ kind: 'claim', claim }])).rejects.toThrow('throttled');
  });
});
