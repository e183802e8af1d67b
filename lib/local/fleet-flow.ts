/**
 * How jobs moved in the last sweeps, since this process began: what the fleet view draws. Filled by the read model from
 * the ledgers and the history records as they are written; bounded.
 */
import type { HistoryRecord } from '../domain/transition.ts';
import { isTransition } from '../domain/transition.ts';
import type { FlowMove, FlowSweep } from '../view/fleet-flow.ts';

export const SWEEPS_KEPT = 60;

export class FleetFlow {
  readonly #sweeps: FlowSweep[] = [];

  beginSweep(sweepId: string, at: string): void {
    if (!this.#sweeps.some((sweep) => sweep.sweepId === sweepId)) this.#push({ sweepId, at, moves: [] });
  }

  /** What a person moved counts to the sweep before it. */
  take(record: HistoryRecord): void {
    if (!isTransition(record)) return;
    const { actor, at, from, to, type } = record;
    const byHand = actor.kind === 'operator';
    if (actor.kind === 'automation') this.beginSweep(actor.sweepId, at);
    else if (this.#sweeps.length === 0) this.#push({ sweepId: '', at, moves: [] });
    const sweep = byHand ? this.#sweeps.at(-1) : this.#sweeps.find(({ sweepId }) => sweepId === actor.sweepId);
    if (sweep) add(sweep.moves, { from, to, type, byHand, count: 1 });
  }

  /** Oldest first. */
  get sweeps(): readonly FlowSweep[] {
    return this.#sweeps;
  }

  #push(sweep: FlowSweep): void {
    this.#sweeps.push(sweep);
    this.#sweeps.splice(0, this.#sweeps.length - SWEEPS_KEPT);
  }
}

function add(moves: FlowMove[], move: FlowMove): void {
  const { from, to, byHand } = move;
  const known = moves.find((one) => one.from === from && one.to === to && one.byHand === byHand);
  if (known) known.count += 1;
  else moves.push(move);
}
