/**
 * A team's side of gates and hooks for tests, which answers as it is told; and a sweep that takes its promotions through the same
 * steps as the state machine does.
 */
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { askAgain, askGate, prepare, settleHook } from '../../lib/controller/hook-steps.ts';
import type { Grants, Hooks } from '../../lib/controller/ports.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { type HookRequest, hookRequestSchema } from '../../lib/domain/hook.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import type { Stage } from './stage.ts';

export const JOB = 'flights-atl';
export const by = { jobId: JOB, actor: 'ann', verified: true, reason: 'r' };

export type Reply = Awaited<ReturnType<Hooks['call']>>;
export const says = (answer: string, more: object = {}): Reply => ({ answered: { schemaVersion: 1, answer, ...more } });
export const PASS = says('pass');

/** The team's side: its answers by step, each given once, the last of them for good. */
export function aTeam(answers: Partial<Record<HookRequest['step'], (Reply | (() => Reply))[]>> = {}) {
  const asked: HookRequest[] = [];
  const hooks: Hooks = {
    async call(_name, request) {
      asked.push(hookRequestSchema.parse(request));
      const given = answers[request.step] ?? [PASS];
      const next = given.length > 1 ? given.shift() : given[0];
      return typeof next === 'function' ? next() : (next ?? PASS);
    },
  };
  return {
    hooks,
    asked,
    steps: () => asked.map(({ step }) => step),
    keys: () => asked.map((one) => one.idempotencyKey),
  };
}

/** Only data quality decides: three pairs are too few for what is noisy. */
export const hooksOf = (hooks: object): { policy: Partial<Policy> } => {
  const exact = { landingLatency: false, resourceUtilization: false };
  const parsed = policySchema.parse({ name: 'p', hooks, criteria: exact });
  return { policy: { hooks: parsed.hooks, criteria: parsed.criteria } };
};
export const GATED = hooksOf({ 'reverse-shadow': { gate: { function: 'orders-gate' } } });
export const ALL = hooksOf({
  shadow: { settle: { function: 'orders-told' } },
  'reverse-shadow': {
    gate: { function: 'orders-gate' },
    prepare: { function: 'orders-prepare' },
    settle: { function: 'orders-told' },
  },
});

const ROOM: Grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
let sweeps = 0;

/** One sweep, with what the state machine does of it; `until` dies before that step. */
export async function sweep(stage: Stage, hooks: Hooks, given: { until?: 'commit' | 'settle'; grants?: Grants } = {}) {
  const sweepId = `sweep-${++sweeps}`;
  const expiresAt = addSeconds(stage.now(), 810);
  const { until, grants = ROOM } = given;
  const request = { sweepId, group: 0, shards: [shardOf(JOB)], grants, expiresAt };
  const { promotions, demotions } = await evaluateGroup(stage.ports, request, stage.now);
  for (const { jobId, to, step } of promotions) {
    const item = { jobId, to, sweepId, expiresAt };
    if (step === 'ask') {
      await askGate(stage.ports, hooks, item, stage.now);
      await prepare(stage.ports, hooks, item, stage.now);
    }
    if (step === 'again') await askAgain(stage.ports, hooks, item, stage.now);
    if (until === 'commit') return { promotions, demotions };
    if (step === 'ask' || step === 'commit') await commitPromotion(stage.ports, item, stage.now);
    if (until === 'settle') return { promotions, demotions };
    if (step === 'ask' || step === 'settle') await settleHook(stage.ports, hooks, item, stage.now);
  }
  return { promotions, demotions };
}
