/**
 * The closing round: everybody who has not finished has crashed, a sweep settles what is left, the systems that the phase
 * still runs work off what is owed, and an operator moves the job on. Whatever state this begins in, it must end with every
 * claimed partition published as its claim says, or owed by a system that the phase no longer runs, every transition in
 * the history exactly once, and no dead end.
 */
import { type Claim, isPublished, isQuarantined, owedReason } from '../../lib/domain/claim.ts';
import { type Phase, productionWriter, SYSTEMS, type System, shadowWriter } from '../../lib/domain/phases.ts';
import type { Program } from './actor.ts';
import { Checks } from './checks.ts';
import type { Broken } from './claim-invariants.ts';
import { byHand, sweep, transit } from './control.ts';
import { run } from './runs.ts';
import type { Space } from './space.ts';
import { renderStep } from './trace.ts';

export interface Unclosed {
  message: string;
  steps: string[];
}

/** More than any program of the closing round asks: one that asks more does not end. */
const MAX_STEPS = 200;
const ROUNDS = 3;
const REPAIR: readonly Phase[] = ['cleanup', 'reverse-shadow', 'shadow'];

export class Closing {
  readonly #space: Space;
  readonly #checks: Checks;
  readonly #vector: Int32Array;
  readonly #jobsTried = new Set<number>();

  constructor(space: Space) {
    this.#space = space;
    this.#checks = new Checks(space);
    this.#vector = new Int32Array(space.firstActor + 1);
  }

  async tryFrom(state: Int32Array): Promise<Unclosed | undefined> {
    this.#vector.set(state.subarray(0, this.#space.firstActor));
    const steps = ['-- the others crashed; the closing round:'];
    const message = (await this.#close(steps)) ?? (await this.#moveOn(state[this.#space.slotOf('job')]!, steps));
    return message === undefined ? undefined : { message, steps };
  }

  async #close(steps: string[]): Promise<Broken> {
    const settled = (await this.#perform(sweep(), steps)) ?? this.#checkHistory();
    if (settled) return settled;
    // A landing of one round may open a quarantine that the next one repairs.
    let open: Broken;
    for (let round = 0; round < ROUNDS; round++) {
      const broken = (await this.#demoteQuarantined(steps)) ?? (await this.#workOff(steps));
      if (broken) return broken;
      open = this.#findUnpublished();
      if (!open) return this.#checkHistory();
    }
    return open;
  }

  get #claims(): Claim[] {
    return this.#space.claims(this.#vector);
  }

  get #phase(): Phase {
    return this.#space.job(this.#vector).job.phase;
  }

  get #alive(): System[] {
    const { phase } = this.#space.job(this.#vector).job;
    return SYSTEMS.filter((system) => [productionWriter(phase), shadowWriter(phase)].includes(system));
  }

  async #demoteQuarantined(steps: string[]): Promise<Broken> {
    for (const [i, phase] of REPAIR.slice(0, -1).entries()) {
      if (this.#phase !== phase || !this.#claims.some(isQuarantined)) continue;
      const broken = await this.#perform(transit(phase, REPAIR[i + 1]!), steps);
      if (broken) return broken;
    }
    return undefined;
  }

  async #workOff(steps: string[]): Promise<Broken> {
    for (const { partition } of this.#claims) {
      for (const system of this.#alive) {
        const broken = await this.#perform(run(system, { partition }), steps);
        if (broken) return broken;
      }
    }
    return undefined;
  }

  #findUnpublished(): Broken {
    for (const claim of this.#claims) {
      const owed = owedReason(claim);
      if (!owed && isPublished(claim)) continue;
      // Landed by a system that was stopped before it published: listed, until the job goes back to where it runs.
      if (owed?.reason === 'not-published' && !this.#alive.includes(claim.writer)) continue;
      return `1: ${claim.partition} stays ${owed?.reason} although ${this.#alive.join(' and ')} came back in ${this.#phase}`;
    }
    return undefined;
  }

  #checkHistory(): Broken {
    const { job, past } = this.#space.job(this.#vector);
    const history = this.#space.history(this.#vector);
    const records = [...past, job].flatMap((known) => [known.lastTransition, known.lastOverride]);
    for (const record of records) {
      const kept = record && history[record.version];
      if (record && kept?.record.type !== record.type)
        return `2: the ${record.type} of version ${record.version} is not in the history`;
    }
    const twice = Object.values(history).find(({ writes }) => writes > 1);
    if (twice)
      return `2: the ${twice.record.type} of version ${twice.record.version} is told to the outside ${twice.writes} times`;
    const moves = Object.values(history).filter(
      ({ record }) => record.type === 'promotion' || record.type === 'demotion',
    );
    return moves.length === past.length ? undefined : `2: ${past.length} phase changes left ${moves.length} records`;
  }

  /** Invariant 10, once for each content of the job: onward to cleanup, and back to shadow. */
  async #moveOn(job: number, steps: string[]): Promise<Broken> {
    if (this.#jobsTried.has(job)) return undefined;
    this.#jobsTried.add(job);
    for (const [verb, goal] of [
      ['promote', 'cleanup'],
      ['demote', 'shadow'],
    ] as const) {
      for (let moves = 0; moves < REPAIR.length; moves++) {
        const { phase } = this.#space.job(this.#vector).job;
        if (phase === 'complete' || phase === goal) break;
        const broken = await this.#perform(byHand[verb](), steps);
        if (broken) return broken;
        if (this.#space.job(this.#vector).job.phase === phase)
          return `10: an operator cannot ${verb} the job from ${phase}`;
      }
    }
    return this.#checkHistory();
  }

  async #perform(program: Program, steps: string[]): Promise<Broken> {
    const space = this.#space;
    let node = await space.begin(program);
    for (let step = 0; node.request; step++) {
      const slot = space.slotOf(node.request.slot);
      const before = this.#vector[slot]!;
      const [edge] = node.edges.get(before) ?? (await space.edges(node, before));
      if (!edge || step > MAX_STEPS) return `10: ${program.name} does not end`;
      steps.push(renderStep(space, node, before, edge));
      const broken = edge.value === before ? undefined : this.#checks.step(this.#vector, slot, edge.value, node);
      this.#vector[slot] = edge.value;
      const wrong = broken ?? this.#checks.state(this.#vector, 0);
      if (wrong) return wrong;
      node = edge.child;
    }
    return undefined;
  }
}
