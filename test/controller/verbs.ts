/**
 * Every verb of an operator as a row for tables: a call of it, the job's state in which it has something to do, and from
 * which phases it is allowed. Requests are ann's, and those of everybody else bob's.
 */
import { complete, demote, hold, promote, release, restart, retire } from '../../lib/controller/override.ts';
import { approve } from '../../lib/controller/override-approve.ts';
import type { OverrideRequest, OverrideResult } from '../../lib/controller/override-request.ts';
import { type FleetResult, pause, resume } from '../../lib/controller/pause.ts';
import type { Hold, Job } from '../../lib/domain/job.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aStanding, NOW } from '../builders/records.ts';
import { aReadyStage, type Stage } from './stage.ts';

export const JOB = 'flights-atl';
export const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'because' };

type Result = OverrideResult | FleetResult;
export const codeOf = (result: Result) => ('refused' in result ? result.code : 'ok');

type Given = Partial<OverrideRequest> & { force?: boolean; scope?: Hold['scope'] };

export interface VerbRow {
  act(stage: Stage, given?: Given): Promise<Result>;
  /** The answer from each phase, when the job is as `prepare` makes it. */
  from: Record<Phase, string>;
  /** A phase from which it is allowed. */
  allowedIn: Phase;
  policy?: Partial<Policy>;
  prepare?(stage: Stage): void;
}

export async function aStageFor(row: VerbRow, phase: Phase = row.allowedIn, policy?: Partial<Policy>): Promise<Stage> {
  const stage = await aReadyStage(phase, { policy: { ...row.policy, ...policy } });
  row.prepare?.(stage);
  return stage;
}

export function changeJob(stage: Stage, changes: Partial<Job>): void {
  stage.state.jobs.set(JOB, { ...stage.job(), ...changes });
}

/** Both systems wrote production of one partition. */
export function splitPartition(stage: Stage, changedAt = toMs(NOW), partition = 'p1'): void {
  const evidence = stage.state.evidence.get(JOB)!;
  const { mismatch: _, ...standing } = aStanding({ partition, changedAt, splitWriter: true });
  const others = evidence.standing.filter((known) => known.partition !== partition);
  const version = evidence.version + 1;
  stage.state.evidence.set(JOB, { ...evidence, version, standing: [...others, standing] });
}

const everywhere = (code: string, but: Partial<Record<Phase, string>> = {}) =>
  ({ ...Object.fromEntries(PHASES.map((phase) => [phase, code])), ...but }) as Record<Phase, string>;

const asked = { quorum: 1, allowClaimed: true };
const { approvals } = policySchema.parse({ name: 'asks', approvals: { 'reverse-shadow': asked, cleanup: asked } });
const NO = 'NotAllowed';

export const JOB_VERBS: Record<string, VerbRow> = {
  promote: {
    act: (stage, given) => promote(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok', { cleanup: 'ConfirmRemoval', complete: NO }),
    allowedIn: 'shadow',
  },
  'promote --force': {
    act: (stage, given) => promote(stage.ports, { ...by, force: true, ...given }, stage.now),
    from: everywhere('ok', { cleanup: 'ConfirmRemoval', complete: NO }),
    allowedIn: 'shadow',
  },
  demote: {
    act: (stage, given) => demote(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok', { pending: NO, complete: NO }),
    allowedIn: 'shadow',
  },
  complete: {
    act: (stage, given) => complete(stage.ports, { ...by, confirm: JOB, ...given }, stage.now),
    from: everywhere(NO, { cleanup: 'ok' }),
    allowedIn: 'cleanup',
  },
  hold: {
    act: (stage, given) => hold(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok', { complete: NO }),
    allowedIn: 'shadow',
  },
  release: {
    act: (stage, given) => release(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
    prepare: (stage) => changeJob(stage, { hold: { scope: 'promotions', actor: 'bob', reason: 'r', at: NOW } }),
  },
  'release --split-writer': {
    act: (stage, given) => release(stage.ports, { ...by, splitWriter: true, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
    prepare: (stage) => splitPartition(stage),
  },
  restart: {
    act: (stage, given) => restart(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok', { pending: NO, complete: NO }),
    allowedIn: 'shadow',
  },
  retire: {
    act: (stage, given) => retire(stage.ports, { ...by, confirm: JOB, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
  },
  approve: {
    act: (stage, given) => approve(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok', { pending: 'NotAsked', cleanup: 'NotAsked', complete: NO }),
    allowedIn: 'shadow',
    policy: { approvals },
  },
};

const FLEET_VERBS: Record<string, VerbRow> = {
  pause: {
    act: (stage, given) => pause(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
  },
  resume: {
    act: (stage, given) => resume(stage.ports, { ...by, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
    prepare: (stage) => {
      const paused = { scope: 'promotions' as const, actor: 'bob', reason: 'r', at: NOW };
      stage.state.controls.set('fleet', { version: 1, pause: paused });
    },
  },
  'resume --breaker': {
    act: (stage, given) => resume(stage.ports, { ...by, breaker: true, ...given }, stage.now),
    from: everywhere('ok'),
    allowedIn: 'shadow',
    prepare: (stage) => {
      const breakerOpenUntil = '2026-11-23T13:00:00.000Z';
      stage.state.controls.set('fleet', { version: 1, breakerOpenUntil, breakerOpenedAfter: 'sweep-0' });
    },
  },
};

export const ALL_VERBS = { ...JOB_VERBS, ...FLEET_VERBS };
