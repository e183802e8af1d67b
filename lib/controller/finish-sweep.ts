/**
 * The end of a sweep, noted once. Every group accounts for itself at its end and then looks whether it was the last: of two
 * that end together at least one sees both accounts, since each writes its own before it reads. A group that died never
 * accounts, so the next sweep's fan-out ends what nobody has. One conditional write settles who did.
 */
import { sumCounts } from '../domain/sweep.ts';
import type { Instant } from '../domain/time.ts';
import type { Account, Ledger, Ports, ShardSummary } from './ports.ts';

/** The sweep that ends may have been followed by others already, by so many at most. */
const LEDGERS_READ = 12;

/** @param groups of the sweep, as the fan-out told the execution. */
export async function finishSweep(
  { fleet }: Pick<Ports, 'fleet'>,
  { sweepId, groups }: { sweepId: string; groups: number },
  now: Instant,
): Promise<void> {
  const accounts = await fleet.listAccounts(sweepId);
  if (accounts.length < groups) return;
  const ledger = (await fleet.listLedgers(LEDGERS_READ)).find((one) => one.sweepId === sweepId);
  if (ledger) await writeEnd({ fleet }, ledger, accounts, await fleet.listSummaries(), now);
}

/** For the sweep before this one, before this one's ledger is written: what is not ended by then has lost a group. */
export async function finishPrevious(
  { fleet }: Pick<Ports, 'fleet'>,
  previous: Ledger,
  summaries: readonly ShardSummary[],
  now: Instant,
): Promise<void> {
  await writeEnd({ fleet }, previous, await fleet.listAccounts(previous.sweepId), summaries, now);
}

async function writeEnd(
  { fleet }: Pick<Ports, 'fleet'>,
  { sweepId, scheduledAt, createdAt, groups }: Ledger,
  accounts: readonly Account[],
  summaries: readonly ShardSummary[],
  now: Instant,
): Promise<void> {
  const seen = summaries.filter((summary) => summary.sweepId === sweepId);
  await fleet.finishSweep({
    sweepId,
    scheduledAt,
    startedAt: createdAt,
    finishedAt: now,
    groups: groups.length,
    accounted: accounts.length,
    promotedWeight: sumCounts(accounts.map((account) => account.used)),
    demotions: seen.reduce((sum, summary) => sum + summary.demoted, 0),
    jobs: sumCounts(seen.map((summary) => summary.counts)),
    attention: sumCounts(seen.map((summary) => summary.attention)),
  });
}
