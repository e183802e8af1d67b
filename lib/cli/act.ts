/** The verbs that change something: each invokes the function of its name, so that IAM decides who may. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Deployment } from '../aws/deployment.ts';
import type { Objection, Overridden, Verb } from '../controller/override-request.ts';
import { activePause, breakerIsOpen, type Controls, NO_CONTROLS } from '../domain/controls.ts';
import { type Instant, toInstant } from '../domain/time.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { printable } from './table.ts';

export type Acted = ({ ok: true } & Partial<Overridden> & { controls?: Controls }) | Refused;
interface Refused {
  ok: false;
  code: string;
  message: string;
  unmet?: Objection[];
}

/** An override of one job; a refusal is an error with the reason, and exit status 1. */
export async function actOnJob(
  deployment: Deployment,
  verb: Verb,
  request: Record<string, unknown>,
  output: Output,
): Promise<void> {
  const answer = await invoke(deployment, verb, withRequestId(request));
  if (!answer.ok) throw refusal(verb, answer, output);
  show(output, answer, () => describeActed(verb, answer, request.dryRun === true));
}

/** `pause` and `resume`. */
export async function actOnFleet(
  deployment: Deployment,
  verb: 'pause' | 'resume',
  request: Record<string, unknown>,
  output: Output,
): Promise<void> {
  const answer = await invoke(deployment, verb, withRequestId(request));
  if (!answer.ok) throw refusal(verb, answer, output);
  const { controls = NO_CONTROLS } = answer;
  show(output, answer, () => describeControls(controls, toInstant(Date.now()), request.dryRun === true));
}

function describeControls(controls: Controls, now: Instant, dry: boolean): string {
  const is = dry ? 'would be' : 'is';
  const pause = activePause(controls, now);
  const lines: string[] = [];
  if (pause) {
    const what = pause.scope === 'all' ? 'no transition is committed, demotions neither' : 'no promotion is committed';
    lines.push(`the fleet ${is} paused (${pause.scope}): ${what}${pause.until ? `, until ${pause.until}` : ''}`);
  }
  if (breakerIsOpen(controls, now)) {
    lines.push(`the breaker ${is} open until ${controls.breakerOpenUntil}: no promotion is committed`);
  }
  if (lines.length === 0)
    lines.push(`nothing ${dry ? 'would stop' : 'stops'} the fleet: the next sweep promotes again`);
  if (dry) return lines.join('\n');
  const next = pause ? 'resume --reason ...' : 'history --fleet';
  return [...lines, `next: crossfade ${next}`].join('\n');
}

/**
 * Invokes as the user that is signed in on this machine, whom the history shows as claimed; or with `verified` as whom the
 * AWS credentials are of.
 */
export async function invoke(
  deployment: Deployment,
  verb: string,
  { verified, ...request }: Record<string, unknown>,
): Promise<Acted> {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  if (!verified) return (await deployment.invoke(verb, { actor: userInfo().username, ...given })) as unknown as Acted;
  if (!deployment.invokeVerified) {
    throw new CliError(`--verified: nobody vouches for who calls ${deployment.name}: leave it out, or name a stack`, 2);
  }
  if (given.actor !== undefined) throw new CliError('--actor: with --verified AWS says who you are: leave it out', 2);
  return (await deployment.invokeVerified(verb, given)) as unknown as Acted;
}

/** The SDK repeats a call whose answer was lost: with an id of its own it is one step and not two. */
export function withRequestId(request: Record<string, unknown>): Record<string, unknown> {
  return { ...request, requestId: request.requestId ?? `cli-${randomUUID()}` };
}

function refusal(verb: string, answer: Refused, output: Output): CliError {
  if (output.json) output.print(JSON.stringify(answer));
  const { code, message, unmet = [] } = answer;
  const list = unmet.map((need) => `\n  - ${need.need}: ${printable(need.message)}`).join('');
  const force =
    verb === 'promote' && unmet.length > 0 ? '\n--force goes on all the same, and is kept in the history' : '';
  return new CliError(`${verb} is refused (${code}): ${list || printable(message)}${force}`);
}

function describeActed(
  verb: Verb,
  { job, transition, transitions, unmet, next }: Partial<Overridden>,
  dry: boolean,
): string {
  const lines: string[] = [];
  const steps = transitions ?? (transition ? [transition] : []);
  const [first] = steps;
  if (first) {
    const path = [first.from, ...steps.map((step) => step.to)].join(' -> ');
    lines.push(`${pc.bold(first.jobId)} ${dry ? 'would go' : 'went'} ${path}${first.forced ? ', forced' : ''}`);
  } else if (job) {
    const hold = job.hold ? `held (${job.hold.scope})${job.hold.until ? ` until ${job.hold.until}` : ''}` : 'not held';
    const state = job.retired ? 'retired' : `in ${job.phase}, epoch ${job.epoch}, ${hold}`;
    lines.push(`${pc.bold(job.jobId)} ${dry ? 'would be' : 'is'} ${state}`);
  }
  if (unmet && unmet.length > 0) {
    lines.push(
      `${verb} would be refused without --force:`,
      ...unmet.map((need) => `  - ${need.need}: ${printable(need.message)}`),
    );
  }
  if (next) lines.push(printable(next));
  if (job && !dry) lines.push(`next: crossfade ${job.retired ? 'history' : 'explain'} ${job.jobId}`);
  return lines.join('\n');
}
