import { describe, expect, it } from 'vitest';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { explain } from '../../lib/controller/explain.ts';
import { approvalsSchema } from '../../lib/domain/approval.ts';
import { contentOf, mismatchOf } from '../../lib/domain/difference.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, aPolicy, NOW } from '../builders/records.ts';
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
    expect(pairs.length, 'all that the evidence remembers').toBe(20);
    expect(pairs[0]?.partition).toBe('p19');
  });

  it('names what stands out, with the sample of a comparison for as long as it is of what was landed', async () => {
    const stage = await aReadyStage('reverse-shadow');
    await regress(stage);
    const before = await explained(stage);
    const partition = before.standing[0]?.partition ?? '';
    expect(before.standing).toMatchObject([{ mismatch: { oldRows: expect.any(Number) }, quarantined: true }]);
    expect(before.samples).toEqual([]);

    const claim = await stage.ports.claims.get(JOB, partition);
    if (!claim) throw new Error('the mismatching claim is there');
    const mismatch = mismatchOf(claim);
    if (!mismatch) throw new Error('the claim mismatches');
    const content = contentOf(mismatch);
    const values = [{ key: 'ATL', column: 'mean_delay', old: '-7', new: '-8' }];
    const difference = { signature: 'mean_delay', sample: values, reportedAt: NOW, content };
    const compared = { ...claim, revision: claim.revision + 1, difference };
    await stage.ports.claims.replace(compared, claim);
    expect((await explained(stage)).samples).toEqual([{ partition, signature: 'mean_delay', values }]);

    const replaced = { ...difference, content: { ...content, newChecksum: 'another' } };
    await stage.ports.claims.replace({ ...compared, revision: compared.revision + 1, difference: replaced }, compared);
    expect((await explained(stage)).samples).toEqual([]);
  });

  it('says which sign-offs the next phase wants, and which count now', async () => {
    const policy = aPolicy({
      approvals: approvalsSchema.parse({ 'reverse-shadow': { quorum: 2, allowClaimed: true } }),
    });
    const signed = { to: 'reverse-shadow' as const, actor: 'ana', verified: false, epoch: 1, at: NOW };
    const job = aJob({ phase: 'shadow', approvals: [signed, { ...signed, actor: 'ben', epoch: 0 }] });
    const wanting = aStage({ jobs: [job], policy });
    expect((await explained(wanting)).signOffs).toEqual({
      to: 'reverse-shadow',
      quorum: 2,
      from: [],
      allowClaimed: true,
      given: [signed],
    });
    expect((await explained(aStage({ jobs: [job] }))).signOffs).toBeUndefined();
  });

  it('says that a job is not registered', async () => {
    expect(await explain(aStage().ports, JOB, NOW)).toMatchObject({ code: 'UnknownJob' });
  });
});
