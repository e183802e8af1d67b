import { describe, expect, it } from 'vitest';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { explain } from '../../lib/controller/explain.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, regress, runBoth, runOf, type Stage } from './stage.ts';

const JOB = 'flights-atl';

async function explained(stage: Stage) {
  const answer = await explain(stage.ports, JOB, stage.now());
  if ('refused' in answer) throw new Error(answer.message);
  return answer;
}

const sweep = (stage: Stage) => {
  const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
  const request = { sweepId: 's', group: 0, shards: [shardOf(JOB)], grants, expiresAt: addSeconds(NOW, 9_999) };
  return evaluateGroup(stage.ports, request, stage.now);
};

describe('explain', () => {
  it.each<Phase>(['pending', 'shadow', 'reverse-shadow', 'cleanup', 'complete'])(
    'says of a job in %s what the next sweep would do, and writes nothing',
    async (phase) => {
      const stage = await aReadyStage(phase);
      const { decision } = await explained(stage);
      expect(stage.writes).toEqual([]);
      const { promotions } = await sweep(stage);
      expect(promotions.map((one) => one.to)).toEqual(decision.kind === 'promote' ? [decision.to] : []);
    },
  );

  it('says of a regression that the next sweep rolls it back, and why a person should look', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    const { decision, attention } = await explained(stage);
    expect(decision).toMatchObject({ kind: 'demote', to: 'shadow', reason: 'data-quality-failed' });
    expect(attention).toMatchObject({ kind: 'regressing' });
    expect((await sweep(stage)).demotions.length).toBe(1);
  });

  it('names each need that is not met, and each verdict with its sample', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    const { decision } = await explained(stage);
    expect(decision.unmet.map((one) => one.need)).toEqual(['criteria-pass', 'both-fresh']);
    expect(decision.verdicts[0]).toMatchObject({ criterion: 'dataQuality', sample: { pairs: 0, needed: 3 } });
  });

  it('lists what is open and why, and the newest pairs', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })] });
    await runBoth(
      stage,
      Array.from({ length: 20 }, (_, i) => `p${String(i).padStart(2, '0')}`),
    );
    await runOf(stage, { partition: 'q1', system: 'old', until: 'assigned' });
    await runOf(stage, { partition: 'q2', system: 'old', until: 'landed' });
    const { open, pairs } = await explained(stage);
    expect(open).toMatchObject([
      { partition: 'q1', writer: 'old', reason: 'not-landed' },
      { partition: 'q2', writer: 'old', reason: 'not-published' },
    ]);
    expect(pairs.length).toBe(12);
    expect(pairs[0]?.partition).toBe('p19');
  });

  it('says that a job is not registered', async () => {
    expect(await explain(aStage().ports, JOB, NOW)).toMatchObject({ code: 'UnknownJob' });
  });
});
