/**
 * hook: the state machine's steps that ask a team's own functions, before a commit (`gate`, `prepare`), after it (`settle`), and
 * beside it where one did not pass (`again`). Notes on the job what they say and moves no job. It may be retried, or run beside
 * another sweep: what it asks again it asks with the same idempotency key.
 */
import * as z from 'zod';
import { createHooks } from '../lib/aws/hooks.ts';
import { askAgain, askGate, type HookStepped, prepare, settleHook } from '../lib/controller/hook-steps.ts';
import { PHASES } from '../lib/domain/phases.ts';
import { allPorts } from './deciding.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';

const item = { jobId: z.string(), to: z.enum(PHASES), weight: z.number() };
const schema = z.discriminatedUnion('step', [
  z.object({ step: z.enum(['gate', 'prepare', 'again']), ...item, expiresAt: z.string(), execution: z.string() }),
  z.object({
    step: z.literal('settle'),
    /** Of the commit right before; of none where an earlier sweep left the debt. */
    outcome: z.object({ ...item, result: z.string().default('settled') }),
    execution: z.string(),
  }),
]);

const ASKS = { gate: askGate, prepare, again: askAgain };

export async function handler(event: unknown) {
  const request = schema.parse(event);
  const { step, execution } = request;
  const ports = allPorts();
  const hooks = createHooks();
  if (step === 'settle') {
    const { jobId, to, weight, result } = request.outcome;
    tell({ execution, jobId, to }, await settleHook(ports, hooks, { jobId }, now));
    return { jobId, to, weight, result };
  }
  const { jobId, to, weight } = request;
  const stepped = await ASKS[step](ports, hooks, request, now);
  tell({ execution, jobId, to }, stepped);
  return { jobId, to, weight, result: 'settled', asked: stepped.asked };
}

function tell(found: { execution: string; jobId: string; to: string }, stepped: HookStepped): void {
  if (!stepped.asked) return;
  const { step, function: name, key, answer, message } = stepped;
  const line = { ...found, step, function: name, idempotencyKey: key, code: answer, reason: message };
  if (answer === 'fail' || answer === 'no-answer') log.warn('hook failed', line);
  else log.info('hook answered', line);
}
