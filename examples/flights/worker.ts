/**
 * The process around a system: takes the driver's commands from standard input, has the pipeline carry them out, and
 * reports on standard output (`protocol.ts`). `old-system.ts` and `new-system.ts` are its two callers, started as
 * `node old-system.ts --endpoint URL --sources DIR --warehouse DIR`. It holds no state that a restart would miss.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { connectController, type System } from './client.ts';
import { PacedClock } from './clock.ts';
import { Pipeline } from './pipeline.ts';
import { type DriverCommand, driverCommand, type WorkerReport } from './protocol.ts';
import { sourceFile } from './sources.ts';
import { airportOf, formatRow, type SummaryRow } from './table.ts';
import { Warehouse } from './warehouse.ts';

export interface SystemUnderWork {
  system: System;
  sourceFormat: 'csv' | 'parquet';
  /** The release that is deployed at the start. */
  release: string;
  summarize: (sourcePath: string, release: string) => Promise<SummaryRow[]>;
}

export async function runWorker({ system, sourceFormat, release, summarize }: SystemUnderWork): Promise<void> {
  const { endpoint, sources, warehouse } = readArguments();
  const stoppedClock = { realMs: 0, virtualMs: 0, pace: 0, ceilingMs: 0 };
  const clock = new PacedClock(stoppedClock);
  let deployed = release;
  const pipeline = new Pipeline({
    system,
    clock,
    controller: connectController(endpoint),
    warehouse: new Warehouse(warehouse),
    release: () => deployed,
    compute: async ({ jobId, partition }) => {
      const rows = await summarize(sourceFile(sources, sourceFormat, airportOf(jobId), partition), deployed);
      return rows.map(formatRow);
    },
    report: sendReport,
  });

  const carryOut = async (command: QueuedCommand): Promise<void> => {
    if (command.type === 'deploy') {
      deployed = command.release;
    } else if (command.type === 'day') {
      const partitions = command.jobIds.map((jobId) => ({ jobId, partition: command.partition }));
      await pipeline.deliverPartitions(partitions, { kind: 'scheduled', readyAt: command.readyAt });
      await pipeline.deliverOwed();
    } else if (command.type === 'rerun') {
      await pipeline.deliverPartitions(command.partitions, { kind: 'backfill' });
    } else {
      await pipeline.deliverOwed();
    }
    sendReport({ type: 'done', seq: command.seq, ...pipeline.takeTally() });
  };

  sendReport({ type: 'ready', system, release, pid: process.pid });
  let queue = Promise.resolve();
  for await (const line of createInterface({ input: process.stdin })) {
    const command = driverCommand.parse(JSON.parse(line));
    if (command.type === 'stop') break;
    if (command.type === 'clock') clock.set(command);
    // A rejection ends the process: a controller out of reach is for the driver to see, not to be worked around.
    else queue = queue.then(() => carryOut(command));
  }
  await queue;
  process.exit(0);
}

type QueuedCommand = Extract<DriverCommand, { seq: number }>;

function sendReport(report: WorkerReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function readArguments(): { endpoint?: string; sources: string; warehouse: string } {
  const { values } = parseArgs({
    options: { endpoint: { type: 'string' }, sources: { type: 'string' }, warehouse: { type: 'string' } },
  });
  const { endpoint, sources, warehouse } = values;
  if (sources === undefined || warehouse === undefined) throw new Error('--sources DIR and --warehouse DIR are needed');
  return { sources, warehouse, ...(endpoint !== undefined && { endpoint }) };
}
