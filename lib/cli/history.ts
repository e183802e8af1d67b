/** `history` and `owed`: what happened to a job or to the fleet, newest first; what a system still has to publish. */
import type { Deployment } from '../aws/deployment.ts';
import type { OwedPartition } from '../controller/ports.ts';
import type { FleetRecord } from '../domain/controls.ts';
import type { System } from '../domain/phases.ts';
import { type Actor, isTransition } from '../domain/transition.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { moment, renderTable } from './table.ts';

export async function showHistory({ jobs }: Deployment, jobId: string, limit: number, output: Output): Promise<void> {
  const records = await jobs.listHistory(jobId, limit);
  show(output, records, () => {
    if (records.length === 0) return `${jobId} has no history: nothing has moved it yet, or there is no such job`;
    const rows = records.map((record) => [
      moment(record.at),
      isTransition(record) ? `${record.from} -> ${record.to}` : record.type,
      describeActor(record.actor),
      record.message,
    ]);
    return renderTable(HEADS, rows, output.width);
  });
}

/** Who stopped all promotions and who let them go on. The newest is on the controls, should its copy be late. */
export async function showFleetHistory({ fleet }: Deployment, limit: number, output: Output): Promise<void> {
  const [{ lastChange }, listed] = await Promise.all([fleet.getControls(), fleet.listHistory(limit)]);
  const isListed = listed.some(({ version, at }) => version === lastChange?.version && at === lastChange.at);
  const records = (lastChange && !isListed ? [lastChange, ...listed] : listed).slice(0, limit);
  show(output, records, () => {
    if (records.length === 0) return 'the fleet has no history: nobody has paused it, and no breaker has opened';
    const rows = records.map((record) => [
      moment(record.at),
      describeFleetChange(record),
      describeActor(record.actor),
      record.message,
    ]);
    return renderTable(HEADS, rows, output.width);
  });
}

const HEADS = ['at', 'what', 'by', 'why'];

function describeFleetChange({ type, pause, breakerOpenUntil }: FleetRecord): string {
  const until = type === 'paused' ? pause?.until : type === 'breaker-opened' ? breakerOpenUntil : undefined;
  return `${type}${pause ? ` (${pause.scope})` : ''}${until ? ` until ${moment(until)}` : ''}`;
}

function describeActor(actor: Actor): string {
  if (actor.kind === 'automation') return actor.sweepId;
  return `${actor.name}${actor.verified ? '' : ' (claimed)'}`;
}

export async function showOwed(
  deployment: Deployment,
  request: { system: System; jobId?: string | undefined; limit: number },
  output: Output,
): Promise<void> {
  const answer = await deployment.invoke('owed', request);
  if ('error' in answer) throw new CliError((answer.error as { message: string }).message);
  const partitions = answer.partitions as OwedPartition[];
  show(output, partitions, () => {
    if (partitions.length === 0) return `${request.system} owes nothing`;
    const rows = partitions.map((owed) => [owed.jobId, owed.partition, owed.reason, moment(owed.since)]);
    return renderTable(['job', 'partition', 'why', 'since'], rows, output.width);
  });
}
