/** Judges the schedule by what sweeps left behind, the clocks, the queues and the state machine. Pure. */
import type { Examination } from '../aws/examination.ts';
import type { Ledger, ShardSummary } from '../controller/ports.ts';
import { addSeconds, describeSeconds, type Instant, secondsBetween, toInstant } from '../domain/time.ts';
import { type Finding, judge, ok, restore, skipped, wrong } from './finding.ts';

const MAX_SKEW_SECONDS = 60;
/** Of the schedule, where the deployment does not say. */
const LONGEST_INTERVAL_SECONDS = 240 * 60;
const SWEPT_NOTHING = 'crossfade sweep runs one now';
const FIND_SWEEPS =
  'see that the schedule is enabled (aws scheduler list-schedules) and read the log of fan-out; crossfade sweep runs one now';

export function judgeSchedule(examination: Examination, now: Instant): Finding {
  const { ledgers, local } = examination;
  const check = 'last sweep';
  return judge(check, ledgers, restore(local), ([newest]) => {
    if (!newest) return judgeNoSweep(check, examination, now);
    const { sweepId, scheduledAt, expiresAt } = newest;
    // Grants end after nine tenths of the interval, in whole seconds: `fan-out.ts`.
    const interval = Math.max(1, Math.ceil((secondsBetween(scheduledAt, expiresAt) * 10) / 9));
    const age = secondsBetween(scheduledAt, now);
    if (age < -MAX_SKEW_SECONDS) {
      const ahead = `${sweepId} is ${describeSeconds(-age)} ahead of now`;
      if (local) return ok(check, `${ahead}: its clock is not this machine's`);
      return wrong(check, ahead, 'sweeps before that promote nothing: set the clock of whoever ran it, and wait');
    }
    const seen = `${sweepId}, ${describeSeconds(Math.max(0, age))} ago; one every ${describeSeconds(interval)}`;
    if (age <= 2 * interval) return ok(check, seen);
    return wrong(check, `${seen}: sweeps were missed`, local ? SWEPT_NOTHING : FIND_SWEEPS);
  });
}

function judgeNoSweep(check: string, { tables, functions, local }: Examination, now: Instant): Finding {
  if (local) return ok(check, `no sweep yet; ${SWEPT_NOTHING}`);
  const { description } = tables.fleet;
  const configuration = functions.get('fan-out')?.configuration;
  const interval = configuration?.kind === 'seen' ? configuration.value.intervalSeconds : undefined;
  const waited = 2 * (interval ?? LONGEST_INTERVAL_SECONDS);
  if (description.kind !== 'seen') return skipped(check, 'no sweep yet, and it is not known since when');
  const age = secondsBetween(toInstant(description.value.createdAtMs), now);
  if (age <= waited) return ok(check, `no sweep yet; deployed ${describeSeconds(age)} ago`);
  return wrong(check, `no sweep in the last 7 d, deployed ${describeSeconds(age)} ago`, FIND_SWEEPS);
}

/** A sweep may still run until its grants end; until then the one before it is judged. */
export function judgeShards({ ledgers, summaries, local }: Examination, now: Instant): Finding {
  const check = 'shards';
  if (ledgers.kind !== 'seen') return skipped(check, 'not checked: the sweeps could not be read');
  return judge(check, summaries, restore(local), (all) => {
    const [newest] = ledgers.value;
    if (!newest) return ok(check, `no sweep yet; ${all.length} shards have jobs`);
    const behindNewest = behind(newest, all);
    if (behindNewest.length === 0)
      return ok(check, `all ${shardsOf(newest).length} were evaluated by ${newest.sweepId}`);
    const ended = ledgers.value.find(({ expiresAt }) => expiresAt <= now);
    const running = `${newest.sweepId} is on its way (until ${newest.expiresAt})`;
    if (!ended) return ok(check, `${running}; ${behindNewest.length} shards wait for it`);
    const stale = behind(ended, all);
    if (stale.length === 0) return ok(check, `${running}; all were evaluated by ${ended.sweepId}`);
    const named = stale.slice(0, 10).join(', ');
    const message = `${stale.length} of ${shardsOf(ended).length} were not evaluated since ${ended.sweepId}: ${named}${stale.length > 10 ? ', ...' : ''}`;
    const next = local
      ? 'its output says why; crossfade sweep tries again'
      : 'read the log of evaluate, and the failed executions of the state machine; no demotion is made in these';
    return wrong(check, message, next);
  });
}

function shardsOf({ groups }: Ledger): number[] {
  return groups.flatMap(({ shards }) => shards);
}

/** An evaluation of a sweep begins after its ledger was written. */
function behind(ledger: Ledger, summaries: readonly ShardSummary[]): number[] {
  const byShard = new Map(summaries.map((summary) => [summary.shard, summary]));
  return shardsOf(ledger).filter((shard) => {
    const summary = byShard.get(shard);
    return summary?.sweepId !== ledger.sweepId && (summary?.readAt ?? '') < addSeconds(ledger.createdAt, -1);
  });
}

export function judgeClock({ clock: { skewSeconds } }: Examination): Finding {
  const check = 'clock';
  if (skewSeconds === undefined) return skipped(check, 'not checked: no response told the time');
  const size = Math.abs(skewSeconds);
  if (size <= MAX_SKEW_SECONDS) return ok(check, `${size} s from that of this machine`);
  const message = `this machine is ${describeSeconds(size)} ${skewSeconds > 0 ? 'behind' : 'ahead'}; at most ${MAX_SKEW_SECONDS} s are well`;
  return wrong(
    check,
    message,
    'set its clock by NTP (timedatectl set-ntp true): a landing over 15 min ahead is refused',
  );
}

export function judgeQueues({ queues: { landings, deadLetters }, local }: Examination): Finding[] {
  const queue = judge('queue of landings', landings, restore(local), (messages) =>
    ok('queue of landings', `reachable, ${messages} waiting`),
  );
  if (deadLetters.kind !== 'seen') return [queue, judge('dead letters', deadLetters, restore(local), () => queue)];
  const letters = deadLetters.value.map(({ name, messages }) => {
    const check = `dead letters ${name}`;
    return judge(check, messages, restore(local), (count) => {
      if (count === 0) return ok(check, 'empty');
      const next =
        local || /Refused/.test(name)
          ? 'receive them: the attribute `reason` names the field, and the sender has to report again'
          : 'find the cause in the log of the function that it stands behind, mend it, then start a redrive if there is a source queue';
      return wrong(check, `${count} there; 0 are wanted`, next);
    });
  });
  return [queue, ...letters];
}

export function judgeStack({ stackStatus, stateMachine, local }: Examination): Finding[] {
  if (local) return [];
  const status = stackStatus ?? 'unknown';
  const settled = /^(CREATE|UPDATE|IMPORT)_COMPLETE$|^UPDATE_ROLLBACK_COMPLETE$/.test(status);
  const next = status.endsWith('_IN_PROGRESS')
    ? 'wait until it has ended, and run this again'
    : `read the stack's events, then ${restore(local)}`;
  const stack = settled ? ok('stack', status) : wrong('stack', `is ${status}`, next);
  const check = 'state machine';
  const machine = stateMachine ?? { kind: 'missing' as const };
  return [
    stack,
    judge(check, machine, restore(local), (seen) =>
      seen === 'ACTIVE' ? ok(check, 'active') : wrong(check, `is ${seen}; ACTIVE is wanted`, restore(local)),
    ),
  ];
}
