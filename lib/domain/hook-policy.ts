/**
 * Which of a team's own functions a policy asks, and when: before and after a job enters a phase. `policies/*.yaml` is checked
 * against this. A function is named in full, since a deployment may invoke exactly those that its policies name.
 */
import * as z from 'zod';
import { durationSeconds } from './duration.ts';
import type { Phase } from './phases.ts';

/** In the order in which a transition asks them. `remove` has the place of `prepare` before `complete`. */
export const HOOK_STEPS = ['gate', 'prepare', 'remove', 'settle'] as const;
export type HookStep = (typeof HOOK_STEPS)[number];

/** The steps that a promotion waits for. */
export type AskedStep = Exclude<HookStep, 'settle'>;

/** A state machine's step waits no longer, and a sweep has to end before the next one. */
export const MAX_HOOK_SECONDS = 60;

const FUNCTION =
  /^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?$/;

const call = {
  function: z
    .string()
    .max(300)
    .regex(FUNCTION, "a Lambda function's name (orders-gate, orders-gate:live) or its whole ARN; no wildcard"),
  timeoutSeconds: durationSeconds
    .refine((value) => value >= 1 && value <= MAX_HOOK_SECONDS, `from 1 s to ${MAX_HOOK_SECONDS} s`)
    .prefault(MAX_HOOK_SECONDS),
};
const hook = z.strictObject(call);
/** After the gate comes `prepare`, which may take its time too: a pass that grew old by then would never come to a commit. */
const MIN_VALID_SECONDS = 600;
/** A gate is asked about a moment, so that its `pass` grows old. */
const gate = z.strictObject({
  ...call,
  validSeconds: durationSeconds
    .refine((value) => value >= MIN_VALID_SECONDS, `at least ${MIN_VALID_SECONDS} s: it has to last until the commit`)
    .prefault('1d'),
});

const around = () =>
  z.strictObject({ gate: gate.optional(), prepare: hook.optional(), settle: hook.optional() }).optional();

export const hooksSchema = z
  .strictObject({
    pending: z.strictObject({ settle: hook }).optional().describe('told when a job is back in pending'),
    shadow: around().describe(
      "the team's functions around a job's way into shadow; absent: none. `gate` is asked before a promotion, `prepare` gets ready for it, `settle` is told of every transition into the phase afterwards. Each has a `function` and `timeoutSeconds` (60, at most); a gate's pass holds for `validSeconds` (1d)",
    ),
    'reverse-shadow': around().describe('... into reverse shadow, before and after the writers are swapped'),
    cleanup: around().describe('... into cleanup, before and after the old system is stopped'),
    complete: z
      .strictObject({
        remove: hook.optional(),
        settle: hook.optional(),
        confirmRemoval: z.enum(['operator', 'hook']).default('operator'),
      })
      .refine(({ remove, confirmRemoval }) => confirmRemoval === 'operator' || remove !== undefined, {
        error: '`hook` wants a hook that removes: name its function under `remove`, or leave it to an `operator`',
        path: ['confirmRemoval'],
      })
      .optional()
      .describe(
        '... at the end: `remove` removes the old job and answers `removed: true`; `confirmRemoval`: by whose word the job is complete then, `operator` (default) or `hook`',
      ),
  })
  .prefault({});

export type HooksPolicy = z.output<typeof hooksSchema>;
export type HookRule = z.output<typeof hook> & { validSeconds?: number };

interface WithHooks {
  hooks: HooksPolicy;
}

/** The function that this step of a transition into `to` asks; `undefined` where the policy names none. */
export function findHook({ hooks }: WithHooks, to: Phase, step: HookStep): HookRule | undefined {
  const rules: Partial<Record<HookStep, HookRule | undefined>> = hooks[to] ?? {};
  return rules[step];
}

/** Whether a promotion to this phase has anything to do with hooks. */
export function hasHooks(policy: WithHooks, to: Phase): boolean {
  return HOOK_STEPS.some((step) => findHook(policy, to, step) !== undefined);
}

/** Every function that the policies name, once, as they name it. */
export function listHookFunctions(policies: readonly WithHooks[]): string[] {
  const named = policies.flatMap(({ hooks }) =>
    (Object.keys(hooks) as Phase[]).flatMap((to) => HOOK_STEPS.flatMap((step) => findHook({ hooks }, to, step) ?? [])),
  );
  return [...new Set(named.map((rule) => rule.function))].sort();
}
