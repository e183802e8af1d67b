/**
 * Replays of random stories: what was made of a job's landings by real sweeps and commits is found again in what is kept of
 * them, under the policy that was in force. Each story is lived by two jobs of one fleet at once.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtest } from '../../lib/controller/backtest.ts';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { restart } from '../../lib/controller/override.ts';
import { listOwed } from '../../lib/controller/owed.ts';
import { compareSteps } from '../../lib/domain/compare-steps.ts';
import { type KnownDifference, knownDifferenceSchema } from '../../lib/domain/difference.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, LIMITS_ONLY, NOW } from '../builders/records.ts';
import { aStage, runOf, type Stage } from './stage.ts';

const HOUR = 3_600;
const SWEEP = 900;
const JOBS = ['first', 'second'] as const;

/** What the two systems do in one hour of a job. */
interface Hour {
  old: 'runs' | 'absent';
  next: 'runs' | 'absent' | 'late' | 'wrong' | 'expected' | 'slow';
  backfill: boolean;
  release: 'v1' | 'v2' | undefined;
  restarted: boolean;
}

const usually = <T>(usual: T, weight: number, ...others: T[]) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const hour: fc.Arbitrary<Hour> = fc.record({
  old: usually<Hour['old']>('runs', 20, 'absent'),
  next: usually<Hour['next']>('runs', 5, 'absent', 'late', 'wrong', 'expected', 'slow'),
  backfill: usually(false, 10, true),
  release: usually<Hour['release']>(undefined, 12, 'v1', 'v2'),
  restarted: usually(false, 30, true),
});

const ROUNDING: KnownDifference = knownDifferenceSchema.parse({
  ...{ name: 'rounding', reason: 'old drops trailing rows', owner: 'ann', expires: '2027-12-31' },
  rowCount: { share: 0.01 },
});
const policies: fc.Arbitrary<Partial<Policy>> = fc.record({
  settleSeconds: fc.constantFrom(0, 600, 2 * HOUR),
  absentGraceSeconds: fc.constantFrom(1_800, 5 * HOUR),
  cooldown: fc.constantFrom(0, 3 * HOUR).map((seconds) => ({ firstSeconds: seconds, maxSeconds: 4 * seconds })),
  soak: fc.record({ shadowSeconds: fc.constantFrom(0, 4 * HOUR), reverseShadowSeconds: fc.constant(12 * HOUR) }),
  flapping: fc.constant({ demotions: 2, withinSeconds: 20 * HOUR }),
  criteria: fc.constantFrom<KnownDifference[]>([], [ROUNDING]).map((knownDifferences) => ({
    ...LIMITS_ONLY,
    // A demotion for what never landed leaves no trace of when old had: its landing is made anew as production.
    landingLatency: false as const,
    dataQuality: { ...LIMITS_ONLY.dataQuality, knownDifferences },
  })),
});

/** A partition of this hour, run as the story says. */
async function land(stage: Stage, jobId: string, partition: string, { old, next, backfill }: Hour, release: string) {
  const kind = backfill ? ('backfill' as const) : ('scheduled' as const);
  if (old === 'runs') await runOf(stage, { jobId, partition, system: 'old', report: { kind } });
  if (next === 'absent' || next === 'late') return;
  // In shadow a mismatch stands until it is corrected, and what was corrected is not kept: a replay cannot know of it.
  const wrong = next === 'wrong' && stage.job(jobId).phase === 'reverse-shadow';
  const report = {
    kind,
    release,
    ...(wrong && { checksum: 'wrong' }),
    ...(next === 'expected' && stage.job(jobId).phase === 'reverse-shadow' && { checksum: 'rounded', rowCount: 995 }),
    ...(next === 'slow' && { computeSeconds: 900 }),
  };
  await runOf(stage, { jobId, partition, system: 'new', report });
}

async function sweep(stage: Stage, sweepId: string): Promise<void> {
  await stage.gather();
  const expiresAt = addSeconds(stage.now(), 600);
  const shards = [...new Set(JOBS.map(shardOf))];
  const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
  const { promotions, failed } = await evaluateGroup(
    stage.ports,
    { sweepId, group: 0, shards, grants, expiresAt },
    stage.now,
  );
  expect(failed).toEqual([]);
  for (const { jobId, to, step } of promotions) {
    if (step === 'commit') await commitPromotion(stage.ports, { jobId, to, sweepId, expiresAt }, stage.now);
  }
  await stage.gather();
}

async function live(story: readonly Hour[][], policy: Partial<Policy>, phase: Phase): Promise<Stage> {
  const jobs = JOBS.map((jobId) => aJob({ jobId, phase, registeredAt: NOW, phaseSince: NOW }));
  const stage = aStage({ jobs, policy });
  const release = new Map<string, string>();
  const by = { actor: 'ann', verified: false, reason: 'a new source' };
  for (const [number, hours] of story.entries()) {
    const partition = `hour-${String(number).padStart(3, '0')}`;
    stage.advance(100);
    for (const [i, jobId] of JOBS.entries()) {
      const { release: next, restarted } = hours[i]!;
      if (restarted) await restart(stage.ports, { jobId, ...by }, stage.now);
      release.set(jobId, next ?? release.get(jobId) ?? 'v0');
      // What is quarantined or was taken over is published by the system that has production now.
      for (const system of ['old', 'new'] as const) {
        for (const owed of await listOwed(stage.ports, { system, jobId })) {
          if (owed.reason !== 'not-landed') await runOf(stage, { jobId, partition: owed.partition, system });
        }
      }
      await land(stage, jobId, partition, hours[i]!, release.get(jobId)!);
    }
    for (let quarter = 0; quarter < HOUR / SWEEP; quarter++) {
      stage.advance(quarter === 0 ? SWEEP - 100 : SWEEP);
      if (quarter === 2) {
        for (const [i, jobId] of JOBS.entries()) {
          if (hours[i]!.next === 'late')
            await runOf(stage, { jobId, partition, system: 'new', report: { release: release.get(jobId)! } });
        }
      }
      await sweep(stage, `sweep-${number}-${quarter}`);
    }
  }
  return stage;
}

const named = (steps: readonly { from: Phase; to: Phase; at: string }[]) =>
  steps.map(({ from, to, at }) => `${from} -> ${to} at ${at}`);

describe('a replay of whatever happened, under the policy that was in force', () => {
  it('makes the steps that were made, at the sweeps that made them', { timeout: 120_000 }, async () => {
    const story = fc.array(fc.tuple(hour, hour), { minLength: 12, maxLength: 30 });
    const phases = fc.constantFrom<Phase>('pending', 'shadow', 'reverse-shadow');
    let made = 0;
    await fc.assert(
      fc.asyncProperty(story, policies, phases, async (hours, given, phase) => {
        const stage = await live(hours, given, phase);
        const policy = stage.ports.policies.find('default')!;
        for (const jobId of JOBS) {
          const { actual, replayed, until } = await backtest(
            stage.ports,
            stage.job(jobId),
            { policy, everySeconds: SWEEP },
            stage.now(),
          );
          made += actual.length;
          const differences = compareSteps(actual, replayed, 0, until);
          expect({ jobId, differences, replayed: named(replayed) }).toEqual({
            jobId,
            differences: [],
            replayed: expect.anything(),
          });
        }
      }),
      { numRuns: 25 },
    );
    expect(made, 'steps that were compared, or the stories have become dull').toBeGreaterThan(40);
  });
});
