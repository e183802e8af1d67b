/**
 * Events: what is told to the outside, in the past tense. One schema for each type is the reference; `docs/events` holds the
 * JSON Schemas that are generated from them. `tell.ts` makes events of what was committed; nothing here knows how they travel.
 *
 * Within a `schemaVersion` fields are only added, so whoever reads them ignores what it does not know.
 */
import * as z from 'zod';
import { ATTENTION_KINDS } from './attention.ts';
import { REASONS } from './decision.ts';
import { PHASES, SYSTEMS } from './phases.ts';
import { OUTCOMES } from './verdict.ts';

const SCHEMA_VERSION = 1;

const instant = z.iso.datetime().describe('ISO-8601 in UTC with milliseconds');
const phase = z.enum(PHASES);
const system = z.enum(SYSTEMS);
const count = z.int().nonnegative();
const message = z.string().describe('for people; cut visibly where it is too long for a bus');

const correlation = z
  .object({
    sweepId: z.string().optional().describe('the sweep that did it'),
    requestId: z.string().optional().describe("the operator's own id of the request"),
  })
  .describe('what caused it, as far as it is known');

const header = <T extends string>(type: T) => ({
  schemaVersion: z.literal(SCHEMA_VERSION),
  eventId: z.string().describe('the same in every delivery of this event, and in no other event'),
  type: z.literal(type),
  at: instant,
  correlation,
  message,
});

const ofJob = <T extends string>(type: T) => ({
  ...header(type),
  jobId: z.string(),
  team: z
    .string()
    .optional()
    .describe("the job's team when the event was sent; absent where the job is not to be found"),
});

const ofVersion = <T extends string>(type: T) => ({
  ...ofJob(type),
  version: z.int().describe("the job's version that this made: orders the events of a job"),
  epoch: z.int(),
  phase: phase.describe('the phase of the job after this'),
});

const actor = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('automation'), sweepId: z.string() }),
    z.object({
      kind: z.literal('operator'),
      name: z.string(),
      verified: z.boolean().describe('AWS vouches for the name'),
      requestId: z.string().optional(),
    }),
  ])
  .describe('who did it');

const transition = <T extends string>(type: T) =>
  z.object({
    ...ofVersion(type),
    actor,
    from: phase,
    to: phase,
    reason: z.enum(REASONS),
    forced: z.boolean(),
    waived: z
      .object({ needs: z.array(z.string()), mismatches: count.describe('pairs that mismatched') })
      .optional()
      .describe('what a person passed over who forced it'),
    policy: z.object({ name: z.string(), hash: z.string() }).optional(),
    verdicts: z
      .array(z.object({ criterion: z.string(), outcome: z.enum(OUTCOMES), message }))
      .optional()
      .describe('the grounds, at most 20'),
  });

const override = <T extends string, F extends z.ZodRawShape>(type: T, facts: F) =>
  z.object({ ...ofVersion(type), actor, ...facts });

const attention = <T extends string>(type: T) =>
  z.object({
    ...ofVersion(type),
    kind: z.enum(ATTENTION_KINDS),
    cause: z.string(),
    since: instant.describe('since when the job has needed it'),
  });

const ofPartition = <T extends string, F extends z.ZodRawShape>(type: T, facts: F) =>
  z.object({
    ...ofJob(type),
    partition: z.string(),
    revision: z.int().describe("the claim's revision that this made: orders the events of a partition"),
    epoch: z.int(),
    writer: system.describe('who writes production for this partition after this'),
    ...facts,
  });

const content = z.object({ rowCount: count, checksum: z.string() });

const ofFleet = <T extends string, F extends z.ZodRawShape>(type: T, facts: F) =>
  z.object({ ...header(type), version: z.int().describe("the controls' version that this made"), actor, ...facts });

const scope = z.enum(['promotions', 'all']).describe('what is stopped: promotions, or every transition');

export const EVENT_SCHEMAS = {
  JobPromoted: transition('JobPromoted').describe('A job went one phase onward, short of complete.'),
  JobCompleted: transition('JobCompleted').describe(
    "The old job's removal is confirmed: the migration of a job has ended.",
  ),
  JobDemoted: transition('JobDemoted').describe('A job went one phase back.'),
  JobHeld: override('JobHeld', { scope, until: instant.optional() }).describe(
    'A person keeps automation from moving a job.',
  ),
  JobReleased: override('JobReleased', {}).describe(
    'A hold was ended by a person. One that expires ends without an event.',
  ),
  SplitWriterAcknowledged: override('SplitWriterAcknowledged', { partitions: count }).describe(
    'A person has seen the partitions that both systems wrote.',
  ),
  JobRestarted: override('JobRestarted', {}).describe('The evidence of a job is gathered anew, in the same phase.'),
  JobApproved: override('JobApproved', { to: phase.optional() }).describe(
    'A person signed that a job may enter a phase.',
  ),
  JobRetired: override('JobRetired', {}).describe('A job was taken out of the fleet, for good.'),
  AttentionRaised: attention('AttentionRaised').describe('A person should look at a job, for a reason that is new.'),
  AttentionCleared: attention('AttentionCleared').describe('That reason is gone.'),
  PartitionReassigned: ofPartition('PartitionReassigned', {
    previousWriter: system,
    owed: z.boolean().describe('the new writer has landed this partition in shadow already, and has to publish it now'),
  }).describe('The right to write a partition was taken from one system and given to the other.'),
  QuarantineOpened: ofPartition('QuarantineOpened', { old: content, new: content }).describe(
    "A pair mismatches while the new system's output is production: it is not to be trusted.",
  ),
  QuarantineCleared: ofPartition('QuarantineCleared', {
    openedAt: instant,
    publishedBy: system,
    ...content.shape,
  }).describe('A quarantined partition was published again, and may be trusted.'),
  SweepFinished: z
    .object({
      ...header('SweepFinished'),
      sweepId: z.string(),
      scheduledAt: instant,
      startedAt: instant,
      durationSeconds: z.number().nonnegative(),
      groups: count.describe('evaluations that it started'),
      missingGroups: count.describe('of them never accounted for when the next sweep began; 0 when all went well'),
      promotedWeight: z.partialRecord(phase, count).describe('weight of the jobs promoted into each phase'),
      demotions: count,
      jobs: z.partialRecord(phase, count).describe('jobs in each phase'),
      attention: z.partialRecord(z.enum(ATTENTION_KINDS), count).describe('jobs that need each kind of attention'),
    })
    .describe('A sweep over the fleet has ended.'),
  FleetPaused: ofFleet('FleetPaused', { scope, until: instant.optional() }).describe('A person paused the fleet.'),
  FleetResumed: ofFleet('FleetResumed', {}).describe(
    'A person ended the pause. One that expires ends without an event.',
  ),
  BreakerOpened: ofFleet('BreakerOpened', { until: instant.optional() }).describe(
    'Demotions clustered: nothing is promoted for a while.',
  ),
  BreakerClosed: ofFleet('BreakerClosed', {}).describe('A person closed the breaker before its time.'),
  RecordUnreadable: z
    .object({ ...header('RecordUnreadable'), table: z.string(), key: z.string().describe('its key, in JSON') })
    .describe('Something changed, and the record of it could not be read: what it was is not told by any other event.'),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];

export type EventOf<T extends EventType> = z.output<(typeof EVENT_SCHEMAS)[T]>;
export type Event = { [T in EventType]: EventOf<T> }[EventType];

/** The fields that every event has, from the facts of one. */
export function headed<T extends EventType>(
  type: T,
  eventId: string,
  given: { at: string; message: string; correlation?: z.output<typeof correlation> },
) {
  const { at, message: text, correlation: cause = {} } = given;
  return {
    schemaVersion: SCHEMA_VERSION,
    eventId: `${eventId}#${type}`,
    type,
    at,
    correlation: cause,
    message: shorten(text),
  } as const;
}

/**
 * A bus takes 256 KiB an event, of JSON, where one character may be six bytes. With at most `GROUNDS` verdicts of
 * `GROUND_LENGTH` beside the message the worst that the boundary lets in stays below 200 KB.
 */
const MESSAGE_LENGTH = 4_000;
export const GROUNDS = 20;
export const GROUND_LENGTH = 1_000;

/** The text, or its beginning with a note of how much there was. */
export function shorten(text: string, length = MESSAGE_LENGTH): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length).toWellFormed()}... (${text.length} characters)`;
}
