/**
 * One run of one partition, from its right to write to the landing that it reports. `pipeline.ts` puts runs together
 * and talks to the controller; nothing here does.
 */
import { CHECKSUM_ALGORITHM, checksumRows } from './checksum.ts';
import type { Assignment, LandRequest, PartitionId, System } from './client.ts';
import type { PacedClock } from './clock.ts';
import { renderTable } from './table.ts';
import type { StagedOutput, Warehouse } from './warehouse.ts';

/** A right to write, and the run that uses it. */
export interface Run extends PartitionId {
  runId: string;
  /** When its right was given: from here until its landing is answered it is in flight. */
  assignedAt: string;
  table: string;
  write: 'production' | 'shadow';
  token: string;
  attempt: number;
}

/** Output that is complete, staged, and described by a landing. */
export interface Delivery {
  run: Run;
  staged: StagedOutput;
  landing: LandRequest;
}

export interface DeliveryParts {
  system: System;
  warehouse: Warehouse;
  clock: PacedClock;
  /** The rows of a partition, as the deployed release computes them. */
  compute: (id: PartitionId) => Promise<string[]>;
  /** What is deployed at the moment. */
  release: () => string;
}

/** `undefined` where there is nothing to write. */
export function startRun(assignment: Assignment, runId: string, assignedAt: string): Run | undefined {
  const { jobId, partition, write, token, landed } = assignment;
  if (write === 'nothing' || token === undefined) return undefined;
  // A rerun has a higher attempt, except where a landing accepted under this very token is only to be published.
  const finishes = write === 'production' && landed?.token === token;
  const attempt = (landed?.attempt ?? 0) + (finishes ? 0 : 1);
  return {
    jobId,
    partition,
    runId,
    assignedAt,
    write,
    token,
    attempt,
    table: assignment.target ?? `${jobId}/${write}`,
  };
}

/**
 * Computes and stages a run's output. Nothing else may run meanwhile: the process's CPU time is taken for the run's.
 */
export async function stageDelivery(
  run: Run,
  kind: LandRequest['kind'],
  { system, warehouse, clock, compute, release }: DeliveryParts,
): Promise<Delivery> {
  const startedAt = clock.now();
  const cpuBefore = process.cpuUsage();
  const rows = await compute(run);
  const staged = warehouse.stage(run.table, run.partition, renderTable(rows));
  const { rowCount, checksum } = checksumRows(rows);
  const cpu = process.cpuUsage(cpuBefore);
  const landing: LandRequest = {
    jobId: run.jobId,
    partition: run.partition,
    system,
    token: run.token,
    attempt: run.attempt,
    rowCount,
    checksum,
    checksumAlgorithm: CHECKSUM_ALGORITHM,
    startedAt,
    landedAt: clock.now(),
    computeSeconds: (cpu.user + cpu.system) / 1_000_000,
    storageBytes: staged.storageBytes,
    kind,
    release: release(),
    runId: run.runId,
  };
  return { run, staged, landing };
}
