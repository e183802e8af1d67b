/**
 * What was committed, as events. Pure, and the same on AWS and on one machine: a repeated delivery of one change makes the
 * same events with the same ids. Changes come as the records that were written, because the write of a record is the commit;
 * the copy of it in the history is made later, and might tell late or twice.
 */

import { describeAttention } from './attention.ts';
import type { Claim } from './claim.ts';
import { findClaimNews } from './claim-news.ts';
import type { Controls, FleetRecord } from './controls.ts';
import { type Event, type EventOf, GROUND_LENGTH, GROUNDS, headed, shorten } from './event.ts';
import type { Attention, Job } from './job.ts';
import { otherSystem } from './phases.ts';
import type { FinishedSweep } from './sweep.ts';
import { type Instant, secondsBetween } from './time.ts';
import {
  type Actor,
  type HistoryRecord,
  isTransition,
  type OverrideRecord,
  type TransitionRecord,
} from './transition.ts';

export type Change =
  | { kind: 'job'; before: Job | undefined; after: Job; writtenAt: Instant }
  | { kind: 'claim'; claim: Claim }
  | { kind: 'sweep'; sweep: FinishedSweep }
  | { kind: 'controls'; controls: Controls }
  | { kind: 'unreadable'; eventId: string; table: string; key: string; at: Instant; message: string };

/** @param team of the job of a claim, which does not say it itself. */
export function tellChange(change: Change, team?: string): Event[] {
  switch (change.kind) {
    case 'job':
      return tellJob(change);
    case 'claim':
      return tellClaim(change.claim, team);
    case 'sweep':
      return [tellSweep(change.sweep)];
    case 'controls':
      return tellControls(change.controls);
    case 'unreadable':
      return [{ ...headed('RecordUnreadable', change.eventId, change), table: change.table, key: change.key }];
  }
}

/** One write is at most one transition or override, and may raise and clear attention beside it. */
function tellJob({ before, after, writtenAt }: Extract<Change, { kind: 'job' }>): Event[] {
  const record = [after.lastTransition, after.lastOverride].find((one) => one?.version === after.version);
  const told: Event[] = record
    ? [isTransition(record) ? tellTransition(after, record) : tellOverride(after, record)]
    : [];
  const [was, is] = [before?.attention, after.attention];
  if (was?.kind === is?.kind && was?.cause === is?.cause) return told;
  const at = record?.at ?? is?.since ?? writtenAt;
  const correlation = record && correlationOf(record.actor);
  if (was) told.push(tellAttention('AttentionCleared', after, was, at, correlation));
  if (is) told.push(tellAttention('AttentionRaised', after, is, at, correlation));
  return told;
}

function tellTransition(job: Job, record: TransitionRecord): Event {
  const { from, to, reason, forced = false, waived, policy, verdicts } = record;
  const type = record.type === 'demotion' ? 'JobDemoted' : to === 'complete' ? 'JobCompleted' : 'JobPromoted';
  return {
    ...ofRecord(type, job, record),
    phase: to,
    from,
    to,
    reason,
    forced,
    ...(waived && { waived: { needs: waived.needs, mismatches: waived.mismatches.length } }),
    ...(policy && { policy }),
    ...(verdicts && {
      verdicts: verdicts
        .slice(0, GROUNDS)
        .map(({ criterion, outcome, message }) => ({ criterion, outcome, message: shorten(message, GROUND_LENGTH) })),
    }),
  };
}

function tellOverride(job: Job, record: OverrideRecord): Event {
  switch (record.type) {
    case 'held': {
      const { scope = 'promotions', until } = record.hold ?? {};
      return { ...ofRecord('JobHeld', job, record), scope, ...(until !== undefined && { until }) };
    }
    case 'released':
      return ofRecord('JobReleased', job, record);
    case 'acknowledged':
      return { ...ofRecord('SplitWriterAcknowledged', job, record), partitions: record.splits?.length ?? 0 };
    case 'restarted':
      return ofRecord('JobRestarted', job, record);
    case 'approved': {
      const to = job.approvals?.findLast((approval) => approval.at === record.at)?.to;
      return { ...ofRecord('JobApproved', job, record), ...(to && { to }) };
    }
    case 'retired':
      return ofRecord('JobRetired', job, record);
    default:
      throw unknownTo(record.type satisfies never);
  }
}

/** A newer release wrote it, and was rolled back. */
function unknownTo(type: string): Error {
  return new Error(`${type} is no record that this release knows`);
}

function ofRecord<T extends Event['type']>(type: T, job: Job, record: HistoryRecord) {
  const { jobId, team, phase } = job;
  const { version, epoch, actor, at, message } = record;
  const head = headed(type, `${jobId}#${version}`, { at, message, correlation: correlationOf(actor) });
  return { ...head, jobId, team, version, epoch, phase, actor };
}

function tellAttention<T extends 'AttentionRaised' | 'AttentionCleared'>(
  type: T,
  { jobId, team, version, epoch, phase }: Job,
  attention: Attention,
  at: Instant,
  correlation: Event['correlation'] = {},
) {
  const { kind, cause, since } = attention;
  const message = `${kind}: ${describeAttention(attention)}`;
  const head = headed(type, `${jobId}#${version}`, { at, message, correlation });
  return { ...head, jobId, team, version, epoch, phase, kind, cause: shorten(cause, GROUND_LENGTH), since };
}

function correlationOf(actor: Actor): Event['correlation'] {
  if (actor.kind === 'automation') return { sweepId: actor.sweepId };
  return actor.requestId === undefined ? {} : { requestId: actor.requestId };
}

function tellClaim(claim: Claim, team: string | undefined): Event[] {
  const { jobId, partition, writer, epoch, revision, changedAt: at, quarantine, production } = claim;
  const news = findClaimNews(claim);
  // A claim that is made again after it expired counts its revisions anew, and its instants go on.
  const id = `${jobId}#${partition.replace(/[%#]/g, encodeURIComponent)}#${at}`;
  const ofClaim = <T extends Event['type']>(type: T, message: string) => ({
    ...headed(type, id, { at, message: `${jobId} ${partition}: ${message}` }),
    jobId,
    ...(team !== undefined && { team }),
    partition,
    revision,
    epoch,
    writer,
  });
  const events: Event[] = [];
  if (news.reassigned) {
    const owed = claim.reassignedAt === at;
    const next = owed ? `${writer} has landed it in shadow and has to publish it` : `${writer} writes it now`;
    const type = 'PartitionReassigned';
    events.push({ ...ofClaim(type, next), previousWriter: otherSystem(writer), owed });
  }
  if (quarantine && news.quarantineOpened) {
    const numbers = `${quarantine.old.rowCount} rows of old, ${quarantine.new.rowCount} of new`;
    const sums = `checksums ${quarantine.old.checksum} and ${quarantine.new.checksum}`;
    const { old, new: own } = quarantine;
    events.push({ ...ofClaim('QuarantineOpened', `mismatches in production: ${numbers}; ${sums}`), old, new: own });
  }
  if (quarantine && production && news.quarantineCleared) {
    const { system: publishedBy, rowCount, checksum } = production;
    const cleared = ofClaim('QuarantineCleared', `published again by ${publishedBy}`);
    events.push({ ...cleared, openedAt: quarantine.openedAt, publishedBy, rowCount, checksum });
  }
  return events;
}

function tellSweep(sweep: FinishedSweep): EventOf<'SweepFinished'> {
  const { finishedAt: at, startedAt, accounted, sweepId, ...facts } = sweep;
  const durationSeconds = Math.max(0, secondsBetween(startedAt, at));
  const jobs = Object.values(sweep.jobs).reduce((sum, count) => sum + count, 0);
  const missingGroups = Math.max(0, sweep.groups - accounted);
  const missing = missingGroups > 0 ? `; ${missingGroups} of ${sweep.groups} groups were never accounted for` : '';
  const message = `${jobs} jobs, ${sweep.demotions} demotions, ${durationSeconds} s${missing}`;
  const head = headed('SweepFinished', sweepId, { at, message, correlation: { sweepId } });
  return { ...head, sweepId, startedAt, durationSeconds, missingGroups, ...facts };
}

/** Every version of the controls carries what made it. */
function tellControls({ version, lastChange }: Controls): Event[] {
  return lastChange?.version === version ? [tellFleetRecord(lastChange)] : [];
}

function tellFleetRecord(record: FleetRecord): Event {
  const { version, at, actor, message, pause, breakerOpenUntil } = record;
  const ofFleet = <T extends Event['type']>(type: T) => ({
    // Versions count anew where the table was lost, and instants go on.
    ...headed(type, `fleet#${version}#${at}`, { at, message, correlation: correlationOf(actor) }),
    version,
    actor,
  });
  switch (record.type) {
    case 'paused': {
      const { scope = 'promotions', until } = pause ?? {};
      return { ...ofFleet('FleetPaused'), scope, ...(until !== undefined && { until }) };
    }
    case 'resumed':
      return ofFleet('FleetResumed');
    case 'breaker-opened':
      return { ...ofFleet('BreakerOpened'), ...(breakerOpenUntil !== undefined && { until: breakerOpenUntil }) };
    case 'breaker-closed':
      return ofFleet('BreakerClosed');
    default:
      throw unknownTo(record.type satisfies never);
  }
}
