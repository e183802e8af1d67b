/** Policies with hooks, and answers to them, for the tests of what is decided about them. */
import type { HookRecord } from '../../lib/domain/hook-record.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { ago, EPOCH, HOUR } from './cases.ts';

export const hooksOf = (hooks: object): Policy['hooks'] => policySchema.parse({ name: 'p', hooks }).hooks;

export const GATE = { function: 'orders-gate' };
export const GATED = hooksOf({ 'reverse-shadow': { gate: GATE } });
export const BOTH = hooksOf({ 'reverse-shadow': { gate: GATE, prepare: { function: 'orders-prepare' } } });
export const REMOVES = hooksOf({ complete: { remove: { function: 'orders-remove' }, confirmRemoval: 'hook' } });

export function answered(given: Partial<HookRecord> = {}): HookRecord {
  return {
    function: 'orders-gate',
    to: 'reverse-shadow',
    epoch: EPOCH,
    round: 1,
    answer: 'pass',
    message: '',
    at: ago(HOUR),
    asked: 1,
    firstAskedAt: ago(HOUR),
    ...given,
  };
}
