/**
 * The closing round: everybody who has not finished has crashed, a sweep settles what is left, the systems that the phase
 * still runs work off what is owed, then an operator moves the job on and back. Whatever state this begins in, every
 * transition must end up in the history exactly once, every claimed partition published as its claim says, and no phase
 * may be a dead end.
 */
import { type Claim, isPublished, isQuarantined, owedReason } from '../../lib/domain/claim.ts';
import { type Phase, productionWriter, SYSTEMS, type System, shadowWriter } from '../../lib/domain/phases.ts';
import type { Edge, Node, Program } from './actor.ts';
import { Checks } from './checks.ts';
import type { Broken } from './claim-invariants.ts';
import { byHand, sweep, transit } from './control.ts';
import { checkHistory } from './job-invariants.ts';
import { run } from './runs.ts';
import type { Space } from './space.ts';
import { renderStep } from './trace.ts';

export interface Unclosed {
  message: string;
  steps: string[];
}

/** More than any program of the closing round asks: one that asks more does not end. */
const MAX_STEPS = 200;
/** A landing of one round may open a quarantine that the next one repairs. */
const ROUNDS = 3;
const BACKWARDS: readonly Phase[] = ['cleanup', 'reverse-shadow', 'shadow'];

export class Closing {
  readonly #space: Space;
  readonly #checks: Checks;
  readonly #vector: Int32Array;
  #taken: { node: Node; before: number; edge: Edge }[] = [];

  constructor(space: Space) {
    this.#space = space;
    this.#checks = new Checks(space);
    this.#vector = new Int32Array(space.firstActor + 1);
  }

  async tryFrom(state: Int32Array): Promise<Unclosed | undefined> {
    this.#vector.set(state.subarray(0, this.#space.firstActor));
    this.#taken = [];
    const message = (await this.#close()) ?? (await this.#moveOn());
    if (message === undefined) return undefined;
    const steps = this.#taken.map(({ node, before, edge }) => renderStep(this.#space, node, before, edge));
    return { message, steps: ['-- whoever has not finished has crashed; the closing round:', ...steps] };
  }

  async #close(): Promise<Broken> {
    const settled = (await this.#perform(sweep())) ?? this.#checkHistory();
    if (settled) return settled;
    const before = this.#vector.slice();
    const taken = this.#taken.length;
    const broken = await this.#finishLanded();
    if (broken) return broken;
    // And as if it never came back: the others have to do without it.
    this.#vector.set(before);
    this.#taken.length = taken;
    return this.#workOff();
  }

  /** Who has landed and not published can finish it alone, also after production was taken from it. */
  async #finishLanded(): Promise<Broken> {
    for (const { partition, writer, production } of this.#claims.filter((claim) => !isPublished(claim))) {
      if (production?.system !== writer || !this.#alive.includes(writer)) continue;
      const broken = await this.#perform(run(writer, { partition }));
      if (broken) return broken;
      const after = this.#claims.find((claim) => claim.partition === partition)!;
      if (!isPublished(after) && !isQuarantined(after))
        return `1: ${partition} was landed by ${writer}, which came back and cannot finish it`;
    }
    return undefined;
  }

  async #workOff(): Promise<Broken> {
    for (let round = 0; round < ROUNDS; round++) {
      const broken = (await this.#demoteQuarantined()) ?? (await this.#rerun());
      if (broken) return broken;
      if (!this.#findUnpublished()) break;
    }
    return this.#findUnpublished() ?? this.#checkHistory();
  }

  #findUnpublished(): Broken {
    const open = this.#claims.find((claim) => owedReason(claim) !== undefined || !isPublished(claim));
    if (!open) return undefined;
    return `1: ${open.partition} stays ${owedReason(open)?.reason} although ${this.#alive.join(' and ')} came back in ${this.#phase}`;
  }

  async #demoteQuarantined(): Promise<Broken> {
    for (const [i, phase] of BACKWARDS.slice(0, -1).entries()) {
      if (this.#phase !== phase || !this.#claims.some(isQuarantined)) continue;
      const broken = await this.#perform(transit(phase, BACKWARDS[i + 1]!));
      if (broken) return broken;
    }
    return undefined;
  }

  async #rerun(): Promise<Broken> {
    for (const { partition } of this.#claims) {
      for (const system of this.#alive) {
        const broken = await this.#perform(run(system, { partition }));
        if (broken) return broken;
      }
    }
    return undefined;
  }

  /** Invariant 10: onward to cleanup, and back to shadow, where both systems run and can finish whatever they have begun. */
  async #moveOn(): Promise<Broken> {
    // The two ends that are meant to be.
    const { job } = this.#space.job(this.#vector);
    if (job.phase === 'complete' || job.retired) return undefined;
    for (const { verb, goal } of [
      { verb: 'promote', goal: 'cleanup' },
      { verb: 'demote', goal: 'shadow' },
    ] as const) {
      for (let moves = 0; moves < BACKWARDS.length && this.#phase !== goal; moves++) {
        const from = this.#phase;
        const broken = await this.#perform(byHand[verb]());
        if (broken) return broken;
        if (this.#phase === from) return `10: an operator cannot ${verb} the job from ${from}`;
      }
    }
    return this.#workOff();
  }

  async #perform(program: Program): Promise<Broken> {
    const space = this.#space;
    let node = await space.begin(program);
    for (let steps = 0; node.request; steps++) {
      const slot = space.slotOf(node.request.slot);
      const before = this.#vector[slot]!;
      const [edge] = node.edges.get(before) ?? (await space.edges(node, before));
      if (!edge || steps === MAX_STEPS) return `10: ${program.name} does not end`;
      this.#taken.push({ node, before, edge });
      const wrongStep = edge.value === before ? undefined : this.#checks.step(this.#vector, slot, edge.value, node);
      this.#vector[slot] = edge.value;
      const wrong = wrongStep ?? this.#checks.state(this.#vector, 0);
      if (wrong) return wrong;
      node = edge.child;
    }
    return undefined;
  }

  #checkHistory(): Broken {
    return checkHistory(this.#space.job(this.#vector), this.#space.history(this.#vector));
  }

  get #claims(): Claim[] {
    return this.#space.claims(this.#vector);
  }

  get #phase(): Phase {
    return this.#space.job(this.#vector).job.phase;
  }

  get #alive(): System[] {
    return SYSTEMS.filter((system) => [productionWriter(this.#phase), shadowWriter(this.#phase)].includes(system));
  }
}
