/**
 * What each function is asked by `crossfade doctor`, and what it has to answer. Nothing is written: the job does not exist,
 * and where a refusal for that is not certain the request is a dry run or is refused for its form. A function that could
 * only be asked by doing its work has no question, so that Lambda is asked whether it could be invoked.
 */
import { randomUUID } from 'node:crypto';
import type { FunctionQuestion } from '../aws/examine-functions.ts';

export interface Question extends FunctionQuestion {
  /** What shows that the function works, for people. */
  wanted: string;
  accepts: (answer: unknown) => boolean;
}

/** No landing can have come from it: a right is never given out for a job that is not registered. */
const NO_TOKEN = '0000000000.0000000000';
const LONG_AGO = '2000-01-01T00:00:00.000Z';

export function questions(jobId = `crossfade-doctor-${randomUUID()}`): Question[] {
  const on = { jobId, partition: 'doctor', system: 'old' };
  const by = { jobId, actor: 'crossfade-doctor', reason: 'is it there', dryRun: true };
  const landing = { ...on, token: NO_TOKEN, rowCount: 0, checksum: 'none', landedAt: LONG_AGO };
  const registration = { jobs: [{ jobId, team: 'crossfade-doctor' }], dryRun: true };
  const promotion = { jobId, to: 'shadow', weight: 1, sweepId: 'crossfade-doctor', expiresAt: LONG_AGO };
  return [
    question('assign', on, 'UnknownJob', codeOf),
    question('land', landing, 'NotClaimed', codeOf),
    question('published', { ...on, token: NO_TOKEN, checksum: 'none' }, 'NotClaimed', codeOf),
    question(
      'owed',
      { system: 'old', limit: 1 },
      'a list',
      (answer) => Array.isArray(at(answer, 'partitions')) && 'a list',
    ),
    question('report-difference', { jobId, partition: 'doctor', signature: 'none' }, 'UnknownJob', codeOf),
    { ...question('ingest', { Records: [] }, 'no failures', noFailures), fed: true },
    { ...question('gather', { Records: [] }, 'no failures', noFailures), fed: true },
    question('tell', [], 'no events', (answer) => Array.isArray(answer) && answer.length === 0 && 'no events'),
    question('register', registration, 'created', (answer) => at(answer, 'results', '0', 'result')),
    question('explain', { jobId }, 'UnknownJob', codeOf),
    ...['promote', 'demote', 'hold', 'release', 'restart', 'approve'].map((verb) =>
      question(verb, by, 'UnknownJob', codeOf),
    ),
    ...['complete', 'retire'].map((verb) => question(verb, { ...by, confirm: jobId }, 'UnknownJob', codeOf)),
    question('commit', promotion, 'UnknownJob', codeOf),
    question('widget', { describe: true }, 'a text', (answer) => typeof answer === 'string' && 'a text'),
    // Without an actor they are refused.
    question('pause', {}, 'Invalid', codeOf),
    question('resume', {}, 'Invalid', codeOf),
    // Evaluations publish the fleet's metrics, a hook would be asked, and the other two write.
    ...['fan-out', 'evaluate', 'hook', 'account'].map((name) => ({
      name,
      wanted: 'to be invocable',
      accepts: () => true,
    })),
  ];
}

function question(name: string, payload: object, wanted: string, read: (answer: unknown) => unknown): Question {
  return { name, payload, wanted, accepts: (answer) => read(answer) === wanted };
}

function codeOf(answer: unknown): unknown {
  return at(answer, 'code') ?? at(answer, 'error', 'code');
}

function noFailures(answer: unknown): unknown {
  const failures = at(answer, 'batchItemFailures');
  return Array.isArray(failures) && failures.length === 0 && 'no failures';
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner !== null && typeof inner === 'object' ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}
