/** Makes a path through a scenario's states readable: who asks what, what it is answered, and what the record then says. */
import { type Claim, isQuarantined } from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import type { Edge, Node } from './actor.ts';
import { isLost, isWritten } from './calls.ts';
import { shortToken } from './claim-invariants.ts';
import type { Exploration } from './explore.ts';
import type { Space } from './space.ts';
import type { StateTable } from './state-table.ts';
import type { Twins } from './twins.ts';
import type { DestinationSlot, JobSlot } from './world.ts';

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

export function renderStep(space: Space, { actor, request }: Node, before: number, edge: Edge): string {
  if (!request) return `${actor}: finished`;
  const slot = request.slot.includes(' ') ? ` ${request.slot.split(' ')[1]}` : '';
  const read = request.args[1] === 'eventual' ? ' (eventual)' : '';
  const lost = edge.fault ? ' (it was written, the answer is lost)' : '';
  const change = edge.value === before ? '' : `; now ${describe(request.slot, space.values.valueOf(edge.value))}`;
  return `${actor}: ${request.port}.${request.method}${slot}${read} -> ${describeAnswer(request.slot, edge.answer)}${lost}${change}`;
}

function describeAnswer(slot: string, answer: unknown): string {
  if (typeof answer === 'boolean') return answer ? 'shown' : 'refused';
  if (Array.isArray(answer)) return answer.map((one) => describe(slot, one)).join(' and ') || 'none';
  if (isWritten(answer)) return 'written';
  if (isLost(answer)) return `lost to ${(answer as { lost: string }).lost}`;
  return describe(slot, answer);
}

function describe(slot: string, value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (slot.startsWith('claim ')) return describeClaim(value as Claim);
  if (slot === 'job') return describeJob('past' in (value as JobSlot) ? (value as JobSlot).job : (value as Job));
  if (slot === 'history') return `versions ${Object.keys(value).join(', ')}`;
  if (slot.startsWith('destination '))
    return `${(value as DestinationSlot).checksum} of ${(value as DestinationSlot).by} shown`;
  return JSON.stringify(value);
}

function describeJob({ phase, epoch, version, hold, lastTransition }: Job): string {
  const open = lastTransition?.settled === false ? ', not settled' : '';
  return `${phase}, epoch ${epoch}, version ${version}${open}${hold ? ', held' : ''}`;
}

function describeClaim(claim: Claim): string {
  const { writer, epoch, production, shadow, published } = claim;
  const landing = (name: string, of?: Landing) => (of ? [`${name} ${of.checksum} by ${of.system}`] : []);
  return [
    `writer ${writer} of epoch ${epoch}`,
    `right ${shortToken(claim)}${claim.rightOutstanding ? ' given' : ''}`,
    ...landing('production', production),
    ...landing('shadow', shadow),
    ...(published ? [`published ${shortToken(published.token)}`] : []),
    ...(isQuarantined(claim) ? ['quarantined'] : []),
  ].join(', ');
}

/** Empty when there is none, so that a test that expects nothing shows the trace. */
export function renderViolation({ scenario, violation }: Exploration): string {
  if (!violation) return '';
  return [`${scenario}: ${violation.message}`, ...violation.steps.map((step) => `  ${step}`)].join('\n');
}

export function renderCounts(explored: readonly Exploration[]): string {
  const sum = (of: 'states' | 'transitions' | 'worlds') => explored.reduce((total, one) => total + one[of], 0);
  const total = { scenario: 'all', states: sum('states'), transitions: sum('transitions'), worlds: sum('worlds') };
  const lines = [...explored, total].map(({ scenario, states, transitions, worlds }) =>
    [scenario.padEnd(32), ...[states, transitions, worlds].map((n) => n.toLocaleString('en').padStart(12))].join(''),
  );
  return [`${'scenario'.padEnd(32)}      states       steps     records`, ...lines].join('\n');
}
