/**
 * The controller's ports, and what is around them, as calls that are handed to whoever explores. A query over claims is
 * one call for each partition, since DynamoDB's is no snapshot. What the protocol does not rest on (the worklist, the
 * summaries, the fleet's history) is answered at once and forgotten; what no program of the model uses says so when it is used.
 */
import { WRITTEN } from '../../lib/controller/clauses.ts';
import type { ClaimStore, EvidenceStore, FleetStore, JobStore } from '../../lib/controller/ports.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import type { Job } from '../../lib/domain/job.ts';
import { type Call, JOB_ID, type ModelPorts, POLICIES } from './calls.ts';

export type Submit = (call: Call) => Promise<unknown>;

export function portsOver(submit: Submit, partitions: readonly string[]): ModelPorts {
  const ask =
    <T>(port: Call['port'], method: string, slotOf: (...args: never[]) => string) =>
    (...args: never[]): Promise<T> =>
      submit({ slot: slotOf(...args), port, method, args }) as Promise<T>;
  const job = () => 'job';
  const claimOf = (claim: Claim) => `claim ${claim.partition}`;
  const claimAt = (_jobId: string, partition: string) => `claim ${partition}`;
  const ofPartition = (kind: string) => (partition: string) => `${kind} ${partition}`;
  const evidence = () => 'evidence';
  const controls = () => 'controls';

  const getJob = ask<Job>('jobs', 'get', job) as (jobId: string, read: 'strong' | 'eventual') => Promise<Job>;
  const getEvidence = ask<Evidence>('evidence', 'get', evidence) as (jobId: string) => Promise<Evidence>;
  const listOpenAt = ask<Claim[]>('claims', 'listOpen', claimAt) as (jobId: string, at: string) => Promise<Claim[]>;

  return {
    jobs: only<JobStore>({
      get: getJob,
      replace: ask('jobs', 'replace', job),
      putHistory: ask('jobs', 'putHistory', () => 'history'),
      listHistory: ask('jobs', 'listHistory', () => 'history'),
      listShard: async () => ({ items: [await getJob(JOB_ID, 'eventual')] }),
    }),
    claims: only<ClaimStore>({
      get: ask('claims', 'get', claimAt),
      create: ask('claims', 'create', claimOf),
      replace: ask('claims', 'replace', claimOf),
      async listOpen(jobId) {
        const open: Claim[] = [];
        for (const partition of partitions) open.push(...(await listOpenAt(jobId, partition)));
        return open;
      },
    }),
    evidence: only<EvidenceStore>({
      get: getEvidence,
      replace: ask('evidence', 'replace', evidence),
      listShard: async () => ({ items: [await getEvidence(JOB_ID)] }),
    }),
    fleet: only<FleetStore>({
      getControls: ask('fleet', 'getControls', controls),
      replaceControls: ask('fleet', 'replaceControls', controls),
      putHistory: async () => undefined,
      putSummary: async () => WRITTEN,
      putOwed: async () => undefined,
      deleteOwed: async () => undefined,
    }),
    policies: { find: (name) => POLICIES.get(name), fleet: fleetLimitsSchema.parse({}) },
    destination: { publish: ask('destination', 'publish', ofPartition('destination')) },
    stream: { quarantined: ask('stream', 'quarantined', ofPartition('claim')) },
    wire: { copy: ask('wire', 'copy', () => 'wire'), take: ask('wire', 'take', () => 'wire') },
    team: { answer: ask('team', 'answer', () => 'team') },
    hand: { restore: ask('hand', 'restore', job) },
  };
}

/** A store with these methods; using any other one throws. */
function only<Store extends object>(methods: Partial<Store>): Store {
  return new Proxy(methods as Store, {
    get(target, method) {
      if (Object.hasOwn(target, method)) return Reflect.get(target, method);
      throw new Error(
        `${String(method)} has no part in the model: give it a slot before a program of the model uses it`,
      );
    },
  });
}
