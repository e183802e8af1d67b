/**
 * What the design's section 8 demands of the job, its history and the controls, as functions of one write. Promotions and
 * demotions that a sweep decided are judged once more on the job that they replace.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import { activePause, type Controls } from '../../lib/domain/controls.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { activeHold, type Job } from '../../lib/domain/job.ts';
import { findTransition } from '../../lib/domain/phases.ts';
import { isTransition, type TransitionRecord } from '../../lib/domain/transition.ts';
import type { Node } from './actor.ts';
import { NOW, policyOf } from './calls.ts';
import type { Broken } from './claim-invariants.ts';
import { canonical } from './interner.ts';
import type { HistorySlot, JobSlot } from './world.ts';

/** The sweep in whose name automation decides in the model. What other actors force is not judged again. */
export const SWEEP_ID = 'sweep';

/** The evidence begins again in the same phase, and a record says so. */
function isRestart(before: Job, after: Job): boolean {
  const record = after.lastOverride;
  const recorded = record?.type === 'restarted' && record.version === after.version;
  return recorded && after.phase === before.phase && after.epoch === before.epoch + 1;
}

/** One write of the job, by an actor that got these answers before it. */
export function checkJobStep(
  { job: before }: JobSlot,
  { job: after }: JobSlot,
  history: HistorySlot,
  answers: Node['answers'],
): Broken {
  if (after.version !== before.version + 1)
    return `2: a change made from version ${after.version - 1} replaces version ${before.version}`;
  const last = after.lastTransition;
  const moved = last?.version !== before.lastTransition?.version;
  if (!moved && !isRestart(before, after) && (after.phase !== before.phase || after.epoch !== before.epoch))
    return `2: the job goes from ${before.phase} to ${after.phase} without a transition`;
  if (moved && last) {
    if (!findTransition(before.phase, after.phase) || last.from !== before.phase || last.to !== after.phase)
      return `2: the job goes from ${before.phase} to ${after.phase} and records ${last.from} -> ${last.to}`;
    if (after.epoch !== before.epoch + 1 || last.version !== after.version)
      return '2: a transition is not one epoch and one version';
    if (last.actor.kind === 'automation' && last.actor.sweepId === SWEEP_ID) {
      const unjustified = checkJudgement(before, last, answers);
      if (unjustified) return unjustified;
    }
  }
  const released = after.lastOverride?.type === 'released' && after.lastOverride.version === after.version;
  if (before.hold && !after.hold && !released) return '4: an acknowledged hold is lost';
  return checkCopies(before, after, history);
}

/** A record leaves the item, or counts as settled, only when its copy is in the history. */
function checkCopies(before: Job, after: Job, history: HistorySlot): Broken {
  for (const field of ['lastTransition', 'lastOverride'] as const) {
    const record = before[field];
    if (!record || record.settled || history[record.version]) continue;
    const kept = after[field];
    if (kept?.version !== record.version || kept.settled)
      return `2: the ${record.type} of version ${record.version} is dropped before it is in the history`;
  }
  return undefined;
}

/** When all is settled: each phase change left one record, written once, and each record that the job names is there. */
export function checkHistory({ job, past }: JobSlot, history: HistorySlot): Broken {
  for (const record of [...past, job].flatMap((known) => [known.lastTransition, known.lastOverride])) {
    if (record && history[record.version]?.record.type !== record.type)
      return `2: the ${record.type} of version ${record.version} is not in the history`;
  }
  const kept = Object.values(history);
  const twice = kept.find(({ writes }) => writes > 1);
  if (twice)
    return `2: the ${twice.record.type} of version ${twice.record.version} is told to the outside ${twice.writes} times`;
  const moves = kept.filter(({ record }) => isTransition(record)).length;
  return moves === past.length ? undefined : `2: ${past.length} phase changes left ${moves} records`;
}

/** Judged again: on the job that is replaced, and on what the commit step read of the rest. */
function checkJudgement(job: Job, { type, to }: TransitionRecord, answers: Node['answers']): Broken {
  const read = (name: string) => answers.findLast(({ call }) => `${call.port}.${call.method}` === name)?.answer;
  const controls = read('fleet.getControls') as Controls | undefined;
  const evidence = read('evidence.get') as Evidence | undefined;
  if (!controls || !evidence) return `3: a ${type} is committed on facts that were not read`;
  if (type === 'promotion' && activeHold(job, NOW))
    return '4: a promotion is committed although a hold was acknowledged';
  if (type === 'promotion' && activePause(controls, NOW))
    return '4: a promotion is committed although a pause was acknowledged before it began';
  const listings = answers.filter(({ call }) => call.method === 'listOpen');
  const openClaims = [...new Map(listings.map(({ call, answer }) => [call.slot, answer as Claim[]])).values()].flat();
  const decision = evaluate({ job, evidence, controls, policy: policyOf(job), now: NOW, openClaims });
  const wanted = type === 'promotion' ? 'promote' : 'demote';
  return decision.kind === wanted && decision.to === to
    ? undefined
    : `3: a ${type} is committed although ${decision.message}`;
}

/** One write of the controls: who ends a pause has seen it. */
export function checkControlsStep(before: Controls, after: Controls, answers: Node['answers']): Broken {
  const seen = answers.findLast(({ call }) => call.method === 'getControls')?.answer;
  const undone = before.pause && canonical(after.pause) !== canonical(before.pause);
  return undone && canonical(seen) !== canonical(before) ? '4: an acknowledged pause is undone unseen' : undefined;
}
