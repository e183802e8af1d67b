/**
 * The ports as the model hands them to the protocol code: every call becomes one request that somebody else answers, at
 * a time of the explorer's choosing. A call touches exactly one slot of the world (a record), which is what makes it
 * atomic on DynamoDB too. Listing claims is one request for each partition, since a query there is no snapshot.
 */
import { policySchema, type Policy } from '../../lib/domain/policy.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { WRITTEN } from '../../lib/controller/clauses.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import type { Ports } from '../../lib/controller/ports.ts';

export const JOB_ID = 'job';
export const NOW = '2026-11-22T12:00:00.000Z';

export interface Call {
  /** The record it reads or writes, e.g. `claim p1`. */
  slot: string;
  port: 'jobs' | 'claims' | 'evidence' | 'fleet' | 'destination' | 'stream' | 'wire' | 'hand';
  method: string;
  args: readonly unknown[];
}

/** What the pipelines' side adds to the controller's ports. */
export interface Outside {
  destination: {
    /** Makes content visible under a token. Answers false when the destination has seen a higher one. */
    publish(partition: string, token: string, checksum: string): Promise<boolean>;
  };
  stream: {
    /** Hands over the image of a claim that is in quarantine, once there is one. */
    quarantined(partition: string): Promise<Claim>;
  };
  hand: {
    /** Puts the job's item back to another phase, past every condition and under the version that it has. */
    restore(phase: Phase): Promise<void>;
  };
  wire: {
    /** Copies a message that is in flight, for somebody to deliver once more. */
    copy(message: unknown): Promise<void>;
    /** The copy, once there is one. */
    take(): Promise<unknown>;
  };
}
export type ModelPorts = Ports & Outside;

export const POLICY: Policy = {
  ...policySchema.parse({
    name: 'model',
    automation: 'enforce',
    minPairs: 3,
    settleSeconds: 0,
    soak: { shadowSeconds: 0, reverseShadowSeconds: 0 },
    cooldown: { firstSeconds: 0, maxSeconds: 0 },
    tombstoneSeconds: 0,
    criteria: { landingLatency: false, resourceUtilization: false },
  }),
  hash: 'model',
};

export function portsOver(submit: (call: Call) => Promise<unknown>, partitions: readonly string[]): ModelPorts {
  const to =
    (port: Call['port'], slotOf: (...args: never[]) => string) =>
    (method: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: one function stands for every method of a port
    (...args: any[]): Promise<any> =>
      submit({ slot: (slotOf as (...all: unknown[]) => string)(...args), port, method, args });
  const absent = (what: string) => (): never => {
    throw new Error(`${what} has no part in the model: give it a slot before a program of the model uses it`);
  };
  const jobs = to('jobs', () => 'job');
  const claims = to('claims', (of: Claim | string, partition: string) => `claim ${typeof of === 'string' ? partition : of.partition}`);
  const controls = to('fleet', () => 'controls');
  const evidence = to('evidence', () => 'evidence')('get');
  const destination = to('destination', (partition: string) => `destination ${partition}`);
  const stream = to('stream', (partition: string) => `claim ${partition}`);
  const wire = to('wire', () => 'wire');
  const listOpenOf = claims('listOpen');
  const listOpen = async (jobId: string): Promise<Claim[]> => {
    const open: Claim[] = [];
    for (const partition of partitions) open.push(...((await listOpenOf(jobId, partition)) as Claim[]));
    return open;
  };
  return {
    jobs: {
      get: jobs('get'),
      create: jobs('create'),
      replace: jobs('replace'),
      putHistory: to('jobs', () => 'history')('putHistory'),
      listHistory: absent('listHistory'),
      listShard: async () => ({ items: [(await jobs('get')(JOB_ID, 'eventual')) as Job] }),
      listAttention: absent('listAttention'),
      listTeam: absent('listTeam'),
    },
    claims: { get: claims('get'), create: claims('create'), replace: claims('replace'), listOpen, list: absent('claims.list') },
    evidence: { get: evidence, replace: absent('evidence.replace'), listShard: async () => ({ items: [(await evidence(JOB_ID, 'eventual')) as Evidence] }) },
    fleet: {
      getControls: controls('getControls'),
      replaceControls: controls('replaceControls'),
      createLedger: absent('createLedger'),
      getLedger: absent('getLedger'),
      listLedgers: absent('listLedgers'),
      ensureShard: absent('ensureShard'),
      putSummary: async () => WRITTEN,
      listSummaries: absent('listSummaries'),
      putAccount: absent('putAccount'),
      listAccounts: absent('listAccounts'),
      putOwed: async () => undefined,
      deleteOwed: async () => undefined,
      listOwed: absent('listOwed'),
    },
    policies: { find: (name) => (name === POLICY.name ? POLICY : undefined), fleet: undefined as never },
    destination: { publish: destination('publish') },
    stream: { quarantined: stream('quarantined') },
    hand: { restore: to('hand', () => 'job')('restore') },
    wire: { copy: wire('copy'), take: wire('take') },
  };
}
