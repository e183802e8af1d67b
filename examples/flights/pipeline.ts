/**
 * How one system delivers partitions under the protocol: assign, compute and stage, land, publish, confirm. `worker.ts`
 * calls it with what the driver asks for. Both systems use it, as two teams would use one client library; what a
 * partition contains is for `compute` to say. A refusal is a normal answer: the output is thrown away, and the system
 * asks again.
 */
import type { Controller, PartitionId, Refused } from './client.ts';
import { type Delivery, type DeliveryParts, type Run, stageDelivery, startRun } from './delivery.ts';
import type { FailedReport, FencedReport, Tally } from './protocol.ts';

export interface PipelineParts extends DeliveryParts {
  controller: Controller;
  report: (report: FencedReport | FailedReport) => void;
}

/** Why partitions run. Only a scheduled run is held against latency, and it says since when its source is ready. */
export type Occasion = { kind: 'scheduled'; readyAt: string } | { kind: 'backfill' };

interface Refusal extends Refused {
  delivery: Delivery;
  at: FencedReport['at'];
}

/** Small, so that what was assigned at the beginning of a day lands over the whole of it. */
const LAND_BATCH_SIZE = 8;
/** Each round but the first answers a phase change in flight; two of them for one partition are rare. */
const MAX_ROUNDS = 4;
const MAX_OWED_PASSES = 20;
/** These refusals say that the right to write has moved, and where it is now is worth asking. */
const RIGHT_HAS_MOVED = ['Fenced', 'Superseded', 'TokenTooOld'];

export class Pipeline {
  readonly #parts: PipelineParts;
  /** Jobs that this system has handed over for good. */
  readonly #retired = new Set<string>();
  #runCount = 0;
  #tally = emptyTally();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** All are assigned first, as by a scheduler when their source is ready, then worked through in small batches. */
  async deliverPartitions(partitions: readonly PartitionId[], occasion: Occasion): Promise<void> {
    let waiting = partitions;
    for (let round = 0; round < MAX_ROUNDS && waiting.length > 0; round += 1) {
      const runs = await this.#assignRuns(waiting, occasion);
      const refused: Run[] = [];
      for (let from = 0; from < runs.length; from += LAND_BATCH_SIZE) {
        refused.push(...(await this.#deliverBatch(runs.slice(from, from + LAND_BATCH_SIZE), occasion)));
      }
      waiting = refused;
    }
    for (const id of waiting) this.#fail(id, `refused ${MAX_ROUNDS} times in a row: given up until it is owed`);
  }

  /**
   * Delivers what this system has to publish and nobody else will, such as partitions taken over by a demotion. What
   * the new system owes because it is quarantined is left alone: the same code would compute the same rows again. It
   * waits for a fixed release, or for the demotion that gives it to the old system.
   */
  async deliverOwed(): Promise<void> {
    const { controller, system } = this.#parts;
    const tried = new Set<string>();
    for (let pass = 0; pass < MAX_OWED_PASSES; pass += 1) {
      const owed = await controller.owed(system);
      const fresh = owed.filter((id) => !tried.has(keyOf(id)) && !(system === 'new' && id.reason === 'quarantined'));
      if (fresh.length === 0) return;
      for (const id of fresh) tried.add(keyOf(id));
      await this.deliverPartitions(fresh, { kind: 'backfill' });
    }
  }

  /** What happened since the last call. */
  takeTally(): Tally {
    const tally = this.#tally;
    this.#tally = emptyTally();
    return tally;
  }

  async #assignRuns(partitions: readonly PartitionId[], occasion: Occasion): Promise<Run[]> {
    const { controller, system, clock } = this.#parts;
    const readyAt = occasion.kind === 'scheduled' ? { readyAt: occasion.readyAt } : {};
    const wanted = partitions.filter(({ jobId }) => !this.#retired.has(jobId));
    const requests = wanted.map(({ jobId, partition }) => {
      return { jobId, partition, system, runId: this.#nameRun(partition), ...readyAt };
    });
    const runs: Run[] = [];
    const answers = await controller.assign(requests);
    const assignedAt = clock.now();
    for (const [request, answer] of pairUp(requests, answers)) {
      if ('code' in answer) {
        this.#fail(request, `assign: ${answer.code}: ${answer.message}`, request.runId);
        continue;
      }
      const run = startRun(answer, request.runId, assignedAt);
      if (run) {
        runs.push(run);
        continue;
      }
      this.#tally.nothing += 1;
      // Nothing leaves this phase. In cleanup the system is asked for again if it has to come back, so it goes on asking.
      if (answer.phase === 'complete') this.#retired.add(request.jobId);
    }
    return runs;
  }

  /** Returns the runs whose right to write had moved. */
  async #deliverBatch(runs: readonly Run[], occasion: Occasion): Promise<Run[]> {
    const refusals: Refusal[] = [];
    const staged = await this.#stageRuns(runs, occasion);
    const landed = await this.#landOutput(staged, refusals);
    const visible = this.#publishOutput(landed, refusals);
    const inProduction = visible.filter(({ run }) => run.write === 'production');
    await this.#confirmPublished(inProduction, refusals);
    return refusals.filter((refusal) => this.#throwAway(refusal)).map(({ delivery }) => delivery.run);
  }

  async #stageRuns(runs: readonly Run[], { kind }: Occasion): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const run of runs) {
      try {
        deliveries.push(await stageDelivery(run, kind, this.#parts));
      } catch (error) {
        // A source that cannot be read must not stop the partitions beside it.
        this.#fail(run, error instanceof Error ? error.message : String(error), run.runId);
      }
    }
    return deliveries;
  }

  async #landOutput(deliveries: readonly Delivery[], refusals: Refusal[]): Promise<Delivery[]> {
    const answers = await this.#parts.controller.land(deliveries.map(({ landing }) => landing));
    const landed: Delivery[] = [];
    for (const [delivery, answer] of pairUp(deliveries, answers)) {
      if (answer.accepted) landed.push(delivery);
      else refusals.push({ ...answer, delivery, at: 'land' });
    }
    this.#tally.landed += landed.length;
    return landed;
  }

  #publishOutput(deliveries: readonly Delivery[], refusals: Refusal[]): Delivery[] {
    const { warehouse, clock } = this.#parts;
    return deliveries.filter((delivery) => {
      const { token, system, release, runId: run, rowCount, checksum, landedAt } = delivery.landing;
      const publication = { token, system, release, run, rowCount, checksum, landedAt, publishedAt: clock.now() };
      const outcome = warehouse.publish(delivery.staged, publication);
      if (!outcome.ok) refusals.push({ ...outcome, delivery, at: 'warehouse' });
      return outcome.ok;
    });
  }

  async #confirmPublished(deliveries: readonly Delivery[], refusals: Refusal[]): Promise<void> {
    const confirmations = deliveries.map(({ landing: { jobId, partition, system, token, checksum } }) => {
      return { jobId, partition, system, token, checksum };
    });
    for (const [delivery, answer] of pairUp(deliveries, await this.#parts.controller.published(confirmations))) {
      if (answer.ok) this.#tally.published += 1;
      else refusals.push({ ...answer, delivery, at: 'published' });
    }
  }

  /** Returns whether to ask again. */
  #throwAway({ delivery: { run, staged }, at, code, message }: Refusal): boolean {
    this.#parts.warehouse.discard(staged);
    if (!RIGHT_HAS_MOVED.includes(code)) {
      this.#fail(run, `${at}: ${code}: ${message}`, run.runId);
      return false;
    }
    this.#tally.fenced += 1;
    const { jobId, partition, runId, assignedAt } = run;
    const refusedAt = this.#parts.clock.now();
    this.#parts.report({ type: 'fenced', jobId, partition, run: runId, at, code, assignedAt, refusedAt });
    return true;
  }

  #fail({ jobId, partition }: PartitionId, message: string, run?: string): void {
    this.#tally.failed += 1;
    this.#parts.report({ type: 'failed', jobId, partition, message, ...(run !== undefined && { run }) });
  }

  #nameRun(partition: string): string {
    this.#runCount += 1;
    return `${this.#parts.system}-${partition}-${process.pid}-${this.#runCount}`;
  }
}

function emptyTally(): Tally {
  return { landed: 0, published: 0, nothing: 0, fenced: 0, failed: 0 };
}

/** Each item with its answer; the client has made sure that there are as many. */
function pairUp<Item, Answer>(items: readonly Item[], answers: readonly Answer[]): [Item, Answer][] {
  return items.map((item, index) => [item, answers[index] as Answer]);
}

function keyOf({ jobId, partition }: PartitionId): string {
  return `${jobId} ${partition}`;
}
