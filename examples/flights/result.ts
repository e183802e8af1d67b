/** What came of the story, for people: the figures as a table, what is stuck and why, and where to look next. */
import Table from 'cli-table3';
import pc from 'picocolors';
import { PHASES } from '../../lib/domain/phases.ts';
import type { ClientEnvironment } from '../../lib/local/environment.ts';
import type { Explained } from './operations.ts';
import type { ProductionFindings } from './production-check.ts';
import type { Summary } from './summary.ts';

const STUCK_SHOWN = 10;
const MESSAGE_LENGTH = 160;
const PROBLEMS_SHOWN = 5;

/** Whether production is as it has to be, whatever the new system did. */
export function isProductionRight({ productionErrors }: Summary): boolean {
  const { byOld, afterDemotion, empty, atEnd } = productionErrors;
  return byOld + afterDemotion + empty + atEnd === 0;
}

export function renderResult(
  summary: Summary,
  findings: ProductionFindings,
  regressed: number,
  troubled: readonly Explained[],
): string {
  const { byPhase, productionErrors, fenced } = summary;
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const phases = PHASES.filter((phase) => byPhase[phase] > 0);
  table.push(
    ...phases.map((phase) => [`jobs in ${phase}`, byPhase[phase]]),
    ['promotions', summary.promotions],
    ['demotions', summary.demotions],
    ['demoted by the regressing release', regressed],
    ['... of these back in reverse shadow or later', summary.recovered],
    ['sweeps', summary.sweeps],
    ['partitions delivered', summary.partitions],
    ['landings accepted, of both systems', summary.landings],
    ['runs fenced in flight by a demotion', fenced.length],
    ['partitions quarantined, and published again', summary.quarantined],
    ['wrong publications by new before its demotion', productionErrors.publishedByNewBeforeDemotion],
    ['wrong publications by new after it', productionErrors.afterDemotion],
    ['wrong publications by old', productionErrors.byOld],
    ['partitions wrong or missing at the end', productionErrors.atEnd],
  );
  return [
    '',
    table.toString(),
    ...renderFence(fenced),
    ...renderTroubled(troubled),
    '',
    isProductionRight(summary) ? renderRight(summary, findings) : renderWrong(findings),
    '',
  ].join('\n');
}

function renderFence(fenced: Summary['fenced']): string[] {
  const [first] = fenced;
  return first ? ['', `Fenced, for example: run ${first.run} of ${first.jobId}, partition ${first.partition}`] : [];
}

function renderTroubled(troubled: readonly Explained[]): string[] {
  if (troubled.length === 0) return [];
  const more = troubled.length - STUCK_SHOWN;
  return [
    '',
    `${troubled.length} jobs need a person:`,
    ...troubled.slice(0, STUCK_SHOWN).map(({ job: { jobId, attention, phase }, message }) => {
      const shown = message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message;
      return `  ${jobId}  ${attention.kind} in ${phase} since ${attention.since.slice(0, 10)}: ${shown}`;
    }),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
  ];
}

function renderRight({ partitions, seconds }: Summary, { publications }: ProductionFindings): string {
  const text = `Every one of ${partitions} production partitions equals the reference, after ${publications} publications.`;
  return `${pc.green('✔')} ${text} ${seconds} s.`;
}

function renderWrong({ atEnd, empty, wrong }: ProductionFindings): string {
  const problems = atEnd.map(({ jobId, partition, why }) => `  ${jobId} ${partition}: ${why}`);
  const count = `${atEnd.length} partitions differ at the end, ${empty.length} of them empty; ${wrong.length} publications were wrong.`;
  return [`${pc.red('✘')} Production is not as it has to be: ${count}`, ...problems.slice(0, PROBLEMS_SHOWN)].join(
    '\n',
  );
}

export function renderNextSteps(url: string, env: ClientEnvironment, warehouse: string, jobId: string): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const payload = `--cli-binary-format raw-in-base64-out --payload '{"system":"old"}' /dev/stdout`;
  return [
    `Crossfade goes on serving until Ctrl-C. The dashboard is at ${url}/; or look around from another terminal:`,
    '',
    `  npm run crossfade -- status --local ${url}`,
    `  npm run crossfade -- attention --local ${url}`,
    `  npm run crossfade -- history ${jobId} --local ${url}`,
    '',
    `  export ${variables.join(' ')}`,
    `  aws lambda invoke --function-name owed ${payload}`,
    '',
    `The warehouse that both systems publish to: ${warehouse}`,
    '',
  ].join('\n');
}
