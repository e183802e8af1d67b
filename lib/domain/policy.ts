/**
 * Policies: the criteria and limits that a job is held to, by name, and the limits of the fleet. The schemas are the
 * reference for `policies/*.yaml`; their defaults are the documented ones.
 */
import { z } from 'zod';
import { durationSeconds } from './duration.ts';
import { WINDOW } from './evidence.ts';

const seconds = (text: string) => durationSeconds.prefault(text);

const hardLimit = z.strictObject({
  /** Breach when new exceeds old by more than this factor ... */
  ratio: z.number().min(1).default(2),
  /** ... and by at least this much (seconds or bytes): 2 s against 3 s is no regression. */
  floor: z.number().nonnegative(),
});

export const policySchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower case letters, digits and dashes'),
  /**
   * `observe`: decisions are recorded, nothing is committed. `recommend`: promotions wait for a person, demotions do not.
   * `enforce`: both are committed.
   */
  automation: z.enum(['observe', 'recommend', 'enforce']).default('observe'),
  /** Matching pairs of the present epoch and release that a promotion needs. No policy can go below 3. */
  minPairs: z.int().min(3).max(WINDOW).default(24),
  /** Evidence older than this is missing. */
  maxAgeSeconds: seconds('2d'),
  /** A pair counts when no later attempt has come for this long (or at once when both landings are final). */
  settleSeconds: seconds('15m'),
  /** How long one side may be absent when the other has landed. */
  absentGraceSeconds: seconds('6h'),
  /** How long a partition may be owed before a person should look. */
  owedGraceSeconds: seconds('6h'),
  soak: z.strictObject({ shadowSeconds: seconds('3d'), reverseShadowSeconds: seconds('7d') }).prefault({}),
  tombstoneSeconds: seconds('14d'),
  /** After a demotion; doubles with each, up to the maximum. */
  cooldown: z.strictObject({ firstSeconds: seconds('1d'), maxSeconds: seconds('16d') }).prefault({}),
  /** So many automatic demotions within this time, and automation stops promoting until a person releases the job. */
  flapping: z
    .strictObject({ demotions: z.int().min(2).max(10).default(4), withinSeconds: seconds('60d') })
    .prefault({}),
  /** Longer than this in a phase without moving on is `stuck`. */
  stuckAfter: z
    .strictObject({
      pendingSeconds: seconds('14d'),
      shadowSeconds: seconds('14d'),
      reverseShadowSeconds: seconds('21d'),
      cleanupSeconds: seconds('30d'),
    })
    .prefault({}),
  criteria: z
    .strictObject({
      /** Row count and checksum are equal, pair by pair. It has no setting and cannot be switched off. */
      dataQuality: z.strictObject({}).prefault({}),
      /** `false` switches it off. */
      landingLatency: z
        .union([
          z.literal(false),
          z.strictObject({
            lag: hardLimit.prefault({ ratio: 3, floor: 900 }),
            /** Breach whatever the ratio says. */
            maxExtraSeconds: seconds('6h'),
            /** Of the newest `of` pairs, so many breaches fail. Fewer, but any, are inconclusive. */
            breaches: z.int().min(1).max(WINDOW).default(3),
            of: z.int().min(1).max(WINDOW).default(12),
          }),
        ])
        .prefault({}),
      resourceUtilization: z
        .union([
          z.literal(false),
          z.strictObject({
            compute: hardLimit.prefault({ ratio: 2, floor: 60 }),
            storage: hardLimit.prefault({ ratio: 2, floor: 1e8 }),
            breaches: z.int().min(1).max(WINDOW).default(3),
            of: z.int().min(1).max(WINDOW).default(12),
          }),
        ])
        .prefault({}),
    })
    .prefault({}),
});

export type Policy = z.output<typeof policySchema> & {
  /** Of the content it was read from; recorded with every decision. */
  hash: string;
};

export const fleetLimitsSchema = z.strictObject({
  /** The sum of weights that a phase may hold. */
  capacity: z
    .strictObject({
      shadow: z.int().nonnegative().default(10_000),
      'reverse-shadow': z.int().nonnegative().default(10_000),
      cleanup: z.int().nonnegative().default(10_000),
    })
    .prefault({}),
  promotionsPerSweep: z.int().nonnegative().default(2_000),
  /** Promotions stop while more than this share of the jobs in reverse shadow was demoted by one sweep. */
  breaker: z
    .strictObject({
      demotedShare: z.number().min(0).max(1).default(0.1),
      atLeast: z.int().min(1).default(20),
      forSeconds: seconds('6h'),
    })
    .prefault({}),
});
export type FleetLimits = z.output<typeof fleetLimitsSchema>;
