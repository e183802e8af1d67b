/** The verbs that change something: each invokes the function of its name, so that IAM decides who may. */
import { userInfo } from 'node:os';
import pc from 'picocolors';
import type { Deployment } from '../aws/deployment.ts';
import type { Job } from '../domain/job.ts';
import type { TransitionRecord } from '../domain/transition.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';

export type Verb = 'promote' | 'demote' | 'complete' | 'hold' | 'release' | 'pause' | 'resume';

/** Invokes an override; an answer that refuses is an error with the reason, and exit status 1. */
export async function act(
  deployment: Deployment,
  verb: Verb,
  request: Record<string, unknown>,
  output: Output,
): Promise<void> {
  const given = Object.fromEntries(
    Object.entries({ actor: userInfo().username, ...request }).filter(([, value]) => value !== undefined),
  );
  const answer = await deployment.invoke(verb, given);
  if (answer.ok !== true) {
    if (output.json) output.print(JSON.stringify(answer));
    throw new CliError(`${verb} is refused (${String(answer.code)}): ${String(answer.message)}`);
  }
  show(output, answer, () => describe(verb, request, answer));
}

function describe(verb: Verb, request: Record<string, unknown>, answer: Record<string, unknown>): string {
  const transition = answer.transition as TransitionRecord | undefined;
  const job = answer.job as Job | undefined;
  const tense = request.dryRun === true ? 'would go' : 'went';
  if (transition) return `${pc.bold(transition.jobId)} ${tense} from ${transition.from} to ${transition.to}`;
  if (job)
    return `${pc.bold(job.jobId)} is in ${job.phase}, version ${job.version}${job.hold ? `, held (${job.hold.scope})` : ', not held'}`;
  return `${verb}: done`;
}
