/** `job` and `explain`: one job as its next sweep would see it, with every number, and what would change it. */

import type { Deployment } from '../aws/deployment.ts';
import type { Explanation } from '../controller/explain.ts';
import { describeAttention } from '../domain/attention.ts';
import type { Decision } from '../domain/decision.ts';
import type { Hold } from '../domain/job.ts';
import type { Need } from '../domain/phases.ts';
import type { Outcome } from '../domain/verdict.ts';
import { adviseOn } from './advice.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { moment, printable, renderTable } from './table.ts';
import { renderTests } from './tests-table.ts';

/** The page has them all; on a terminal the last say how it is going. */
const PAIRS_SHOWN = 12;

export async function showJob(deployment: Deployment, jobId: string, output: Output): Promise<void> {
  const explained = await readExplanation(deployment, jobId);
  show(output, explained, () => {
    const { job, pairs, open } = explained;
    const recent = pairs
      .slice(0, PAIRS_SHOWN)
      .map((pair) => [
        pair.partition,
        pair.outcome,
        figure(pair.oldLagSeconds),
        figure(pair.newLagSeconds),
        figure(pair.oldComputeSeconds),
        figure(pair.newComputeSeconds),
        pair.release,
      ]);
    const heads = ['partition', 'outcome', 'lag old', 'lag new', 's old', 's new', 'release'];
    const claims = open.map((claim) => [
      claim.partition,
      claim.writer,
      claim.reason ?? 'in flight',
      moment(claim.since),
    ]);
    return [
      describeState(explained),
      '',
      describeDecision(explained.decision),
      ...(recent.length > 0 ? ['', 'pairs that changed last', renderTable(heads, recent, output.width)] : []),
      ...(claims.length > 0
        ? ['', 'open partitions', renderTable(['partition', 'writer', 'why', 'since'], claims, output.width)]
        : []),
      '',
      `next: crossfade history ${job.jobId}`,
    ].join('\n');
  });
}

export async function showExplanation(deployment: Deployment, jobId: string, output: Output): Promise<void> {
  const explained = await readExplanation(deployment, jobId);
  const { job, decision, attention, policy, guarantees } = explained;
  show(output, { jobId, phase: job.phase, policy, decision, attention, guarantees }, () =>
    [
      describeState(explained),
      '',
      describeDecision(decision),
      ...renderTests(decision.verdicts, guarantees, output.width),
      ...describeAdvice(adviseOn(jobId, decision)),
      '',
      `next: crossfade job ${job.jobId}`,
    ].join('\n'),
  );
}

async function readExplanation(deployment: Deployment, jobId: string): Promise<Explanation> {
  const answer = await deployment.invoke('explain', { jobId });
  if ('error' in answer) throw new CliError((answer.error as { message: string }).message);
  return answer as unknown as Explanation;
}

function describeState({ job, attention, policy }: Explanation): string {
  const lines = [
    `${pc.bold(job.jobId)} is in ${pc.bold(job.phase)} since ${moment(job.phaseSince)} (team ${printable(job.team)}, policy ${policy.name} ${policy.hash}, ${policy.automation})`,
  ];
  const last = job.lastTransition;
  if (last)
    lines.push(`last: ${last.from} -> ${last.to} at ${moment(last.at)}, ${last.reason}: ${printable(last.message)}`);
  if (job.retired) lines.push(`retired by ${printable(job.retired.actor)}: ${printable(job.retired.reason)}`);
  if (job.hold) lines.push(describeHold(job.hold));
  for (const { from, to, at, last: told } of job.hooks?.debts ?? []) {
    const said = told ? `${told.answer}${told.message ? `: ${printable(told.message)}` : ''}` : 'not told yet';
    lines.push(`its settle hook is owed ${from} -> ${to} of ${moment(at)} (${said})`);
  }
  if (attention)
    lines.push(
      pc.yellow(`attention: ${attention.kind} (${describeAttention(attention)}) since ${moment(attention.since)}`),
    );
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
  // The verdicts below say it all.
  const said = new Set<Need>(['criteria-pass', 'baseline-holds']);
  const needs = unmet.map(({ need, message: why }) => `  - ${need}${said.has(need) ? '' : `: ${printable(why)}`}`);
  return [
    `${what} (${reason})`,
    ...(needs.length > 0 ? ['what is missing:', ...needs] : [`  ${printable(message)}`]),
    ...(verdictLines.length > 0 ? ['verdicts:', ...verdictLines] : []),
  ].join('\n');
}

function describeAdvice(advice: string[]): string[] {
  return advice.length === 0 ? [] : ['what would change it:', ...advice.map((line) => `  > ${line}`)];
}

function describeHold({ scope, actor, reason, until }: Hold): string {
  return `held (${scope}) by ${printable(actor)}${until ? ` until ${moment(until)}` : ''}: ${printable(reason)}`;
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(3)));
}
