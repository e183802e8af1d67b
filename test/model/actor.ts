/**
 * An actor is an async program over the model's ports. What it does next is a function of where it is and of the answers
 * it got so far, so its local state is a node in a tree: program, checkpoint, answers. To find a node's next request the
 * real code is run again from its checkpoint with those answers, on ports whose next call never returns. At a checkpoint
 * a program forgets everything but what the checkpoint says; protocol code runs between two of them, never across one.
 */
import { type Call, isLost, type ModelPorts } from './calls.ts';
import { canonical, Interner } from './interner.ts';
import { portsOver } from './ports.ts';

export interface Checkpoint {
  stage: string;
}

export interface Program<At extends Checkpoint = Checkpoint> {
  name: string;
  start: At;
  /** Runs from a checkpoint to the next one; `undefined` when the actor has finished. */
  advance(ports: ModelPorts, at: At): Promise<At | undefined>;
  /** The right to write production that an actor holds at this checkpoint and has not used. */
  right?(at: At): Right | undefined;
  /**
   * Whatever write it loses, it begins again at its checkpoint, and has kept nothing but the number of its tries. Merging
   * the two saves more than half of the states; `exact` explorations do not, and show that it makes no difference.
   */
  startsOver?: boolean;
  /** The part of an answer that it can see: the rest of it must not tell states apart, and throws when it is read. */
  sees?(call: Call, answer: unknown): unknown;
}

export interface Right {
  partition: string;
  token: string;
}

export interface Node {
  id: number;
  actor: string;
  at: Checkpoint;
  program: Program | undefined;
  answers: readonly { call: Call; answer: unknown }[];
  /** What it asks for next; absent when it has finished. */
  request?: Call;
  right?: Right;
  /** By the number of the slot's value. */
  edges: Map<number, Edge[]>;
  children: Map<number, Node>;
}

/** One way in which a request may be answered. */
export interface Edge {
  /** The number of the slot's value afterwards. */
  value: number;
  child: Node;
  answer: unknown;
  /** Costs one of the scenario's faults. */
  fault: boolean;
}

export class Actors {
  readonly nodes: Node[] = [];
  readonly finished: Node;
  readonly #partitions: readonly string[];
  readonly #exact: boolean;
  readonly #roots = new Map<string, Node>();
  readonly #answers = new Interner<unknown>();

  constructor(partitions: readonly string[], exact: boolean) {
    this.#partitions = partitions;
    this.#exact = exact;
    this.finished = this.#add({ actor: 'nobody', at: { stage: 'finished' }, program: undefined, answers: [] });
  }

  async begin(program: Program): Promise<Node> {
    return this.#enter(program, program.start);
  }

  /** The node after this answer to the node's request. */
  async follow(node: Node, given: unknown): Promise<Node> {
    const answer = node.program?.sees && node.request ? node.program.sees(node.request, given) : given;
    const key = this.#answers.idOf(answer);
    const known = node.children.get(key);
    if (known) return known;
    const { program, request } = node;
    if (!program || !request) throw new Error(`${node.actor} has finished, nothing can be answered`);
    if (program.startsOver && !this.#exact && isLost(answer)) return this.#enter(program, node.at);
    const answers = [...node.answers, { call: request, answer: this.#answers.valueOf(key) }];
    const child = await this.#run(program, node.at, answers);
    node.children.set(key, child);
    return child;
  }

  async #enter(program: Program, at: Checkpoint | undefined): Promise<Node> {
    if (!at) return this.finished;
    const key = `${program.name} ${canonical(at)}`;
    const known = this.#roots.get(key);
    if (known) return known;
    const root = await this.#run(program, at, []);
    this.#roots.set(key, root);
    return root;
  }

  async #run(program: Program, at: Checkpoint, answers: Node['answers']): Promise<Node> {
    let asked = 0;
    let open: ((call: Call) => void) | undefined;
    const request = new Promise<Call>((resolve) => {
      open = resolve;
    });
    const ports = portsOver((call) => {
      const known = answers[asked];
      asked += 1;
      if (known) return Promise.resolve(known.answer);
      if (asked > answers.length + 1)
        throw new Error(`${program.name} asks two things at once, which the model cannot order`);
      open?.(call);
      return new Promise(() => {});
    }, this.#partitions);
    const ended = program.advance(ports, at).then((next) => ({ next }));
    const outcome = await Promise.race([ended, request]);
    if ('next' in outcome) return this.#enter(program, outcome.next);
    const right = program.right?.(at);
    return this.#add({ actor: program.name, at, program, answers, request: outcome, ...(right && { right }) });
  }

  #add(node: Omit<Node, 'id' | 'edges' | 'children'>): Node {
    const added = { ...node, id: this.nodes.length, edges: new Map(), children: new Map() };
    this.nodes.push(added);
    return added;
  }
}
