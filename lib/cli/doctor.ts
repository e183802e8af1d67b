/**
 * `doctor`: is this deployment, or this `crossfade local`, well? `lib/aws/examination.ts` looks, `diagnose` judges what was
 * seen, and every check is a line: ok, or what is wrong and what to do next. Nothing is changed.
 */
import { type Examination, examine } from '../aws/examination.ts';
import { addSeconds, type Instant, toInstant } from '../domain/time.ts';
import { readPolicies } from '../policies/load.ts';
import { pc } from './colours.ts';
import { CliError, type ConnectionFlags, chooseTarget } from './connection.ts';
import { judgeAliases, judgeFunctions, judgeLayers, judgePolicies, type LocalPolicies } from './doctor-functions.ts';
import { type Question, questions } from './doctor-questions.ts';
import { judgeClock, judgeQueues, judgeSchedule, judgeShards, judgeStack } from './doctor-sweeps.ts';
import { judgeTables } from './doctor-tables.ts';
import type { Finding } from './finding.ts';
import { type Output, show } from './output.ts';
import { printable } from './table.ts';

const HEALTH_TIMEOUT_MS = 5_000;

export async function showDoctor(
  flags: ConnectionFlags & { policies?: string },
  output: Output,
  now: () => number = Date.now,
): Promise<void> {
  const given = flags.policies === undefined ? undefined : readLocalPolicies(flags.policies);
  const target = chooseTarget(flags);
  if ('local' in target) await requireLocal(target.local);
  const asked = questions();
  const examination = await examine(target, asked, now);
  const checks = diagnose(examination, asked, given, toInstant(now()));
  const bad = checks.filter(({ state }) => state === 'wrong' || state === 'denied');
  if (bad.length > 0) process.exitCode = 1;
  const deployment = 'local' in target ? `crossfade local at ${target.local}` : `stack ${target.stack}`;
  show(output, { ok: bad.length === 0, deployment, checks }, () => {
    const count = (state: Finding['state']) => checks.filter((finding) => finding.state === state).length;
    const sums = [`${count('ok')} ok`, `${count('wrong')} wrong`, `${count('denied')} not permitted to check`];
    return [...checks.map(render), '', `${deployment}: ${sums.join(', ')}, ${count('skipped')} not checked`].join('\n');
  });
}

/** Every finding, in the order in which a person would look: what holds the rest comes first. */
export function diagnose(
  examination: Examination,
  asked: readonly Question[],
  given: LocalPolicies | undefined,
  here: Instant,
): Finding[] {
  // Sweeps are dated by the deployment's clock, which has a line of its own where this machine's differs.
  const now = addSeconds(here, examination.clock.skewSeconds ?? 0);
  return [
    ...judgeStack(examination),
    judgeClock(examination),
    ...judgeTables(examination.tables, examination.local),
    ...judgeFunctions(examination, asked),
    ...judgeAliases(examination),
    ...judgeLayers(examination),
    ...judgePolicies(examination, given),
    judgeSchedule(examination, now),
    judgeShards(examination, now),
    ...judgeQueues(examination),
  ];
}

const LABELS: Record<Finding['state'], string> = {
  ok: pc.green('ok     '),
  wrong: pc.red('WRONG  '),
  denied: pc.yellow('DENIED '),
  skipped: '-      ',
};

function render({ check, state, message, next }: Finding): string {
  const line = `${LABELS[state]}  ${printable(check)}: ${printable(message)}`;
  return next === undefined ? line : `${line}\n         -> ${printable(next)}`;
}

/** One clear message in the place of forty lines that all say the same. */
async function requireLocal(url: string): Promise<void> {
  const start = 'start `crossfade local`, or name its endpoint with --local URL';
  let health: unknown;
  try {
    const answer = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    health = await answer.json().catch(() => undefined);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    throw new CliError(`nothing answers at ${url} (${cause?.code ?? message}): ${start}`);
  }
  const status = (health as { status?: unknown } | undefined)?.status;
  if (typeof status !== 'string') throw new CliError(`what answers at ${url} is not a crossfade local: ${start}`);
  if (status !== 'ok') throw new CliError(`crossfade local at ${url} is ${status}: run this again in a moment`);
}

function readLocalPolicies(folder: string): LocalPolicies {
  try {
    return new Map(readPolicies(folder).policies.map(({ policy }) => [policy.name, policy.hash]));
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}
