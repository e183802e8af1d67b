/**
 * Explores every interleaving of a scenario's actors, breadth first, so that what breaks an invariant first is a shortest
 * trace. An actor that never moves again is one that crashed, so each state also is one in which whoever has not finished
 * has crashed: from each content of the records the closing round is tried, and must bring everything in order.
 */
import type { ClauseName } from '../../lib/controller/clauses.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { GuardName } from '../../lib/domain/guards.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Edge, Node, Program } from './actor.ts';
import { Checks } from './checks.ts';
import type { Broken } from './claim-invariants.ts';
import { Closing } from './closing.ts';
import { Space, type World } from './space.ts';
import { StateTable } from './state-table.ts';
import { renderStep, renderTrace } from './trace.ts';
import { Twins } from './twins.ts';
import type { HistorySlot, Removed, TeamSlot } from './world.ts';

export interface Scenario {
  name: string;
  /** One sentence for people: what happens at the same time. */
  story: string;
  world: World;
  actors: readonly Program[];
  /** Writes that take place and whose answer is lost. None by default. */
  lostAnswers?: number;
  /** Eventually consistent reads may answer any earlier phase. Not by default. */
  staleReads?: boolean;
  /** What must hold when nobody has crashed and all have finished. */
  atRest?(end: {
    job: Job;
    history: HistorySlot;
    claims: Claim[];
    evidence: Evidence;
    team: TeamSlot | undefined;
  }): Broken;
  /** The clauses and guards without which this scenario finds a violation. */
  shows?: readonly (ClauseName | GuardName | 'destination-fence')[];
}

export interface ExploreOptions {
  without?: Removed | undefined;
  /** Merges no states on the ground that a use case starts over after a lost race. */
  exact?: boolean;
  /** More states than this are an error. */
  limit?: number;
}

export interface Exploration {
  scenario: string;
  states: number;
  transitions: number;
  /** Different contents of the records; from each the closing round was tried. */
  worlds: number;
  seconds: number;
  violation?: { message: string; steps: readonly string[] };
}

export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<Exploration> {
  const { without, exact = false, limit = 50_000_000 } = options;
  const began = performance.now();
  const space = new Space(scenario.world, { without, staleReads: scenario.staleReads ?? false }, exact);
  const first = await space.start(scenario.lostAnswers ?? 0, scenario.actors);
  const twins = new Twins(scenario.actors, space.firstActor);
  const states = new StateTable(first.length);
  const worlds = new StateTable(space.faults);
  const checks = new Checks(space);
  const closing = new Closing(space);
  const state = new Int32Array(first.length);
  const next = new Int32Array(first.length);
  let transitions = 0;

  const report = (): Exploration => ({
    scenario: scenario.name,
    states: states.count,
    transitions,
    worlds: worlds.count,
    seconds: (performance.now() - began) / 1000,
  });
  const violated = (message: string, at: number, node: Node, before: number, edge: Edge, rest: string[] = []) => {
    const steps = [...renderTrace(space, states, twins, at), renderStep(space, node, before, edge), ...rest];
    return { ...report(), violation: { message, steps } };
  };

  states.add(first, -1);
  for (let at = 0; at < states.count; at++) {
    if (states.count > limit) throw new Error(`${scenario.name} has more than ${limit} states: make it smaller`);
    states.read(at, state);
    for (let actor = 0; actor < scenario.actors.length; actor++) {
      const node = space.nodeOf(state, actor);
      if (!node.request) continue;
      const slot = space.slotOf(node.request.slot);
      const before = state[slot]!;
      for (const edge of node.edges.get(before) ?? (await space.edges(node, before))) {
        if (edge.fault && state[space.faults] === 0) continue;
        transitions += 1;
        next.set(state);
        space.take(next, actor, slot, edge);
        const wrongStep = edge.value === before ? undefined : checks.step(state, slot, edge.value, node);
        if (wrongStep) return violated(wrongStep, at, node, before, edge);
        twins.sort(next);
        if (!states.add(next, at)) continue;
        const wrong = checks.state(next, scenario.actors.length) ?? checkRest(scenario, space, next);
        if (wrong) return violated(wrong, at, node, before, edge);
        if (!worlds.add(next.subarray(0, space.faults), -1)) continue;
        const unclosed = await closing.tryFrom(next);
        if (unclosed) return violated(unclosed.message, at, node, before, edge, unclosed.steps);
      }
    }
  }
  return report();
}

function checkRest({ atRest, actors }: Scenario, space: Space, state: Int32Array): Broken {
  if (!atRest || actors.some((_, actor) => space.nodeOf(state, actor).request)) return undefined;
  const { job } = space.job(state);
  return atRest({
    job,
    history: space.history(state),
    claims: space.claims(state),
    evidence: space.read(state, 'evidence'),
    team: space.team(state),
  });
}
