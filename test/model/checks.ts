/**
 * Calls the invariants on states and steps of the explorer, each pair of values only once: there are far fewer different
 * records than states.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import type { Controls } from '../../lib/domain/controls.ts';
import type { Node, Right } from './actor.ts';
import { type Broken, checkClaimStep, checkPartition, checkRights } from './claim-invariants.ts';
import { checkHooksStep } from './hook-invariants.ts';
import { checkControlsStep, checkJobStep } from './job-invariants.ts';
import type { Space } from './space.ts';
import type { DestinationSlot, HistorySlot, JobSlot } from './world.ts';

export class Checks {
  readonly #space: Space;
  readonly #seen = new Map<string, Broken>();
  readonly #job: number;
  readonly #history: number;
  readonly #controls: number;
  readonly #partitions: readonly { claim: number; destination: number }[];

  constructor(space: Space) {
    this.#space = space;
    this.#job = space.slotOf('job');
    this.#history = space.slotOf('history');
    this.#controls = space.slotOf('controls');
    this.#partitions = space.partitions.map((name) => ({
      claim: space.slotOf(`claim ${name}`),
      destination: space.slotOf(`destination ${name}`),
    }));
  }

  /** One write: this slot gets this value, by the actor at this node. */
  step(state: Int32Array, slot: number, after: number, node: Node): Broken {
    if (node.request?.port === 'hand') return undefined;
    const before = state[slot]!;
    const { values } = this.#space;
    const pair = <T>() => [values.valueOf(before) as T, values.valueOf(after) as T] as const;
    if (slot === this.#job) {
      const history = state[this.#history]!;
      const team = this.#space.team(state);
      const ofHooks =
        team &&
        this.#once(`hooks ${before} ${after} ${values.idOf(team)}`, () => checkHooksStep(...pair<JobSlot>(), team));
      return (
        ofHooks ??
        this.#once(`job ${before} ${after} ${history} ${node.id}`, () =>
          checkJobStep(...pair<JobSlot>(), values.valueOf(history) as HistorySlot, node.answers),
        )
      );
    }
    if (slot === this.#controls) {
      return this.#once(`controls ${before} ${after} ${node.id}`, () =>
        checkControlsStep(...pair<Controls>(), node.answers),
      );
    }
    if (!this.#partitions.some(({ claim }) => claim === slot)) return undefined;
    const asked = node.at.stage === 'assign';
    return this.#once(`claim ${before} ${after} ${state[this.#job]} ${asked}`, () => {
      const [old, next] = pair<Claim | null>();
      return checkClaimStep(old, next as Claim, this.#space.job(state), asked);
    });
  }

  state(state: Int32Array, actors: number): Broken {
    const { values } = this.#space;
    for (const { claim, destination } of this.#partitions) {
      const key = `partition ${state[claim]} ${state[destination]}`;
      const broken = this.#once(key, () =>
        checkPartition(
          values.valueOf(state[claim]!) as Claim | null,
          values.valueOf(state[destination]!) as DestinationSlot | null,
        ),
      );
      if (broken) return broken;
    }
    return this.#rights(state, actors);
  }

  #rights(state: Int32Array, actors: number): Broken {
    const rights: (Right & { actor: string })[] = [];
    for (let actor = 0; actor < actors; actor++) {
      const { right, actor: name } = this.#space.nodeOf(state, actor);
      if (right) rights.push({ ...right, actor: name });
    }
    if (rights.length < 2) return undefined;
    for (const { claim } of this.#partitions) {
      const broken = checkRights(this.#space.values.valueOf(state[claim]!) as Claim | null, rights);
      if (broken) return broken;
    }
    return undefined;
  }

  #once(key: string, check: () => Broken): Broken {
    const known = this.#seen.get(key);
    if (known !== undefined || this.#seen.has(key)) return known;
    const broken = check();
    this.#seen.set(key, broken);
    return broken;
  }
}
