/**
 * The dashboard's verbs: a form becomes a request to the function of the same name, first as a dry run whose outcome is
 * shown, then in earnest with a request id, so that a form that is sent twice is one step. What is allowed, the function
 * says; here only the form is parsed.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { OFFERED_VERBS } from '../view/actions.ts';
import type { VerbAnswer } from '../view/verb-page.ts';
import type { Invoker } from './invoke.ts';

const FLEET_VERBS = ['pause', 'resume'] as const;

const text = z.string().max(2_048);
const formSchema = z.strictObject({
  verb: z.enum([...OFFERED_VERBS, ...FLEET_VERBS]),
  actor: text,
  reason: text,
  jobId: text.optional(),
  expectedVersion: z.coerce.number().optional(),
  to: text.optional(),
  scope: text.optional(),
  confirm: text.optional(),
  /** Of `resume`: it is the breaker that is closed. */
  breaker: z.literal('true').optional(),
  /** Of `release`: two writers are acknowledged. */
  splitWriter: z.literal('true').optional(),
  /** Of a request that was shown and is confirmed. */
  requestId: text.optional(),
});
export type VerbForm = z.output<typeof formSchema>;

export function parseVerbForm(fields: Record<string, unknown>): VerbForm | { refused: string } {
  const parsed = formSchema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { refused: `${issue?.path.join('.') || 'the form'}: ${issue?.message}` };
}

export function isFleetVerb({ verb }: VerbForm): boolean {
  return FLEET_VERBS.some((one) => one === verb);
}

/** What it would do. */
export async function rehearse(invoker: Invoker, form: VerbForm): Promise<VerbAnswer> {
  const { verb, requestId: _, ...request } = form;
  return invoker.call(verb, { ...requestOf(request), dryRun: true });
}

/** The same fields for the second form, as text, and the id that makes it one request. */
export function confirmationOf(form: VerbForm): Record<string, string> {
  const { verb: _, ...request } = form;
  const fields = { ...request, requestId: `dashboard-${randomUUID()}` };
  return Object.fromEntries(Object.entries(withoutBlanks(fields)).map(([name, value]) => [name, String(value)]));
}

export async function carryOut(invoker: Invoker, { verb, ...request }: VerbForm): Promise<VerbAnswer> {
  return invoker.call(verb, requestOf(request));
}

function requestOf(fields: Omit<VerbForm, 'verb'>): Record<string, unknown> {
  return withoutBlanks({ ...fields, breaker: fields.breaker && true, splitWriter: fields.splitWriter && true });
}

function withoutBlanks(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}
