/**
 * Explores every interleaving of a scenario's actors, breadth first, so that what breaks an invariant first is a shortest
 * trace. An actor that never moves again is one that crashed, so each state also is one in which whoever has not finished
 * has crashed: from each the closing round is tried, and must bring everything in order (`closing.ts`).
 */
import { Closing } from './closing.ts';
import { Checks } from './checks.ts';
import type { Program } from './actor.ts';
import { Space, type World } from './space.ts';
import { StateTable } from './state-table.ts';
import { Twins } from './twins.ts';
import { renderStep, renderTrace } from './trace.ts';
import type { Removed } from './world.ts';

export interface Scenario {
  name: string;
  /** One sentence for people: what happens at the same time. */
  story: string;
  world: World;
  actors: readonly Program[];
  /** Writes whose answer may be lost. None by default. */
  lostAnswers?: number;
  staleReads?: boolean;
}

export interface Violation {
  message: string;
  steps: readonly string[];
}

export interface Exploration {
  scenario: string;
  states: number;
  transitions: number;
  /** Different contents of the records, from each of which the closing round was tried. */
  worlds: number;
  nodes: number;
  seconds: number;
  violation?: Violation;
}

export interface ExploreOptions {
  without?: Removed | undefined;
  /** Merges no states on the ground that a use case starts over after a lost race. */
  exact?: boolean;
  /** More states than this are an error. */
  limit?: number;
}

export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<Exploration> {
  const { without, exact = false, limit = Number.POSITIVE_INFINITY } = options;
  const began = performance.now();
  const partitions = Object.keys(scenario.world.claims);
  const space = new Space(partitions, { without, staleReads: scenario.staleReads ?? false }, exact);
  const first = await space.start(scenario.world, scenario.lostAnswers ?? 0, scenario.actors);
  const table = new StateTable(first.length);
  const worlds = new StateTable(space.faults);
  const checks = new Checks(space);
  const closing = new Closing(space);
  const actors = scenario.actors.length;
  const twins = new Twins(scenario.actors, space.firstActor);
  const state = new Int32Array(first.length);
  const next = new Int32Array(first.length);
  let transitions = 0;

  const report = (message?: string, last: string[] = [], end?: { state: number; actor: number }): Exploration => ({
    scenario: scenario.name,
    states: table.count,
    transitions,
    worlds: worlds.count,
    nodes: space.actors.nodes.length,
    seconds: (performance.now() - began) / 1000,
    ...(message !== undefined && { violation: { message, steps: [...(end ? renderTrace(space, table, twins, end.state) : []), ...last] } }),
  });

  table.add(first, -1);
  for (let at = 0; at < table.count; at++) {
    table.read(at, state);
    for (let actor = 0; actor < actors; actor++) {
      const node = space.nodeOf(state, actor);
      if (!node.request) continue;
      const slot = space.slotOf(node.request.slot);
      const before = state[slot]!;
      for (const edge of node.edges.get(before) ?? (await space.edges(node, before))) {
        if (edge.fault && state[space.faults] === 0) continue;
        transitions += 1;
        next.set(state);
        space.take(next, actor, slot, edge);
        twins.sort(next);
        const broken = edge.value === before ? undefined : checks.step(state, slot, edge.value, node);
        const here = () => renderStep(space, node, before, edge);
        if (broken) return report(broken, [here()], { state: at, actor });
        if (!table.add(next, at)) continue;
        const wrong = checks.state(next, actors);
        if (wrong) return report(wrong, [here()], { state: at, actor });
        if (!worlds.add(next.subarray(0, space.faults), -1)) continue;
        const open = await closing.tryFrom(next);
        if (open) return report(open.message, [here(), ...open.steps], { state: at, actor });
      }
    }
    if (table.count > limit) throw new Error(`${scenario.name} has more than ${limit} states: make it smaller`);
  }
  return report();
}
