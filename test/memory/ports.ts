/**
 * The controller's ports in memory, for tests and for the model. Deterministic; every call is one atomic step, which
 * `options.step` can put off, name and reorder. Records are handed in and out as they are, frozen: who changes one that
 * he has read gets a TypeError instead of a store that was changed behind its back.
 */
import type { ClauseName } from '../../lib/controller/clauses.ts';
import { ATTENTION_BUCKETS, type Policies, type Ports, TEAM_BUCKETS } from '../../lib/controller/ports.ts';
import { isOpen } from '../../lib/domain/claim.ts';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { fnv1a32, shardOf } from '../../lib/domain/hash.ts';
import { isSettled } from '../../lib/domain/transition.ts';
import { putOn } from './clauses.ts';
import { createMemoryFleet } from './fleet.ts';
import { keyOf, pageOf, requireNewer, sortBy } from './listing.ts';
import { emptyState, type MemoryState, type Step } from './state.ts';

export interface MemoryOptions {
  /** What is stored; by default nothing yet. The ports change it in place. */
  state?: MemoryState;
  /** Leaves this clause out of every write. */
  without?: ClauseName;
  /** Records in a page of a listing. Default 100. */
  pageSize?: number;
  /** None by default. */
  policies?: Policies;
  /** Runs each call when it sees fit; by default at once. `call` says which, for traces. */
  step?: Step;
}

const NO_POLICIES: Policies = { find: () => undefined, fleet: fleetLimitsSchema.parse({}) };

export function createMemoryPorts(options: MemoryOptions = {}): Ports {
  const { state = emptyState(), without, pageSize = 100, policies = NO_POLICIES } = options;
  const { step = async (_call, run) => run() } = options;
  const { jobs, history, claims, evidence } = state;

  return {
    policies,
    jobs: {
      get: (jobId) => step(`jobs.get ${jobId}`, () => jobs.get(jobId)),
      create: (job) =>
        step(`jobs.create ${job.jobId}`, () => putOn(jobs, job.jobId, job, ['job-is-absent'], {}, without)),
      replace: (next, expected) =>
        step(`jobs.replace ${next.jobId}`, () => {
          requireNewer(next.version, expected.version);
          const clauses = ['job-version-unchanged', 'job-phase-unchanged'] as const;
          return putOn(jobs, next.jobId, next, clauses, expected, without);
        }),
      putHistory: (record) =>
        step(`jobs.putHistory ${record.jobId} ${record.version}`, () =>
          putOn(history, keyOf(record.jobId, record.version), record, ['history-is-absent'], {}, without),
        ),
      listHistory: (jobId, limit) =>
        step(`jobs.listHistory ${jobId}`, () =>
          [...history.values()]
            .filter((record) => record.jobId === jobId)
            .sort((a, b) => b.version - a.version)
            .slice(0, limit),
        ),
      listShard: (shard, from) =>
        step(`jobs.listShard ${shard}`, () => {
          const found = [...jobs.values()].filter(
            (job) => shardOf(job.jobId) === shard && !(job.retired && isSettled(job)),
          );
          return pageOf(found, pageSize, jobIdOf, from);
        }),
      listAttention: (kind, bucket, limit) =>
        step(`jobs.listAttention ${kind} ${bucket}`, () => {
          const found = [...jobs.values()].filter(
            (job) => job.attention?.kind === kind && fnv1a32(job.jobId) % ATTENTION_BUCKETS === bucket,
          );
          return sortBy(found, (job) => keyOf(job.attention?.since, job.jobId)).slice(0, limit);
        }),
      listTeam: (team, bucket, from) =>
        step(`jobs.listTeam ${team} ${bucket}`, () => {
          const found = [...jobs.values()].filter(
            (job) => job.team === team && fnv1a32(job.jobId) % TEAM_BUCKETS === bucket,
          );
          const order = (job: { phase: string; jobId: string }) => keyOf(job.phase, job.jobId);
          return pageOf(found, pageSize, order, from);
        }),
    },
    claims: {
      get: (jobId, partition) => step(`claims.get ${jobId} ${partition}`, () => claims.get(keyOf(jobId, partition))),
      create: (claim) =>
        step(`claims.create ${claim.jobId} ${claim.partition}`, () =>
          putOn(claims, keyOf(claim.jobId, claim.partition), claim, ['claim-is-absent'], {}, without),
        ),
      replace: (next, expected) =>
        step(`claims.replace ${next.jobId} ${next.partition}`, () => {
          requireNewer(next.revision, expected.revision);
          const key = keyOf(next.jobId, next.partition);
          return putOn(claims, key, next, ['claim-revision-unchanged'], expected, without);
        }),
      listOpen: (jobId) =>
        step(`claims.listOpen ${jobId}`, () => {
          const found = [...claims.values()].filter((claim) => claim.jobId === jobId && isOpen(claim));
          return sortBy(found, partitionOf);
        }),
      list: (jobId, from) =>
        step(`claims.list ${jobId}`, () => {
          const found = [...claims.values()].filter((claim) => claim.jobId === jobId);
          return pageOf(found, pageSize, partitionOf, from, 'descending');
        }),
    },
    evidence: {
      get: (jobId) => step(`evidence.get ${jobId}`, () => evidence.get(jobId)),
      replace: (next, expectedVersion) =>
        step(`evidence.replace ${next.jobId}`, () => {
          requireNewer(next.version, expectedVersion);
          const expected = { version: expectedVersion };
          return putOn(evidence, next.jobId, next, ['evidence-version-unchanged'], expected, without);
        }),
      listShard: (shard, from) =>
        step(`evidence.listShard ${shard}`, () => {
          const found = [...evidence.values()].filter((one) => one.shard === shard);
          return pageOf(found, pageSize, jobIdOf, from);
        }),
    },
    fleet: createMemoryFleet({ state, without, step }),
  };
}

const jobIdOf = ({ jobId }: { jobId: string }) => jobId;
const partitionOf = ({ partition }: { partition: string }) => partition;
