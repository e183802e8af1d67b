/** `job` and `explain`: one job as its next sweep would see it, with every number, and what would change it. */
import pc from 'picocolors';
import type { Deployment } from '../aws/deployment.ts';
import type { Explanation } from '../controller/explain.ts';
import type { Decision } from '../domain/decision.ts';
import type { Outcome } from '../domain/verdict.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { printable, renderTable } from './table.ts';

export async function showJob(deployment: Deployment, jobId: string, output: Output): Promise<void> {
  const explained = await readExplanation(deployment, jobId);
  show(output, explained, () => {
    const { job, pairs, open } = explained;
    const recent = pairs.map((pair) => [
      pair.partition,
      pair.outcome,
      figure(pair.oldLagSeconds),
      figure(pair.newLagSeconds),
      figure(pair.oldComputeSeconds),
      figure(pair.newComputeSeconds),
      pair.release,
    ]);
    const heads = ['partition', 'outcome', 'lag old', 'lag new', 's old', 's new', 'release'];
    const claims = open.map((claim) => [claim.partition, claim.writer, claim.reason ?? 'in flight', claim.since]);
    return [
      describeState(explained),
      '',
      describeDecision(explained.decision),
      ...(recent.length > 0 ? ['', 'pairs that changed last', renderTable(heads, recent, output.width)] : []),
      ...(claims.length > 0
        ? ['', 'open partitions', renderTable(['partition', 'writer', 'why', 'since'], claims, output.width)]
        : []),
      ...(job.hold
        ? ['', `held (${job.hold.scope}) by ${printable(job.hold.actor)}: ${printable(job.hold.reason)}`]
        : []),
      '',
      `next: crossfade history ${job.jobId}`,
    ].join('\n');
  });
}

export async function showExplanation(deployment: Deployment, jobId: string, output: Output): Promise<void> {
  const explained = await readExplanation(deployment, jobId);
  const { job, decision, attention, policy } = explained;
  show(output, { jobId, phase: job.phase, policy, decision, attention }, () =>
    [describeState(explained), '', describeDecision(decision), '', `next: crossfade job ${job.jobId}`].join('\n'),
  );
}

async function readExplanation(deployment: Deployment, jobId: string): Promise<Explanation> {
  const answer = await deployment.invoke('explain', { jobId });
  if ('error' in answer) throw new CliError((answer.error as { message: string }).message);
  return answer as unknown as Explanation;
}

function describeState({ job, attention, policy }: Explanation): string {
  const lines = [
    `${pc.bold(job.jobId)} is in ${pc.bold(job.phase)} since ${job.phaseSince} (team ${job.team}, policy ${policy.name} ${policy.hash}, ${policy.automation})`,
  ];
  const last = job.lastTransition;
  if (last) lines.push(`last: ${last.from} -> ${last.to} at ${last.at}, ${last.reason}: ${printable(last.message)}`);
  if (attention) lines.push(pc.yellow(`attention: ${attention.kind} (${attention.cause}) since ${attention.since}`));
  return lines.join('\n');
}

const MARKS: Record<Outcome, string> = { pass: '✓', fail: '✗', inconclusive: '~', missing: '?', 'not-applicable': '-' };

function describeDecision({ kind, to, reason, message, verdicts, unmet }: Decision): string {
  const verdictLines = verdicts.map(
    (verdict) => `  ${MARKS[verdict.outcome]} ${verdict.criterion} ${verdict.outcome}: ${printable(verdict.message)}`,
  );
  const what = {
    promote: `ready for ${to}`,
    demote: `to be demoted to ${to}`,
    hold: to ? `not promoted to ${to}` : 'stays',
  }[kind];
  const needs = unmet.map((need) => `  - ${need.need}: ${printable(need.message)}`);
  return [
    `${what} (${reason})`,
    ...(needs.length > 0 ? ['what is missing:', ...needs] : [`  ${printable(message)}`]),
    ...(verdictLines.length > 0 ? ['verdicts:', ...verdictLines] : []),
  ].join('\n');
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(3)));
}
