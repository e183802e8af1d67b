/**
 * pause and resume: the verbs on the fleet. Like those on a job they say who and why, answer a repeat the same, and leave a
 * record in the history, in one conditional write. Acknowledged means that every commit that begins afterwards sees it.
 */
import {
  activePause,
  breakerIsOpen,
  type Controls,
  type FleetRecord,
  PAUSE_ALL_LIMIT_SECONDS,
  type Pause,
  recordChange,
} from '../domain/controls.ts';
import { type HandledRequest, rememberRequests } from '../domain/job.ts';
import { addSeconds, earlierOf, type Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import { actorOf, type OverrideRequest } from './override-request.ts';
import type { FleetStore } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

export type FleetRequest = Omit<OverrideRequest, 'jobId'>;

export interface PauseRequest extends FleetRequest {
  scope?: Pause['scope'] | undefined;
  until?: Instant | undefined;
}

export interface ResumeRequest extends FleetRequest {
  /** Close the breaker; a pause stays as it is. */
  breaker?: boolean | undefined;
}

/** The controls as they are now, and the record that the request made; absent where it is not to be found any more. */
interface FleetChanged {
  controls: Controls;
  record?: FleetRecord;
}

export type FleetResult = FleetChanged | (Refusal & { controls?: Controls });

interface FleetPorts {
  fleet: Pick<FleetStore, 'getControls' | 'replaceControls' | 'putHistory' | 'listHistory'>;
}

/** The controls after the change, before their version and record; and what the record says beside the usual. */
interface Change {
  controls: Controls;
  record: Omit<FleetRecord, 'version' | 'at' | 'actor' | 'message'>;
}

/** Of scope `all` it ends by itself after `PAUSE_ALL_LIMIT_SECONDS`, whatever was asked for. */
export async function pause(ports: FleetPorts, request: PauseRequest, clock: () => Instant): Promise<FleetResult> {
  return changeFleet(ports, 'pause', request, clock, (controls, now) => {
    const { scope = 'promotions', actor, reason } = request;
    if (request.until !== undefined && request.until <= now) {
      return refuse('Invalid', `until: ${request.until} is over, it is ${now}: name a later instant, or none`, 'until');
    }
    const limit = addSeconds(now, PAUSE_ALL_LIMIT_SECONDS);
    const until = scope === 'all' ? earlierOf(request.until ?? limit, limit) : request.until;
    const paused: Pause = { scope, actor, reason, at: now, ...(until !== undefined && { until }) };
    return { controls: { ...controls, pause: paused }, record: { type: 'paused', pause: paused } };
  });
}

/** Ends a pause, or with `breaker` closes the breaker: one thing a request, so that nobody ends what they did not mean. */
export async function resume(ports: FleetPorts, request: ResumeRequest, clock: () => Instant): Promise<FleetResult> {
  const verb = request.breaker ? 'resume --breaker' : 'resume';
  return changeFleet(ports, verb, request, clock, (controls, now) => {
    const { pause: known, breakerOpenUntil, ...rest } = controls;
    if (request.breaker) {
      if (!breakerIsOpen(controls, now)) return refuse('NotOpen', 'the breaker is not open: it stops nothing');
      return {
        controls: { ...rest, ...(known && { pause: known }) },
        record: { type: 'breaker-closed', ...(breakerOpenUntil !== undefined && { breakerOpenUntil }) },
      };
    }
    if (!known || !activePause(controls, now)) {
      const breaker = breakerIsOpen(controls, now) ? '; the breaker is open, which resume --breaker closes' : '';
      return refuse('NotPaused', `the fleet is not paused${breaker}`);
    }
    return {
      controls: { ...rest, ...(breakerOpenUntil !== undefined && { breakerOpenUntil }) },
      record: { type: 'resumed', pause: known },
    };
  });
}

/** Done by the sweep `sweepId`, for the demotions of the sweep `after`, which do not open it a second time. */
export async function openBreaker(
  { fleet }: FleetPorts,
  { sweepId, after, until, message }: { sweepId: string; after: string; until: Instant; message: string },
  now: Instant,
): Promise<Controls> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const known = await fleet.getControls();
    if (breakerIsOpen(known, now) || known.breakerOpenedAfter === after) return known;
    const opened = { ...known, breakerOpenUntil: until, breakerOpenedAfter: after };
    const actor = { kind: 'automation' as const, sweepId };
    const record = { type: 'breaker-opened' as const, actor, message, breakerOpenUntil: until };
    const next = recordChange(known, opened, record, now);
    if (await writeControls({ fleet }, known, next)) return next;
  }
  throw contended('breaker', sweepId);
}

/** Makes sure that the newest record is in the history: a verb may have died between its write and the copy. */
export async function copyNewestChange({ fleet }: FleetPorts, { lastChange }: Controls): Promise<void> {
  if (!lastChange) return;
  const [newest] = await fleet.listHistory(1);
  if (newest?.version !== lastChange.version || newest.at !== lastChange.at) await fleet.putHistory(lastChange);
}

async function changeFleet(
  ports: FleetPorts,
  verb: string,
  request: FleetRequest,
  clock: () => Instant,
  plan: (controls: Controls, now: Instant) => Change | Refusal,
): Promise<FleetResult> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock();
    const known = await ports.fleet.getControls();
    const handled = known.requests?.findLast(({ id }) => id === request.requestId);
    if (handled) return answerRepeat(ports, known, handled, verb);
    const refused = refuseStale(known, request);
    if (refused) return refused;
    const planned = plan(known, now);
    if ('refused' in planned) return { ...planned, controls: known };
    const next = planControls(known, planned, verb, request, now);
    if (request.dryRun || (await writeControls(ports, known, next))) return { controls: next, record: next.lastChange };
  }
  throw contended(verb);
}

function planControls(known: Controls, planned: Change, verb: string, request: FleetRequest, now: Instant) {
  const { requestId, reason } = request;
  const handled = requestId === undefined ? [] : [{ id: requestId, verb }];
  const requests = rememberRequests(known, handled, known.version + 1);
  const record = { ...planned.record, actor: actorOf(request), message: reason };
  return recordChange(known, { ...planned.controls, ...(requests && { requests }) }, record, now);
}

/** The one write, between the copies of the record that it overwrites and of its own. `false` when the race was lost. */
async function writeControls(
  { fleet }: FleetPorts,
  known: Controls,
  next: Controls & { lastChange: FleetRecord },
): Promise<boolean> {
  if (known.lastChange) await fleet.putHistory(known.lastChange);
  const written = await fleet.replaceControls(next, known.version);
  if (written.written) await fleet.putHistory(next.lastChange);
  return written.written;
}

/** More than the requests that are remembered, with what the breaker did in between. */
const RECORDS_SEARCHED = 50;

async function answerRepeat(
  { fleet }: FleetPorts,
  controls: Controls,
  handled: HandledRequest,
  verb: string,
): Promise<FleetResult> {
  if (handled.verb !== verb) {
    const message = `requestId: ${handled.id} was a ${handled.verb} of the fleet, and this is a ${verb}: give each request an id of its own`;
    return { ...refuse('RequestIdReused', message, 'requestId'), controls };
  }
  const { lastChange } = controls;
  if (lastChange?.version === handled.version) {
    // The first call may have died before its copy.
    await copyNewestChange({ fleet }, controls);
    return { controls, record: lastChange };
  }
  const record = (await fleet.listHistory(RECORDS_SEARCHED)).find(({ version }) => version === handled.version);
  return { controls, ...(record && { record }) };
}

function refuseStale(controls: Controls, { expectedVersion }: FleetRequest): FleetResult | undefined {
  if (expectedVersion === undefined || expectedVersion === controls.version) return undefined;
  const message = `expectedVersion: ${expectedVersion}, but the controls are at ${controls.version}: look again`;
  return { ...refuse('VersionConflict', message, 'expectedVersion'), controls };
}
