/**
 * What an actor of the model can ask for. Every call of a port becomes one request that somebody else answers, at a time
 * of the explorer's choosing, and touches exactly one slot of the world (a record), which is what makes it atomic on
 * DynamoDB too. One job, one policy and one instant are enough: nothing in the protocol depends on time passing.
 */
import type { Ports } from '../../lib/controller/ports.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { HookRequest } from '../../lib/domain/hook.ts';
import type { Phase, System } from '../../lib/domain/phases.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';

export const JOB_ID = 'job';
export const NOW = '2026-11-22T12:00:00.000Z';

/** What the policy expects to differ: `rounded` content, which has a row more. */
const ROUNDING = {
  ...{ name: 'rounding', reason: 'old drops a trailing row', owner: 'ann', expires: '2026-12-31' },
  rowCount: { rows: 1 },
};

/** As short as a policy can be: three matching pairs, no waiting. */
export const POLICY: Policy = {
  ...policySchema.parse({
    name: 'model',
    automation: 'enforce',
    minPairs: 3,
    settleSeconds: 0,
    soak: { shadowSeconds: 0, reverseShadowSeconds: 0 },
    cooldown: { firstSeconds: 0, maxSeconds: 0 },
    tombstoneSeconds: 0,
    criteria: { dataQuality: { knownDifferences: [ROUNDING] }, landingLatency: false, resourceUtilization: false },
  }),
  hash: 'model',
};

/** The same, of a team that has a say before reverse shadow, and is told of the ways there and back. */
export const GATED: Policy = {
  ...POLICY,
  name: 'gated',
  hash: 'gated',
  hooks: policySchema.parse({
    name: 'gated',
    hooks: {
      'reverse-shadow': { gate: { function: 'model-gate' }, settle: { function: 'model-told' } },
      shadow: { settle: { function: 'model-told' } },
    },
  }).hooks,
};
export const POLICIES: ReadonlyMap<string, Policy> = new Map([POLICY, GATED].map((policy) => [policy.name, policy]));

export function policyOf({ policy }: { policy: string }): Policy {
  const found = POLICIES.get(policy);
  if (!found) throw new Error(`the model has no policy ${policy}`);
  return found;
}

export interface Call {
  /** The record it reads or writes, e.g. `claim p1`. */
  slot: string;
  port: 'jobs' | 'claims' | 'evidence' | 'fleet' | keyof Outside;
  method: string;
  args: readonly unknown[];
}

/** What is around the controller: the pipelines' destination, deliveries that come late or twice, an operator's hand. */
export interface Outside {
  destination: {
    /** Makes what a system has staged visible under a token. Answers false when the destination has seen a higher one. */
    publish(partition: string, by: System, token: string, checksum: string): Promise<boolean>;
  };
  stream: {
    /** Hands over the image of a claim, once there is one that is in quarantine. */
    quarantined(partition: string): Promise<Claim>;
  };
  wire: {
    /** Copies a message that is in flight, for somebody to deliver once more. */
    copy(message: unknown): Promise<void>;
    /** The copy, once there is one. */
    take(): Promise<unknown>;
  };
  team: {
    /** What a team's function says to this request: whatever it likes. */
    answer(asked: TeamAsked): Promise<unknown>;
  };
  hand: {
    /** Puts the job's item back to another phase, past every condition and under the version that it has. */
    restore(phase: Phase): Promise<void>;
  };
}

/** What of a request tells one question from another. */
export type TeamAsked = Pick<HookRequest, 'step' | 'idempotencyKey'> & { version?: number };

export type ModelPorts = Ports & Outside;

/** A write that lost its race, or looks as if it had. */
export function isLost(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'written' in answer && answer.written === false;
}

export function isWritten(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'written' in answer && answer.written === true;
}
