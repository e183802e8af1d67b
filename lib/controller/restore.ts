/**
 * restore: brings one job back from what was kept of its tables, and makes void whatever was given out since. A table of an
 * hour ago does not know the epochs, versions and tokens of that hour and would give them out again: to another run as the
 * same right, to the evidence as the same phase. So all of them jump, past anything that can have been given out. Called by
 * the command line, which writes the tables itself, while the functions that ask for rights stand still; a repeat jumps once
 * more, which harms nothing.
 */
import pMap from 'p-map';
import type { Claim } from '../domain/claim.ts';
import { emptyEvidence } from '../domain/evidence.ts';
import { shardOf } from '../domain/hash.ts';
import type { Job } from '../domain/job.ts';
import { type Instant, laterOf, toInstant, toMs } from '../domain/time.ts';
import type { OverrideRecord } from '../domain/transition.ts';
import { readClaims } from './gather.ts';
import type { Ports } from './ports.ts';
import { copyRecords, settle } from './take-over.ts';

/** What is read: the restored tables, or the deployment's own where only the jump is wanted. */
export type KeptPorts = Pick<Ports, 'jobs' | 'claims'>;
/** What is written. */
export type LivePorts = Pick<Ports, 'jobs' | 'claims' | 'evidence'> & { fleet: Pick<Ports['fleet'], 'ensureShard'> };

export interface RestoreRequest {
  actor: string;
  reason: string;
}

export interface Restored {
  jobId: string;
  epoch: number;
  claims: number;
}

/** More changes than any job sees between two backups, and few enough for the ten digits of a history key. */
const JUMP = 1_000_000;
const CLAIMS_AT_ONCE = 16;
const HISTORY_COPIED = 10_000;

export async function restoreJob(
  live: LivePorts,
  kept: KeptPorts,
  jobId: string,
  request: RestoreRequest,
  now: Instant,
): Promise<Restored> {
  const [known, present] = [await kept.jobs.get(jobId, 'strong'), await live.jobs.get(jobId, 'strong')];
  if (!known)
    throw new Error(`job ${jobId} is in the index of the restored table and not in the table: restore it again`);
  // No job may be in a shard that the fan-out does not know: a fleet table of then, or a new one, may not.
  await live.fleet.ensureShard(shardOf(jobId));
  await copyHistory(live, kept, known, present);
  // Before the claims, whose stream then folds it anew: evidence of restored landings would take them for old news.
  const version = (await live.evidence.get(jobId, 'strong'))?.version ?? 0;
  const emptied = await live.evidence.replace({ ...emptyEvidence(jobId), version: version + 1 }, version);
  const next = jump(known, present, request, now);
  const written = present ? await live.jobs.replace(next, present) : await live.jobs.create(next);
  if (!written.written || !emptied.written) throw stillWritten(jobId);
  const claims = await restoreClaims(live, kept, jobId, now);
  await settle(live, next, now);
  return { jobId, epoch: next.epoch, claims };
}

/** What a person did or automation found since the restored second, and a restore takes back; nothing is written. */
export async function findTakenBack(live: KeptPorts, kept: KeptPorts, jobId: string): Promise<string[]> {
  const [known, present] = [await kept.jobs.get(jobId, 'strong'), await live.jobs.get(jobId, 'strong')];
  if (!known || !present) return [];
  const differs = [
    known.phase !== present.phase && `${present.phase} becomes ${known.phase}`,
    present.hold && present.hold.at !== known.hold?.at && `the hold by ${present.hold.actor} is lost`,
    !present.hold && known.hold && `the hold by ${known.hold.actor} comes back`,
    present.retired && !known.retired && `it is no longer retired by ${present.retired.actor}`,
    present.policy !== known.policy && `policy ${present.policy} becomes ${known.policy}`,
  ];
  return differs.filter((one) => typeof one === 'string');
}

function stillWritten(jobId: string): Error {
  return new Error(
    `${jobId} was written by somebody else meanwhile, who still writes. Set the concurrency of assign, land, published, ingest, evaluate and commit to 0 first, and run this again`,
  );
}

async function copyHistory(live: LivePorts, kept: KeptPorts, known: Job, present: Job | undefined): Promise<void> {
  if (present) await copyRecords(live, present);
  await copyRecords(live, known);
  if (kept.jobs === live.jobs) return;
  const records = await kept.jobs.listHistory(known.jobId, HISTORY_COPIED);
  await pMap(records, (record) => live.jobs.putHistory(record), { concurrency: CLAIMS_AT_ONCE });
}

/** As a restart is recorded: the same phase with a new epoch, so that no evidence from before counts for a promotion. */
function jump(known: Job, present: Job | undefined, { actor, reason }: RestoreRequest, now: Instant): Job {
  const version = Math.max(known.version, present?.version ?? 0) + JUMP;
  const epoch = Math.max(known.epoch, present?.epoch ?? 0) + JUMP;
  const record: OverrideRecord = {
    type: 'restarted',
    jobId: known.jobId,
    version,
    epoch,
    at: now,
    actor: { kind: 'operator', name: actor, verified: false },
    message: reason,
    settled: false,
  };
  const { attention: _a, proposal: _p, ...rest } = known;
  return { ...rest, version, epoch, phaseSince: now, lastOverride: record };
}

/** Those that were kept as they were kept, those that came after as they are; every token of either is void. */
async function restoreClaims(live: LivePorts, kept: KeptPorts, jobId: string, now: Instant): Promise<number> {
  const present = new Map((await readClaims(live, jobId)).map((claim) => [claim.partition, claim]));
  const known = kept.claims === live.claims ? [...present.values()] : await readClaims(kept, jobId);
  const all = new Map([...present, ...known.map((claim) => [claim.partition, claim] as const)]);
  await pMap(
    all.values(),
    async (claim) => {
      const replaced = present.get(claim.partition);
      const next = voidTokens(claim, replaced, now);
      const written = replaced ? await live.claims.replace(next, replaced) : await live.claims.create(next);
      if (!written.written) throw stillWritten(jobId);
    },
    { concurrency: CLAIMS_AT_ONCE },
  );
  return all.size;
}

/**
 * A generation begins at the epoch second of its claim's birth and rises by one with each change of writer. So the jump is past
 * all that were given out, and that does not rest on this machine's clock.
 */
function voidTokens(claim: Claim, replaced: Claim | undefined, now: Instant): Claim {
  const known = Math.max(claim.generation, replaced?.generation ?? 0);
  const generation = Math.max(known + JUMP, Math.floor(toMs(now) / 1000) + 1);
  const changedAt = laterOf(now, toInstant(toMs(laterOf(claim.changedAt, replaced?.changedAt ?? claim.changedAt)) + 1));
  const revision = Math.max(claim.revision, replaced?.revision ?? 0) + JUMP;
  return { ...claim, generation, rightOutstanding: false, changedAt, revision };
}
