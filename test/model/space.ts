/**
 * The space of one scenario: which number of a state's vector stands for what, and the steps that lead out of a state.
 * Steps are computed once for each pair of an actor's node and a slot's value, by the real code, and then only looked up.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import type { Controls } from '../../lib/domain/controls.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { formatToken } from '../../lib/domain/token.ts';
import { Actors, type Edge, type Node, type Program } from './actor.ts';
import { Interner } from './interner.ts';
import { applyCall, type DestinationSlot, type HistorySlot, type JobSlot, type Rules, type TeamSlot } from './world.ts';

/** What the records hold when a scenario begins. */
export interface World {
  job: JobSlot;
  claims: Readonly<Record<string, Claim | null>>;
  controls: Controls;
  evidence: Evidence;
  /** Where a team has a say. */
  team?: TeamSlot;
  /** Which of the two somebody writes; what nobody writes is read without a step. */
  changing?: readonly ('controls' | 'evidence')[];
}

export class Space {
  readonly partitions: readonly string[];
  readonly actors: Actors;
  readonly values = new Interner<unknown>();
  readonly slots: readonly string[];
  /** Where the actors' nodes begin in a vector; the slots are before it, the number of faults left is the last of them. */
  readonly firstActor: number;
  readonly #slotNumbers: ReadonlyMap<string, number>;
  readonly #rules: Rules;
  readonly #world: World;
  readonly #constants: ReadonlyMap<string, unknown>;

  constructor(world: World, rules: Rules, exact: boolean) {
    this.partitions = Object.keys(world.claims);
    this.#world = world;
    this.#rules = rules;
    this.actors = new Actors(this.partitions, exact);
    const records = this.partitions.flatMap((name) => [`claim ${name}`, `destination ${name}`]);
    const team = world.team ? ['team'] : [];
    this.slots = ['job', 'history', 'controls', 'evidence', 'wire', ...team, ...records, 'faults'];
    this.#slotNumbers = new Map(this.slots.map((name, number) => [name, number]));
    this.firstActor = this.slots.length;
    const fixed = (['controls', 'evidence'] as const).filter((slot) => !world.changing?.includes(slot));
    this.#constants = new Map(fixed.map((slot) => [slot, world[slot]]));
  }

  slotOf(name: string): number {
    const number = this.#slotNumbers.get(name);
    if (number === undefined) throw new Error(`${name} is no slot of this scenario (${this.slots.join(', ')})`);
    return number;
  }

  get faults(): number {
    return this.firstActor - 1;
  }

  async start(faults: number, programs: readonly Program[]): Promise<Int32Array> {
    const { job, controls, evidence, claims } = this.#world;
    const values = new Map<string, unknown>(Object.entries({ job, controls, evidence, history: {}, wire: null }));
    if (this.#world.team) values.set('team', this.#world.team);
    for (const name of this.partitions) {
      values.set(`claim ${name}`, claims[name]);
      values.set(`destination ${name}`, shownFor(claims[name]));
    }
    const vector = new Int32Array(this.firstActor + programs.length);
    for (const [slot, value] of values) vector[this.slotOf(slot)] = this.values.idOf(value);
    vector[this.faults] = faults;
    for (const [i, program] of programs.entries()) vector[this.firstActor + i] = (await this.begin(program)).id;
    return vector;
  }

  read<T>(vector: Int32Array, slot: string): T {
    return this.values.valueOf(vector[this.slotOf(slot)]!) as T;
  }

  job(vector: Int32Array): JobSlot {
    return this.read(vector, 'job');
  }

  /** Of a scenario without a team: nobody was asked. */
  team(vector: Int32Array): TeamSlot | undefined {
    return this.#world.team && this.read(vector, 'team');
  }

  history(vector: Int32Array): HistorySlot {
    return this.read(vector, 'history');
  }

  claims(vector: Int32Array): Claim[] {
    return this.partitions
      .map((name) => this.read<Claim | null>(vector, `claim ${name}`))
      .filter((claim) => claim !== null);
  }

  nodeOf(vector: Int32Array, actor: number): Node {
    return this.actors.nodes[vector[this.firstActor + actor]!]!;
  }

  async begin(program: Program): Promise<Node> {
    return this.#passConstants(await this.actors.begin(program));
  }

  /** Reading what nobody writes commutes with every step of anybody, so it is no step of its own. */
  async #passConstants(node: Node): Promise<Node> {
    let passed = node;
    while (passed.request && this.#constants.has(passed.request.slot)) {
      passed = await this.actors.follow(passed, this.#constants.get(passed.request.slot));
    }
    return passed;
  }

  /** Changes the vector by this step of the actor. */
  take(vector: Int32Array, actor: number, slot: number, edge: Edge): void {
    vector[slot] = edge.value;
    vector[this.firstActor + actor] = edge.child.id;
    if (edge.fault) vector[this.faults] = vector[this.faults]! - 1;
  }

  /** Every way in which the node's request may be answered; once computed they are in `node.edges`. */
  async edges(node: Node, value: number): Promise<Edge[]> {
    const edges: Edge[] = [];
    if (!node.request) return edges;
    for (const { answer, value: after, fault } of await applyCall(
      node.request,
      this.values.valueOf(value),
      this.#rules,
    )) {
      const child = await this.#passConstants(await this.actors.follow(node, answer));
      edges.push({ child, value: this.values.idOf(after), answer, fault: fault ?? false });
    }
    node.edges.set(value, edges);
    return edges;
  }
}

function shownFor(claim: Claim | null | undefined): DestinationSlot | null {
  if (!claim?.published) return null;
  const { token, checksum, system } = claim.published;
  return { token: formatToken(token), checksum, by: system };
}
