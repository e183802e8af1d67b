/**
 * Records for tests, which say only what matters to them: everything else is that of a usual job, `flights-atl`, an hour
 * after its partition `2026-11-22T12` was claimed. What a builder is given wins over its defaults, also when it makes the
 * record inconsistent.
 */
import type { Claim } from '../../lib/domain/claim.ts';
import type { Pair } from '../../lib/domain/evidence/pair.ts';
import type { Standing } from '../../lib/domain/evidence/standing.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Landing } from '../../lib/domain/landing.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { type Instant, toMs } from '../../lib/domain/time.ts';
import type { TransitionRecord } from '../../lib/domain/transition.ts';

export const NOW: Instant = '2026-11-22T13:00:00.000Z';

const JOB_ID = 'flights-atl';
const PARTITION = '2026-11-22T12';

export function aJob(given: Partial<Job> = {}): Job {
  return {
    jobId: JOB_ID,
    team: 'flights',
    policy: 'default',
    wave: 0,
    weight: 1,
    labels: {},
    shape: 'partitioned',
    integration: 'fenced',
    phase: 'pending',
    epoch: 1,
    version: 1,
    registeredAt: NOW,
    phaseSince: NOW,
    demotedAt: [],
    ...given,
  };
}

/** Of a claim that is born at `NOW`. */
export const FIRST_GENERATION = toMs(NOW) / 1_000;

/** Claimed by the old system, with a right that no landing has used: open. `aPublishedClaim` is settled. */
export function aClaim(given: Partial<Claim> = {}): Claim {
  return {
    jobId: JOB_ID,
    partition: PARTITION,
    writer: 'old',
    epoch: 1,
    generation: 1,
    grant: 1,
    rightOutstanding: true,
    readyAt: '2026-11-22T12:00:00.000Z',
    claimedAt: '2026-11-22T12:00:00.000Z',
    changedAt: NOW,
    revision: 1,
    ...given,
  };
}

/** Nothing is owed and no right is out. */
export function aPublishedClaim(given: Partial<Claim> = {}): Claim {
  const { writer = 'old' } = given;
  const production = aLanding({ system: writer });
  const { token, checksum } = production;
  return aClaim({
    rightOutstanding: false,
    revision: 3,
    production,
    published: { system: writer, token, checksum, at: NOW },
    ...given,
  });
}

export function aLanding(given: Partial<Landing> = {}): Landing {
  return {
    system: 'old',
    token: { generation: 1, grant: 1 },
    attempt: 1,
    rowCount: 1_000,
    checksum: 'c0ffee',
    checksumAlgorithm: 'sha256-sum',
    landedAt: '2026-11-22T12:30:00.000Z',
    acceptedAt: '2026-11-22T12:30:01.000Z',
    kind: 'scheduled',
    final: false,
    ...given,
  };
}

/** The documented defaults, but for what is given. */
export function aPolicy(given: Partial<Policy> = {}): Policy {
  return { ...policySchema.parse({ name: 'default' }), hash: 'a-hash', ...given };
}

/** The limits as the only judge, for stories that are too short for a sequential test to come to an end. */
export const LIMITS_ONLY: Policy['criteria'] = policySchema.parse({
  name: 'limits-only',
  criteria: {
    landingLatency: { method: 'hard-limits-only' },
    resourceUtilization: { method: 'hard-limits-only' },
  },
}).criteria;

export function aTransition(given: Partial<TransitionRecord> = {}): TransitionRecord {
  return {
    type: 'promotion',
    jobId: JOB_ID,
    version: 2,
    epoch: 2,
    at: NOW,
    from: 'pending',
    to: 'shadow',
    actor: { kind: 'automation', sweepId: '20261122T130000Z' },
    reason: 'admitted',
    message: 'old landed 30 min ago',
    settled: false,
    ...given,
  };
}

export function anEvidence(given: Partial<Evidence> = {}): Evidence {
  const { jobId = JOB_ID } = given;
  return { jobId, shard: shardOf(jobId), version: 1, recent: [], standing: [], overflow: false, ...given };
}

/** Both sides landed the same. */
export function aPair(given: Partial<Pair> = {}): Pair {
  return {
    partition: PARTITION,
    epoch: 1,
    outcome: 'match',
    changedAt: toMs(NOW),
    oldLandedAt: toMs(NOW) - 60_000,
    newLandedAt: toMs(NOW),
    oldLagSeconds: 1_860,
    newLagSeconds: 1_800,
    release: '1.0.0',
    final: false,
    backfill: false,
    claimedAt: toMs('2026-11-22T12:00:00.000Z'),
    counted: false,
    ...given,
  };
}

/** A mismatch that nobody has repaired. */
export function aStanding(given: Partial<Standing> = {}): Standing {
  return {
    partition: PARTITION,
    epoch: 1,
    changedAt: toMs(NOW),
    landedAt: given.changedAt ?? toMs(NOW),
    final: false,
    mismatch: { oldRows: 1_000, newRows: 999, oldChecksum: 'c0ffee', newChecksum: 'decaf', signature: 'fewer-rows' },
    quarantined: false,
    splitWriter: false,
    ...given,
  };
}
