/** `history` and `owed`: what happened to a job, newest first; what a system still has to publish. */
import type { Deployment } from '../aws/deployment.ts';
import type { OwedPartition } from '../controller/ports.ts';
import type { System } from '../domain/phases.ts';
import { isTransition } from '../domain/transition.ts';
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
      record.actor.kind === 'operator'
        ? `${record.actor.name}${record.actor.verified ? '' : ' (claimed)'}`
        : record.actor.sweepId,
      record.message,
    ]);
    return renderTable(['at', 'what', 'by', 'why'], rows, output.width);
  });
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
