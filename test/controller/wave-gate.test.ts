/** A wave that is not equal or better as a whole keeps the next one from being swapped, from sweep to sweep. */
import { describe, expect, it } from 'vitest';
import { evaluateGroup, type GroupRequest } from '../../lib/controller/evaluate-group.ts';
import { fanOut } from '../../lib/controller/fan-out.ts';
import type { GroupResult } from '../../lib/controller/group-result.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { aJob, aPolicy } from '../builders/records.ts';
import { aStage, runBoth, type Stage } from './stage.ts';

const first = Array.from({ length: 4 }, (_, i) => `first-${i}`);
const PARTITIONS = Array.from({ length: 6 }, (_, i) => `p${i}`);
const ONLY_DATA = { ...aPolicy().criteria, landingLatency: false as const, resourceUtilization: false as const };

/** Wave 0 needs that many times the compute of old; the one job of wave 1 is cheap. All are ready to be swapped. */
async function aFleet(
  factor: number,
  equalOrBetter: object = { jobs: 4 },
  { later = ['second'], fleet = {} }: { later?: string[]; fleet?: object } = {},
): Promise<Stage> {
  const jobs = [...first, ...later].map((jobId) =>
    aJob({ jobId, phase: 'shadow', wave: later.includes(jobId) ? 1 : 0 }),
  );
  const stage = aStage({ jobs, policy: { criteria: ONLY_DATA }, fleet: { equalOrBetter, ...fleet } });
  for (const { jobId } of jobs) {
    await stage.ports.fleet.ensureShard(shardOf(jobId));
    const next = { computeSeconds: later.includes(jobId) ? 60 : 60 * factor };
    await runBoth(stage, PARTITIONS, { jobId, old: { computeSeconds: 60 }, next });
  }
  return stage;
}

/** The inputs of the executions that a delivery of this sweep starts. */
async function startSweep(stage: Stage, groupSize = 500, scheduledAt = stage.now()): Promise<GroupRequest[]> {
  const started: GroupRequest[] = [];
  const executions = { start: async (_: string, input: object) => void started.push(input as GroupRequest) };
  await fanOut(stage.ports, executions, { intervalSeconds: 900, groupSize }, scheduledAt, stage.now());
  return started;
}

/** Answers which jobs the sweep would promote. */
async function sweep(stage: Stage, groupSize?: number): Promise<string[]> {
  stage.advance(900);
  const started = await startSweep(stage, groupSize);
  const results: GroupResult[] = [];
  for (const request of started) results.push(await evaluateGroup(stage.ports, request, stage.now));
  return results.flatMap(({ promotions }) => promotions.map(({ jobId }) => jobId)).sort();
}

describe('a wave that is dearer as a whole', () => {
  it('keeps jobs of later waves from being swapped, and its own not', async () => {
    const stage = await aFleet(1.5);
    await sweep(stage);
    expect(await sweep(stage)).toEqual(first);
    const [ledger] = await stage.ports.fleet.listLedgers(1);
    expect(ledger?.waveGate).toMatchObject({ wave: 0, measure: 'compute', ratio: 1.5, allowed: 1.1, jobs: 4 });
  });

  it('takes no room for those that it keeps back from those that may go', async () => {
    const later = Array.from({ length: 12 }, (_, i) => `later-${i}`);
    const stage = await aFleet(1.5, undefined, { later, fleet: { promotionsPerSweep: 4 } });
    // No job goes with its own sweep's grant only: nothing here is committed, and grants of dead sweeps count for a while.
    for (let sweeps = 0; sweeps < 3; sweeps++) await sweep(stage, 1);
    stage.state.ledgers.clear();
    expect(await sweep(stage, 1)).toEqual(first);
  });

  it('is the same to every delivery of its sweep, whatever was seen since, and unknown to ledgers of before', async () => {
    const stage = await aFleet(1.5);
    await sweep(stage);
    stage.advance(900);
    const scheduledAt = stage.now();
    const inputs = await startSweep(stage, 500, scheduledAt);
    expect(inputs).toMatchObject([{ lastWave: 0 }]);
    for (const [key, summary] of stage.state.summaries) stage.state.summaries.set(key, { ...summary, compared: {} });
    stage.advance(60);
    expect(await startSweep(stage, 500, scheduledAt)).toEqual(inputs);

    for (const [key, { waveGate: _, ...ledger }] of stage.state.ledgers) stage.state.ledgers.set(key, ledger);
    const [input] = await startSweep(stage, 500, scheduledAt);
    expect(input).not.toHaveProperty('lastWave');
    expect((await evaluateGroup(stage.ports, input!, stage.now)).promotions).toHaveLength(5);
  });

  it('keeps nobody back when it is equal or better, or when the limits only show it', async () => {
    for (const stage of [await aFleet(1), await aFleet(1.5, { jobs: 4, gate: false })]) {
      await sweep(stage);
      expect(await sweep(stage)).toEqual([...first, 'second']);
    }
  });
});
