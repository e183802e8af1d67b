/**
 * The actors that move the job: commits, sweeps, the landings' stream, operators. Thin around the real use cases; only
 * `transit` forces its decision, so that a scenario can have any phase change at any time.
 */
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { commitPromotion, commitTransition } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { recordExcuses } from '../../lib/controller/excuse.ts';
import { gather } from '../../lib/controller/gather.ts';
import { askGate, settleHook } from '../../lib/controller/hook-steps.ts';
import { complete, demote, hold, promote, release, restart, retire } from '../../lib/controller/override.ts';
import { approve } from '../../lib/controller/override-approve.ts';
import { pause, resume } from '../../lib/controller/pause.ts';
import type { Hooks } from '../../lib/controller/ports.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { emptyEvidence, recomputeEvidence } from '../../lib/domain/evidence.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Hold, Job } from '../../lib/domain/job.ts';
import { findTransition, type Phase } from '../../lib/domain/phases.ts';
import type { Program } from './actor.ts';
import { JOB_ID, type ModelPorts, NOW, POLICY, policyOf } from './calls.ts';
import { SWEEP_ID } from './job-invariants.ts';

type HookReply = Awaited<ReturnType<Hooks['call']>>;

const PROMOTION_ENDS = '2026-11-22T13:00:00.000Z';
const clock = () => NOW;

function once(name: string, act: (ports: ModelPorts) => Promise<unknown>): Program {
  return {
    name,
    start: { stage: name },
    async advance(ports) {
      await act(ports);
      return undefined;
    },
  };
}

/** A phase change whatever the evidence says, as a demotion's or a forced promotion's write does it. */
export function transit(from: Phase, to: Phase): Program {
  return once(`${from} -> ${to}`, async (ports) => {
    const job = await ports.jobs.get(JOB_ID, 'strong');
    if (job?.phase === from && findTransition(from, to)) await commitTransition(ports, job, groundsFor(job, to), NOW);
  });
}

function groundsFor(job: Job, to: Phase) {
  const actor = { kind: 'automation' as const, sweepId: 'model' };
  return {
    to,
    reason: 'by-operator' as const,
    message: 'model',
    actor,
    policy: policyOf(job),
    evidence: emptyEvidence(JOB_ID),
  };
}

/** The commit step of a promotion, judging on the evidence that the scenario prepared. */
export function automaticPromotion(to: Phase): Program {
  return once(`commit to ${to}`, (ports) =>
    commitPromotion(ports, { jobId: JOB_ID, to, sweepId: SWEEP_ID, expiresAt: PROMOTION_ENDS }, clock),
  );
}

/** A promotion whose policy has a gate, as the state machine takes it: each step may be the last. */
export function askedPromotion(to: Phase): Program<{ stage: 'gate' | 'commit' | 'settle' }> {
  const item = { jobId: JOB_ID, to, sweepId: SWEEP_ID, expiresAt: PROMOTION_ENDS };
  return {
    name: `ask, then commit to ${to}`,
    start: { stage: 'gate' },
    async advance(ports, { stage }) {
      switch (stage) {
        case 'gate':
          await askGate(ports, teamOf(ports), item, clock);
          return { stage: 'commit' };
        case 'commit':
          await commitPromotion(ports, item, clock);
          return { stage: 'settle' };
        case 'settle':
          await settleHook(ports, teamOf(ports), item, clock);
          return undefined;
      }
    },
  };
}

/** The same, dead before its commit, however late the gate answers it. */
export function asking(to: Phase): Program {
  const item = { jobId: JOB_ID, to, expiresAt: PROMOTION_ENDS };
  return once(`ask for ${to}`, (ports) => askGate(ports, teamOf(ports), item, clock));
}

/** The part of a sweep that tells a hook of the oldest transition that it has not taken note of. */
export function telling(): Program {
  return once('tell', (ports) => settleHook(ports, teamOf(ports), { jobId: JOB_ID }, clock));
}

function teamOf({ team }: ModelPorts): Hooks {
  return {
    async call(_name, { step, idempotencyKey, transition: { version } }) {
      return (await team.answer({ step, idempotencyKey, ...(version !== undefined && { version }) })) as HookReply;
    },
  };
}

/** One sweep's work on the job: finishes what earlier commits left, and demotes when the evidence says so. */
export function sweep(): Program {
  const request = { sweepId: SWEEP_ID, group: 0, shards: [shardOf(JOB_ID)], grants: {}, expiresAt: NOW };
  return once('sweep', async (ports) => {
    const { failed } = await evaluateGroup(ports, request, clock);
    if (failed[0]) throw new Error(failed[0].message);
  });
}

/** The landings' stream handing over these images, at any time. */
export function gathering(...images: Claim[]): Program {
  const names = images.map((claim) => `${claim.partition} at ${claim.revision}`);
  return once(`gather ${names.join(' and ')}`, (ports) => gather(namingPolicy(ports), images, NOW));
}

/** By which policy pairs are counted never changes here, so that reading it is no step. */
function namingPolicy(ports: ModelPorts): ModelPorts {
  const { get } = ports.jobs;
  const named = { policy: POLICY.name } as Job;
  return { ...ports, jobs: { ...ports.jobs, get: async (id, read) => (read === 'eventual' ? named : get(id, read)) } };
}

/** The stream handing over a claim in quarantine, at any time after it got there: gather repairs its writer. */
export function repair(partition = 'p1'): Program {
  // What gather makes of the evidence has no part here: it repairs claims from the image alone.
  const evidence = { get: async () => undefined, replace: async () => WRITTEN, listShard: async () => ({ items: [] }) };
  return once(`repair ${partition}`, async (ports) =>
    gather({ ...namingPolicy(ports), evidence }, [await ports.stream.quarantined(partition)], NOW),
  );
}

/** The part of a sweep that writes excuses, on evidence from when `claim` mismatched, however long ago that was. */
export function excusing(claim: Claim): Program {
  const named = recomputeEvidence(JOB_ID, [claim], 1);
  const evidence = { get: async () => undefined, replace: async () => WRITTEN, listShard: async () => ({ items: [] }) };
  return once(`excuse ${claim.partition}`, (ports) => {
    const facts = { job: { jobId: JOB_ID } as Job, policy: POLICY, evidence: named, now: NOW };
    return recordExcuses({ ...namingPolicy(ports), evidence }, facts, { claims: 1 });
  });
}

const by = { jobId: JOB_ID, actor: 'operator', verified: false, reason: 'model' };

export const byHand = {
  promote: () => once('promote by hand', (ports) => promote(ports, { ...by, force: true }, clock)),
  /** One step back, or with `to` as many as it takes. A request that has an id may be repeated. */
  demote: (to?: Phase, requestId?: string) =>
    once(['demote by hand', to && `to ${to}`, requestId].filter(Boolean).join(' '), (ports) =>
      demote(ports, { ...by, to, requestId }, clock),
    ),
  hold: (scope: Hold['scope'] = 'promotions') => once(`hold ${scope}`, (ports) => hold(ports, { ...by, scope }, clock)),
  release: () => once('release', (ports) => release(ports, by, clock)),
  restart: () => once('restart', (ports) => restart(ports, by, clock)),
  retire: () => once('retire', (ports) => retire(ports, { ...by, confirm: JOB_ID }, clock)),
  approve: () => once('approve', (ports) => approve(ports, by, clock)),
  complete: () => once('complete', (ports) => complete(ports, { ...by, confirm: JOB_ID }, clock)),
  pause: () => once('pause', (ports) => pause(ports, by, clock)),
  resume: () => once('resume', (ports) => resume(ports, by, clock)),
};

/** Puts the item back by hand, past every condition: the phase of another time under the present version. */
export function restore(phase: Phase): Program {
  return once(`restore to ${phase}`, (ports) => ports.hand.restore(phase));
}
