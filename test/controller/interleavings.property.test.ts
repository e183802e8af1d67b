/**
 * Runs, sweeps, overrides and the stream, all at once, in random interleavings of their calls. The model explores small
 * worlds completely; this samples larger ones with everything that the model leaves out: gather, sweeps over evidence,
 * corrections, runs that die at any step. Short runs of many acts at once have to keep invariants 1, 2 and 7; long ones, in
 * which operators use every verb between and beside the sweeps, invariants 2, 4, 5 and 10.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ports } from '../../lib/controller/ports.ts';
import { type Phase, writerMayStand } from '../../lib/domain/phases.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { type Act, aCycle, aRun, aStop, aSweepOrGather, aVerb, PARTITIONS, World } from './interleaving.ts';
import { openBreakerFor, staleEvidence } from './stage.ts';

/** A world whose calls wait for the scheduler, until `race.on` is false. */
function aRacingWorld(scheduler: fc.Scheduler, phase: Phase, policy: Partial<Policy> = {}) {
  const race = { on: true };
  const yielding = <T extends object>(store: T): T =>
    new Proxy(store, {
      get: (target, name) => {
        const call = (target as Record<string | symbol, unknown>)[name] as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          if (race.on) await scheduler.schedule(Promise.resolve(), String(name));
          return call(...args);
        };
      },
    });
  const ports = ({ policies, jobs, claims, evidence, fleet }: Ports): Ports => ({
    policies,
    jobs: yielding(jobs),
    claims: yielding(claims),
    evidence: yielding(evidence),
    fleet: yielding(fleet),
  });
  return { world: new World(phase, policy, ports), race };
}

function expectAtRest(world: World): Promise<void> {
  const { stage, destination } = world;
  for (const { partition, production } of stage.state.claims.values()) {
    expect(destination.checksumOf(partition), partition).toBe(production?.checksum);
    expect(production?.checksum, partition).toBe('good');
  }
  const { phase, lastTransition } = stage.job();
  expect(lastTransition?.settled ?? true).toBe(true);
  for (const { writer, production } of stage.state.claims.values())
    if (!writerMayStand(phase, writer)) expect(production).toBeDefined();
  expect(staleEvidence(stage)).toEqual([]);
  return stage.ports.claims.listOpen('flights-atl').then((open) => expect(open).toEqual([]));
}

describe('whatever interleaves', () => {
  it('production is what its claim says, every phase change has one record, and nothing stays open', async () => {
    const seen = { demoted: 0, takenOver: 0, quarantined: 0 };
    const act = fc.oneof(
      { weight: 5, arbitrary: aRun },
      { weight: 3, arbitrary: aSweepOrGather },
      { weight: 1, arbitrary: aVerb('promote --force', 'demote') },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(act, { minLength: 3, maxLength: 12 }), async (scheduler, acts) => {
        const { world, race } = aRacingWorld(scheduler, 'reverse-shadow');
        const { stage, wrongs } = world;
        await scheduler.waitFor(Promise.all(acts.map((one) => world.act(one))));
        race.on = false;
        expect(wrongs).toEqual([]);
        world.expectPublishedContent();
        if (world.seen.has('demotion')) seen.demoted++;
        if ([...stage.state.claims.values()].some((claim) => claim.takenOverAt)) seen.takenOver++;
        if ([...stage.state.claims.values()].some((claim) => claim.quarantine)) seen.quarantined++;

        await world.comeToRest();
        await expectAtRest(world);
        world.expectRecordsOfOneLife('reverse-shadow');
      }),
      { numRuns: 100 },
    );
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
  }, 60_000);

  const FIRST: Phase = 'shadow';
  const asked = { quorum: 1, allowClaimed: true };
  const { approvals } = policySchema.parse({ name: 'asks', approvals: { cleanup: asked } });
  /** Weighted so that a run gets far: what ends it (retire, complete) is rare, what lets go is as frequent as what stops. */
  const act = fc.oneof(
    { weight: 6, arbitrary: aRun },
    { weight: 6, arbitrary: aCycle },
    { weight: 8, arbitrary: aSweepOrGather },
    { weight: 3, arbitrary: aStop },
    { weight: 3, arbitrary: aVerb('release', 'resume') },
    { weight: 3, arbitrary: aVerb('promote', 'promote --force', 'demote', 'restart', 'approve', 'complete') },
    { weight: 2, arbitrary: aVerb('resume --breaker', 'approve', 'complete') },
    { weight: 1, arbitrary: fc.nat(9).map((n): Act => (n === 0 ? RETIRE : { do: 'breaker' })) },
  );
  const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), { minLength: 8, maxLength: 30, size: 'max' });

  it('a person’s word holds, no demotion waits for a stop of promotions, and there is a way on from everywhere', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), rounds, fc.boolean(), async (scheduler, all, rests) => {
        const { world, race } = aRacingWorld(scheduler, FIRST, { approvals });
        const { stage, wrongs } = world;
        for (const acts of all) {
          await scheduler.waitFor(Promise.all(acts.map((one) => world.act(one))));
          stage.advance(60);
        }
        race.on = false;
        expect(wrongs).toEqual([]);
        world.expectPublishedContent();
        world.expectRecordsOfOneLife(FIRST);
        const ended = stage.job().retired ?? (stage.job().phase === 'complete' || undefined);
        if (!ended && rests) {
          await world.comeToRest();
          await expectAtRest(world);
        }
        if (!ended) await expectWayOn(world);
        expect(wrongs).toEqual([]);
        world.expectRecordsOfOneLife(FIRST);
        for (const what of world.seen) seen.set(what, (seen.get(what) ?? 0) + 1);
      }),
      { numRuns: 120 },
    );
    for (const what of WANTED) expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
  }, 60_000);
});

const RETIRE: Act = { do: 'verb', verb: 'retire', twice: true };

/** What most of the runs have in them; without it they would show nothing. */
const WANTED = [
  'automatic promotion',
  'automatic demotion',
  'promote --force',
  'demote',
  'hold',
  'release',
  'restart',
  'approve',
  'retire',
  'pause',
  'resume',
];

/** Invariants 10 and 5, from the state that the run has led to. */
async function expectWayOn(world: World): Promise<void> {
  const { stage } = world;
  const say = (verb: string, scope?: 'promotions' | 'all') =>
    world.operate(stage.ports, { do: 'verb', verb, twice: false, ...(scope && { scope }) });
  const onward: Record<string, string> = { pending: 'promote --force', shadow: 'promote --force', cleanup: 'demote' };
  for (let steps = 0; steps < 3 && stage.job().phase !== 'reverse-shadow'; steps++) {
    const { phase } = stage.job();
    expect(await say(onward[phase]!), `${onward[phase]} from ${phase}`).toBe('ok');
  }
  expect(stage.job().phase).toBe('reverse-shadow');

  // Everything that stops promotions is on, for a moment what stops all, and a mismatch comes in.
  await say('hold', 'promotions');
  await say('pause', 'all');
  await openBreakerFor(stage, 9_999, 'the last sweep');
  stage.advance(60);
  for (const partition of PARTITIONS.slice(0, 2))
    for (const [system, content] of [
      ['old', 'good'],
      ['new', 'worse'],
    ] as const)
      await world.act({ do: 'run', partition: `later-${partition}`, system, content, dies: 9, twice: false });
  await world.gatherAll();
  await world.act({ do: 'sweep' });
  expect(stage.job().phase, 'break-glass stops demotions too').toBe('reverse-shadow');
  await say('pause', 'promotions');
  await world.act({ do: 'sweep' });
  expect(stage.job().phase, 'demoted by the first sweep that completed').toBe('shadow');
}
