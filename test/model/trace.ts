/** Makes a path through a scenario's states readable: who asks what, what it is answered, and what the record then says. */
import type { Claim } from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import type { Edge, Node } from './actor.ts';
import type { Space } from './space.ts';
import type { StateTable } from './state-table.ts';
import type { Twins } from './twins.ts';
import type { JobSlot } from './world.ts';

/** The steps from the first state to this one. */
export function renderTrace(space: Space, table: StateTable, twins: Twins, end: number): string[] {
  const path: Int32Array[] = [];
  for (let at = end; at >= 0; at = table.parentOf(at)) {
    const state = new Int32Array(table.width);
    table.read(at, state);
    path.unshift(state);
  }
  return path.slice(1).map((to, i) => renderDifference(space, twins, path[i]!, to));
}

/** The step that led from one state to the other, found by trying them all. */
function renderDifference(space: Space, twins: Twins, from: Int32Array, to: Int32Array): string {
  const next = new Int32Array(from.length);
  for (let actor = 0; space.firstActor + actor < from.length; actor++) {
    const node = space.nodeOf(from, actor);
    const slot = node.request ? space.slotOf(node.request.slot) : -1;
    for (const edge of node.edges.get(from[slot]!) ?? []) {
      next.set(from);
      space.take(next, actor, slot, edge);
      twins.sort(next);
      if (next.every((value, i) => value === to[i])) return renderStep(space, node, from[slot]!, edge);
    }
  }
  throw new Error('no step leads from one state of the trace to the next');
}

export function renderStep(space: Space, node: Node, before: number, edge: Edge): string {
  const { request } = node;
  if (!request) return `${node.actor}: finished`;
  const [first, second] = request.args;
  const slot = request.slot.replace(/^(job|history|controls|evidence|wire)$/, '');
  const what = [`${request.port}.${request.method}`, slot, second === 'eventual' ? '(eventual)' : '']
    .filter(Boolean)
    .join(' ');
  const change = edge.value === before ? '' : `; now ${describe(request.slot, space.values.valueOf(edge.value))}`;
  const asked = request.port === 'destination' ? ` ${String(second)}` : first === undefined ? '' : '';
  return `${node.actor}: ${what}${asked} -> ${describeAnswer(request.slot, edge.answer)}${edge.fault ? ' (its answer was lost)' : ''}${change}`;
}

function describeAnswer(slot: string, answer: unknown): string {
  if (typeof answer === 'boolean') return answer ? 'shown' : 'refused';
  if (answer === undefined || answer === null) return 'nothing';
  if (Array.isArray(answer)) return answer.length === 0 ? 'none' : answer.map((one) => describe(slot, one)).join();
  if (typeof answer === 'object' && 'written' in answer)
    return answer.written ? 'written' : `lost to ${'lost' in answer ? answer.lost : ''}`;
  return slot === 'job' ? describeJob(answer as Job) : describe(slot, answer);
}

function describe(slot: string, value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (slot.startsWith('claim ')) return describeClaim(value as Claim);
  if (slot === 'job') return describeJob('job' in (value as object) ? (value as JobSlot).job : (value as Job));
  if (slot === 'history') return `versions ${Object.keys(value).join(', ')}`;
  if (slot === 'evidence') return 'the evidence';
  return JSON.stringify(value);
}

function describeJob({ phase, epoch, version, hold, lastTransition }: Job): string {
  const settled = lastTransition && !lastTransition.settled ? ', not settled' : '';
  return `${phase} (epoch ${epoch}, version ${version}${settled}${hold ? ', held' : ''})`;
}

function describeClaim(claim: Claim): string {
  const { writer, epoch, generation, grant, production, shadow, published, quarantine } = claim;
  const landing = (name: string, of?: Landing) => (of ? `, ${name} ${of.checksum} by ${of.system}` : '');
  const open = quarantine && quarantine.clearedAt === undefined ? ', quarantined' : '';
  return `writer ${writer} (epoch ${epoch}), right ${generation}.${grant}${claim.rightOutstanding ? ' given' : ''}${landing('production', production)}${landing('shadow', shadow)}${published ? `, published ${published.token.generation}.${published.token.grant}` : ''}${open}`;
}
