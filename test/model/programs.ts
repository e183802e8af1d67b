/**
 * The actors: runs of both systems, what an operator and the automation do, and what delivers late or twice. Each is thin
 * around the real use case, and does what the integration guide asks of a pipeline: assign, stage, land, publish with the
 * token, confirm. A crash needs no actor: one that is never continued has crashed, and the explorer tries that everywhere.
 */

import { assign } from '../../lib/controller/assign.ts';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import { commitPromotion, commitTransition } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { gather } from '../../lib/controller/gather.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { demote, hold, promote } from '../../lib/controller/override.ts';
import { pause, resume } from '../../lib/controller/pause.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { emptyEvidence } from '../../lib/domain/evidence.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { findTransition, type Phase, type System } from '../../lib/domain/phases.ts';
import type { Program, Right } from './actor.ts';
import { JOB_ID, type ModelPorts, NOW, POLICY } from './calls.ts';

const clock = () => NOW;

export interface RunOptions {
  partition?: string;
  /** What it computed. Two runs of one system may differ: a bug, a correction, another input. */
  content?: string;
  attempt?: number;
  /** Publishes and confirms this instead of what it landed. */
  publishes?: string;
  /** Leaves a copy of its landing on the wire, to be delivered once more by `redelivery`. */
  copied?: boolean;
}

type RunAt =
  | { stage: 'assign' }
  | { stage: 'copy' | 'land'; table: 'production' | 'shadow'; token: string }
  | { stage: 'publish' | 'confirm'; token: string; content: string };

/** One run of a system's pipeline for one partition, from its assign to its confirmation. */
export function run(system: System, options: RunOptions = {}): Program<RunAt> {
  const { partition = 'p1', content = 'right', attempt, publishes = content, copied = false } = options;
  const of = { jobId: JOB_ID, partition, system };
  const label = [content === 'right' ? '' : content, attempt ? `attempt ${attempt}` : ''].filter(Boolean).join(', ');
  return {
    name: `${system} ${partition}${label && ` (${label})`}${copied ? ' copied' : ''}`,
    start: { stage: 'assign' },
    async advance(ports, at) {
      switch (at.stage) {
        case 'assign': {
          const answer = await assign(ports, of, NOW);
          if (isRefusal(answer) || answer.write === 'nothing' || !answer.token) return undefined;
          const { token, write: table } = answer;
          // The right that was answered is the accepted landing's own: what it staged is published, nothing is landed.
          if (answer.landed?.token === token && table === 'production')
            return { stage: 'publish', token, content: answer.landed.checksum };
          return { stage: copied ? 'copy' : 'land', table, token };
        }
        case 'copy':
          await ports.wire.copy({ token: at.token });
          return { ...at, stage: 'land' };
        case 'land': {
          const answer = await land(ports, { ...of, token: at.token, report: reportOf(content, attempt) }, NOW);
          return isRefusal(answer) || answer.table === 'shadow'
            ? undefined
            : { stage: 'publish', token: at.token, content: publishes };
        }
        case 'publish':
          return (await ports.destination.publish(partition, at.token, at.content))
            ? { ...at, stage: 'confirm' }
            : undefined;
        case 'confirm':
          await confirmPublished(ports, { ...of, token: at.token, checksum: at.content }, NOW);
          return undefined;
      }
    },
    startsOver: true,
    sees: (call, answer) => (call.slot === 'job' && answer ? withOnly(answer, JOB_AS_RUNS_SEE_IT) : answer),
    right: (at): Right | undefined =>
      at.stage === 'land' && at.table === 'production' ? { partition, token: at.token } : undefined,
  };
}

const JOB_AS_RUNS_SEE_IT = ['jobId', 'phase', 'epoch', 'targets'];

/** The object with these fields only; asking for any other one throws. */
function withOnly(whole: object, fields: readonly string[]): object {
  const part = Object.fromEntries(Object.entries(whole).filter(([field]) => fields.includes(field)));
  return new Proxy(part, {
    get(target, field) {
      if (typeof field === 'symbol' || field === 'then' || fields.includes(field)) return Reflect.get(target, field);
      throw new Error(`a run reads ${field} of the job: add it to what runs see, or states are merged that differ`);
    },
  });
}

/** Delivers the copied landing of a `copied` run once more, at any time. */
export function redelivery(system: System, { partition = 'p1', content = 'right', attempt }: RunOptions = {}): Program {
  return {
    name: `copy of ${system} ${partition}`,
    start: { stage: 'take' },
    async advance(ports) {
      const { token } = (await ports.wire.take()) as { token: string };
      await land(ports, { jobId: JOB_ID, partition, system, token, report: reportOf(content, attempt) }, NOW);
      return undefined;
    },
  };
}

export function reportOf(content: string, attempt: number | undefined) {
  return {
    ...(attempt !== undefined && { attempt }),
    rowCount: 1,
    checksum: content,
    checksumAlgorithm: 'model',
    landedAt: NOW,
    kind: 'scheduled' as const,
    final: true,
  };
}

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
    if (job?.phase === from && findTransition(from, to)) await commitTransition(ports, job, groundsFor(to), NOW);
  });
}

function groundsFor(to: Phase) {
  const actor = { kind: 'automation' as const, sweepId: 'model' };
  return {
    to,
    reason: 'by-operator' as const,
    message: 'model',
    actor,
    policy: POLICY,
    evidence: emptyEvidence(JOB_ID),
  };
}

/** The commit step of a promotion, judging on the evidence that the scenario prepared. */
export function automaticPromotion(to: Phase): Program {
  return once(`commit to ${to}`, (ports) =>
    commitPromotion(ports, { jobId: JOB_ID, to, sweepId: 'sweep', expiresAt: '2026-11-22T13:00:00.000Z' }, clock),
  );
}

/** One sweep's work on the job: finishes what earlier commits left, and demotes when the evidence says so. */
export function sweep(name = 'sweep'): Program {
  const request = { sweepId: name, group: 0, shards: [shardOf(JOB_ID)], grants: {}, expiresAt: NOW };
  return once(name, async (ports) => {
    const { failed } = await evaluateGroup(ports, request, clock);
    if (failed[0]) throw new Error(failed[0].message);
  });
}

/** The landings' stream handing over these images, at any time. */
export function gathering(...images: Claim[]): Program {
  const names = images.map((claim) => `${claim.partition} at ${claim.revision}`);
  return once(`gather ${names.join(' and ')}`, (ports) => gather(ports, images, NOW));
}

/** The stream handing over a claim in quarantine, at any time after it got there: gather repairs its writer. */
export function repair(partition = 'p1'): Program {
  // What gather makes of the evidence has no part here: it repairs claims from the image alone.
  const evidence = { get: async () => undefined, replace: async () => WRITTEN, listShard: async () => ({ items: [] }) };
  return once(`repair ${partition}`, async (ports) =>
    gather({ ...ports, evidence }, [await ports.stream.quarantined(partition)], NOW),
  );
}

const by = { jobId: JOB_ID, actor: 'operator', verified: false, reason: 'model' };

export const byHand = {
  promote: () => once('promote by hand', (ports) => promote(ports, { ...by, force: true }, clock)),
  demote: () => once('demote by hand', (ports) => demote(ports, by, clock)),
  hold: () => once('hold by hand', (ports) => hold(ports, by, clock)),
  pause: () => once('pause', (ports) => pause(ports, { actor: 'operator', reason: 'model' }, NOW)),
  resume: () => once('resume', (ports) => resume(ports)),
};

/** Puts the item back by hand, past every condition: the phase of another time under the present version. */
export function restore(phase: Phase): Program {
  return once(`restore to ${phase}`, (ports) => ports.hand.restore(phase));
}
