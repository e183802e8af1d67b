/**
 * The space of one scenario: which number of a state's vector stands for what, and the steps that lead out of a state.
 * Steps are computed once for each pair of an actor's node and a slot's value, by the real code, and then only looked up.
 */
import { Actors, type Edge, type Node, type Program } from './actor.ts';
import type { Controls } from '../../lib/domain/controls.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { Interner } from './interner.ts';
import { applyCall, type DestinationSlot, type HistorySlot, type JobSlot, type Rules } from './world.ts';

export interface World {
  job: JobSlot;
  controls: Controls;
  /** Somebody changes the controls. */
  controlled?: boolean;
  evidence: Evidence;
  claims: Readonly<Record<string, Claim | null>>;
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
  readonly #constants = new Map<string, unknown>();

  constructor(partitions: readonly string[], rules: Rules, exact = false) {
    this.partitions = partitions;
    this.#rules = rules;
    this.actors = new Actors(partitions, exact);
    const records = partitions.flatMap((name) => [`claim ${name}`, `destination ${name}`]);
    this.slots = ['job', 'history', 'controls', 'evidence', 'wire', ...records, 'faults'];
    this.#slotNumbers = new Map(this.slots.map((name, number) => [name, number]));
    this.firstActor = this.slots.length;
  }

  slotOf(name: string): number {
    const number = this.#slotNumbers.get(name);
    if (number === undefined) throw new Error(`${name} is no slot of this scenario (${this.slots.join(', ')})`);
    return number;
  }

  get faults(): number {
    return this.firstActor - 1;
  }

  async start(world: World, faults: number, programs: readonly Program[]): Promise<Int32Array> {
    const vector = new Int32Array(this.firstActor + programs.length);
    const put = (slot: string, value: unknown) => {
      vector[this.slotOf(slot)] = this.values.idOf(value);
    };
    put('job', world.job);
    put('history', {});
    put('controls', world.controls);
    put('evidence', world.evidence);
    this.#constants.set('evidence', world.evidence);
    if (!world.controlled) this.#constants.set('controls', world.controls);
    put('wire', null);
    for (const name of this.partitions) {
      put(`claim ${name}`, world.claims[name] ?? null);
      put(`destination ${name}`, publishedOf(world.claims[name]));
    }
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

  history(vector: Int32Array): HistorySlot {
    return this.read(vector, 'history');
  }

  claim(vector: Int32Array, partition: string): Claim | null {
    return this.read(vector, `claim ${partition}`);
  }

  destination(vector: Int32Array, partition: string): DestinationSlot | null {
    return this.read(vector, `destination ${partition}`);
  }

  nodeOf(vector: Int32Array, actor: number): Node {
    return this.actors.nodes[vector[this.firstActor + actor]!]!;
  }

  /** Changes the vector by this step of the actor. */
  take(vector: Int32Array, actor: number, slot: number, edge: Edge): void {
    vector[slot] = edge.value;
    vector[this.firstActor + actor] = edge.child.id;
    if (edge.fault) vector[this.faults] = vector[this.faults]! - 1;
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

  /** Every way in which the node's request may be answered now. Await only what is not there yet: see `knownEdges`. */
  async edges(node: Node, value: number): Promise<Edge[]> {
    const known = node.edges.get(value);
    if (known) return known;
    const edges: Edge[] = [];
    if (node.request) {
      for (const outcome of await applyCall(node.request, this.values.valueOf(value), this.#rules)) {
        const child = await this.#passConstants(await this.actors.follow(node, outcome.answer));
        edges.push({ child, value: this.values.idOf(outcome.value), answer: outcome.answer, fault: outcome.fault ?? false });
      }
    }
    node.edges.set(value, edges);
    return edges;
  }
}

function publishedOf(claim: Claim | null | undefined): DestinationSlot | null {
  if (!claim?.published) return null;
  const { token, checksum } = claim.published;
  const text = (n: number) => String(n).padStart(10, '0');
  return { token: `${text(token.generation)}.${text(token.grant)}`, checksum };
}
