/**
 * What the driver and a system's process say to each other: JSON lines, commands on the process's standard input,
 * reports on its standard output. `worker.ts` reads the commands. Commands are carried out in order, one at a time, and
 * each that has a `seq` is answered by one `done` with that `seq`; the clock alone is set at once, also in the middle
 * of a day. Anything a process has to say beyond this goes to its standard error.
 */
import { z } from 'zod';

const seq = z.int().nonnegative();
const partitionId = z.strictObject({ jobId: z.string(), partition: z.string() });

export const driverCommand = z.discriminatedUnion('type', [
  /** Sets the clock, see `ClockSetting`. The first command has to be this one. */
  z.strictObject({
    type: z.literal('clock'),
    realMs: z.number(),
    virtualMs: z.number(),
    pace: z.number().nonnegative(),
    ceilingMs: z.number(),
  }),
  /** From the next command on, this release computes. */
  z.strictObject({ type: z.literal('deploy'), seq, release: z.string() }),
  /** The sources of these jobs' partitions are ready: delivers each, and then whatever else the system owes. */
  z.strictObject({
    type: z.literal('day'),
    seq,
    partition: z.string(),
    readyAt: z.iso.datetime(),
    jobIds: z.array(z.string()),
  }),
  /** Delivers partitions again, as a backfill: what a fixed release has to make good. */
  z.strictObject({ type: z.literal('rerun'), seq, partitions: z.array(partitionId) }),
  /** Delivers what the system owes. */
  z.strictObject({ type: z.literal('owed'), seq }),
  /** Ends the process when everything before it is done; so does the end of its standard input. */
  z.strictObject({ type: z.literal('stop') }),
]);

export type DriverCommand = z.infer<typeof driverCommand>;

export type WorkerReport = ReadyReport | FencedReport | FailedReport | DoneReport;

/** The process is up. */
export interface ReadyReport {
  type: 'ready';
  system: 'old' | 'new';
  release: string;
  pid: number;
}

/** A run's output was refused, because its right to write had moved; it was thrown away, and the system asks again. */
export interface FencedReport {
  type: 'fenced';
  jobId: string;
  partition: string;
  run: string;
  /** Who refused: the controller at `land` or `published`, or the warehouse itself. */
  at: 'land' | 'warehouse' | 'published';
  code: string;
  /** Between these two the run was in flight. */
  assignedAt: string;
  refusedAt: string;
}

/** A partition could not be delivered, for a reason that asking again would not change. */
export interface FailedReport {
  type: 'failed';
  jobId: string;
  partition: string;
  run?: string;
  message: string;
}

export interface DoneReport extends Tally {
  type: 'done';
  seq: number;
}

/** What a command came to, in runs. */
export interface Tally {
  landed: number;
  /** Of those, visible in production and confirmed. */
  published: number;
  /** Runs that had nothing to write. */
  nothing: number;
  fenced: number;
  failed: number;
}
