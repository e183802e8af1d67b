/**
 * Runs of a pipeline. A run does what the integration guide asks: assign, stage, land, publish with the token, confirm,
 * around the real use cases. A crash needs no actor: one that is never continued has crashed, and the explorer tries that
 * everywhere; a zombie is one that is continued late.
 */
import { type AssignAnswer, assign } from '../../lib/controller/assign.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import type { System } from '../../lib/domain/phases.ts';
import type { Program, Right } from './actor.ts';
import { JOB_ID, NOW } from './calls.ts';

export interface RunOptions {
  partition?: string;
  /** What it computed. Two runs of one system may differ: a bug, a correction, another input. */
  content?: string;
  /** By default as the integration guide says: that of the landing for the same content, one more for other content. */
  attempt?: number | 'left out';
  /** Publishes and confirms this instead of what it landed. */
  publishes?: string;
  /** It has landed under this token, and was stopped before it published: it goes on there. */
  landedUnder?: string;
  /** Leaves a copy of its landing on the wire, to be delivered once more by `redelivery`. */
  copied?: boolean;
}

type RunAt =
  | { stage: 'assign' }
  | { stage: 'copy' | 'land'; table: 'production' | 'shadow'; token: string; attempt?: number }
  | { stage: 'publish' | 'confirm'; token: string; content: string };

/** One run of a system's pipeline for one partition, from its assign to its confirmation. */
export function run(system: System, options: RunOptions = {}): Program<RunAt> {
  const { partition = 'p1', content = 'right', attempt, publishes = content, landedUnder, copied = false } = options;
  const of = { jobId: JOB_ID, partition, system };
  return {
    name: nameOf(system, options),
    start: landedUnder === undefined ? { stage: 'assign' } : { stage: 'publish', token: landedUnder, content },
    async advance(ports, at) {
      switch (at.stage) {
        case 'assign': {
          const answer = await assign(ports, of, NOW);
          if (isRefusal(answer) || answer.write === 'nothing' || !answer.token) return undefined;
          const { token, write: table } = answer;
          // The right that was answered is the accepted landing's own: what it staged is published, nothing is landed.
          if (answer.landed?.token === token && table === 'production')
            return { stage: 'publish', token, content: answer.landed.checksum };
          const next = attempt ?? nextAttempt(answer.landed, content);
          return { stage: copied ? 'copy' : 'land', table, token, ...(next !== 'left out' && { attempt: next }) };
        }
        case 'copy':
          await ports.wire.copy({ token: at.token, attempt: at.attempt });
          return { ...at, stage: 'land' };
        case 'land': {
          const answer = await land(ports, { ...of, token: at.token, report: reportOf(content, at.attempt) }, NOW);
          return isRefusal(answer) || answer.table === 'shadow'
            ? undefined
            : { stage: 'publish', token: at.token, content: publishes };
        }
        case 'publish':
          return (await ports.destination.publish(partition, system, at.token, at.content))
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

function nextAttempt(landed: AssignAnswer['landed'], content: string): number {
  if (!landed) return 1;
  return landed.checksum === content ? landed.attempt : landed.attempt + 1;
}

/** Says all that tells two runs apart: of equal names only one is looked at. */
function nameOf(
  system: System,
  { partition = 'p1', content, attempt, publishes, landedUnder, copied }: RunOptions,
): string {
  const traits = [
    ...(content === undefined ? [] : [content]),
    ...(attempt === undefined ? [] : [attempt === 'left out' ? 'no attempt' : `attempt ${attempt}`]),
    ...(publishes === undefined ? [] : [`publishes ${publishes}`]),
    ...(landedUnder === undefined ? [] : ['landed']),
    ...(copied ? ['copied'] : []),
  ];
  return `${system} ${partition}${traits.length > 0 ? ` (${traits.join(', ')})` : ''}`;
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
export function redelivery(system: System, options: RunOptions = {}): Program {
  const { partition = 'p1', content = 'right' } = options;
  return {
    name: `copy of ${nameOf(system, options)}`,
    start: { stage: 'take' },
    async advance(ports) {
      const { token, attempt } = (await ports.wire.take()) as { token: string; attempt?: number };
      await land(ports, { jobId: JOB_ID, partition, system, token, report: reportOf(content, attempt) }, NOW);
      return undefined;
    },
  };
}

export function reportOf(content: string, attempt?: number) {
  return {
    ...(attempt !== undefined && { attempt }),
    rowCount: content === 'rounded' ? 2 : 1,
    checksum: content,
    checksumAlgorithm: 'model',
    landedAt: NOW,
    kind: 'scheduled' as const,
    final: true,
  };
}
