/** The end of a group's execution: says what of its grants was used. Without it all of them count until they are seen. */
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import type { Promotion } from './group-result.ts';
import type { Account, Grants, Ports } from './ports.ts';

/**
 * A promotion as the commit step left it; `unknown` when it ended in an error, so it may have been committed; `settled` where it
 * was none, but a hook that was told.
 */
export type PromotionResult = Omit<Promotion, 'step'> & { result: 'committed' | 'refused' | 'unknown' | 'settled' };

export async function accountForGrants(
  { fleet }: Pick<Ports, 'fleet'>,
  { sweepId, group, results }: { sweepId: string; group: number; results: readonly PromotionResult[] },
  now: Instant,
): Promise<Account> {
  const used: Grants = {};
  for (const { to, weight, result } of results) {
    if (result === 'committed' || result === 'unknown') used[to as Phase] = (used[to as Phase] ?? 0) + weight;
  }
  const account: Account = { sweepId, group, used, at: now };
  await fleet.putAccount(account);
  return account;
}
