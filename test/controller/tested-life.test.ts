import { describe, expect, it } from 'vitest';
import { commitDemotion, commitPromotion, readFacts } from '../../lib/controller/commit.ts';
import { explain } from '../../lib/controller/explain.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { loadPolicies } from '../../lib/policies/load.ts';
import { aJob } from '../builders/records.ts';
import { aStage, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const HOUR = 3_600;
const POLICY = loadPolicies(new URL('../../policies/', import.meta.url).pathname).find('default')!;

/** A noise of some 20 %, the same in every run of the tests. */
const noisy = (seconds: number, hour: number) => seconds * Math.exp(0.2 * Math.sin(hour * hour * 1.7));

/** So many hours, in which both systems run every partition; new needs `factor` times the processor time of old. */
async function live(stage: Stage, from: number, hours: number, factor: number): Promise<void> {
  for (let hour = from; hour < from + hours; hour++) {
    const partition = `hour-${String(hour).padStart(4, '0')}`;
    // Both land ten minutes after the partition was ready, whoever began first.
    const landedAt = addSeconds(stage.now(), 600);
    const report = { final: false, landedAt };
    await runOf(stage, { partition, system: 'old', report: { ...report, computeSeconds: noisy(600, hour) } });
    stage.advance(60);
    const computeSeconds = noisy(600, hour + 0.5) * factor;
    await runOf(stage, { partition, system: 'new', report: { ...report, computeSeconds } });
    await stage.gather();
    stage.advance(HOUR - 60);
  }
}

async function judge(stage: Stage) {
  const facts = await readFacts(stage.ports, JOB, stage.now());
  if (isRefusal(facts)) throw new Error(facts.message);
  return evaluate(facts);
}

const inShadow = () =>
  aStage({
    jobs: [aJob({ phase: 'shadow' })],
    policy: { ...POLICY, automation: 'enforce', soak: { shadowSeconds: 0, reverseShadowSeconds: 90 * 86_400 } },
  });

const promote = (stage: Stage) =>
  commitPromotion(
    stage.ports,
    { jobId: JOB, to: 'reverse-shadow', sweepId: 's', expiresAt: addSeconds(stage.now(), 900) },
    stage.now,
  );

describe('a job under the shipped default policy', () => {
  it('is promoted after a day or two of hourly pairs, and demoted as soon as its new system is proven dearer', async () => {
    const stage = inShadow();
    await live(stage, 0, 23, 1);
    expect(await judge(stage)).toMatchObject({ kind: 'hold', reason: 'need-not-met' });
    await live(stage, 23, 17, 1);
    expect(await judge(stage)).toMatchObject({ kind: 'promote', to: 'reverse-shadow' });
    expect(await promote(stage)).toMatchObject({ committed: true });

    await live(stage, 40, 30, 1);
    expect(await judge(stage)).toMatchObject({ kind: 'hold', reason: 'need-not-met' });
    let hours = 70;
    while ((await judge(stage)).kind !== 'demote' && hours < 130) await live(stage, hours++, 1, 2);
    expect(hours).toBeLessThanOrEqual(70 + 40);
    const committed = await commitDemotion(stage.ports, { jobId: JOB, sweepId: 's' }, stage.now);
    expect(committed).toMatchObject({ committed: true, job: { phase: 'shadow' } });
    expect(committed.job?.lastTransition?.message).toMatch(/^resourceUtilization: compute: new is 1\.\d+ times old/);
  });

  it('begins its pairs anew with each phase: what let it in does not let it on', async () => {
    const stage = inShadow();
    await live(stage, 0, 40, 1);
    expect(await promote(stage)).toMatchObject({ committed: true });
    await live(stage, 40, 5, 1);
    const { verdicts } = await judge(stage);
    expect(verdicts.map(({ criterion, outcome, sample }) => [criterion, outcome, sample.pairs])).toEqual([
      ['dataQuality', 'missing', 5],
      ['landingLatency', 'missing', 5],
      ['resourceUtilization', 'missing', 5],
    ]);
  });

  it('is explained with every number and the promise behind them', async () => {
    const stage = inShadow();
    await live(stage, 0, 40, 1);
    const explained = await explain(stage.ports, JOB, stage.now());
    if (isRefusal(explained)) throw new Error(explained.message);
    const numbers = explained.decision.verdicts.flatMap((verdict) => verdict.numbers ?? []);
    expect(
      numbers.map(({ measure, pairs, threshold, neededHealth }) => [measure, pairs, threshold, neededHealth]),
    ).toEqual([
      ['lag', 40, 100_000, 20],
      ['compute', 40, 100_000, 20],
      ['storage', 40, 100_000, 20],
    ]);
    expect(explained.guarantees).toEqual([
      expect.stringContaining(
        'with 1 job, 8,760 landings a year and 3 measures each, at most 0.26 false demotions a year',
      ),
    ]);
  });
});
