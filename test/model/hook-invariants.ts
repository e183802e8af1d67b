/**
 * What the design's section 8 demands where a team has gates and hooks, as a function of one write of the job, held against
 * what the team itself knows: no promotion without its pass in this epoch, and no transition that it is never told of.
 */
import { keyOfHook } from '../../lib/domain/hook.ts';
import { findHook } from '../../lib/domain/hook-policy.ts';
import type { Job } from '../../lib/domain/job.ts';
import { policyOf } from './calls.ts';
import type { Broken } from './claim-invariants.ts';
import { SWEEP_ID } from './job-invariants.ts';
import type { JobSlot, TeamSlot } from './world.ts';

export function checkHooksStep({ job: before }: JobSlot, { job: after }: JobSlot, team: TeamSlot): Broken {
  return checkAnswers(after, team) ?? checkGate(before, after, team) ?? checkDebts(before, after, team);
}

/** A pass that the job remembers is one that was given, to that very question. */
function checkAnswers({ jobId, hooks }: Job, { passed }: TeamSlot): Broken {
  const gate = hooks?.answers?.gate;
  if (gate?.answer !== 'pass') return undefined;
  const key = keyOfHook({ jobId, epoch: gate.epoch }, gate.to, 'gate', gate.round);
  return passed.includes(key) ? undefined : `3: the job remembers a pass of ${key}, which the gate never gave`;
}

function checkGate(before: Job, after: Job, { passed }: TeamSlot): Broken {
  const last = after.lastTransition;
  if (last?.version !== after.version || last.type !== 'promotion') return undefined;
  if (last.actor.kind !== 'automation' || last.actor.sweepId !== SWEEP_ID) return undefined;
  if (!findHook(policyOf(before), last.to, 'gate')) return undefined;
  const key = keyOfHook(before, last.to, 'gate');
  return passed.includes(key) ? undefined : `3: a promotion is committed and the gate has not passed ${key}`;
}

/** What is to be told is on the job from its transition on, until it was told; and it is told in its order. */
function checkDebts(before: Job, after: Job, { told }: TeamSlot): Broken {
  const owed = (job: Job) => (job.hooks?.debts ?? []).map(({ version }) => version);
  const last = after.lastTransition;
  const made = last?.version === after.version && findHook(policyOf(after), last.to, 'settle') ? [after.version] : [];
  const lost = [...owed(before), ...made].find((version) => !owed(after).includes(version) && !told.includes(version));
  if (lost !== undefined) return `2: the transition of version ${lost} is told to no hook`;
  const early = told.find((version) => owed(after).some((older) => older < version && !told.includes(older)));
  return early === undefined ? undefined : `2: the transition of version ${early} is told before an older one`;
}
