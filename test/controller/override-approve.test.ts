import { describe, expect, it } from 'vitest';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { promote, restart } from '../../lib/controller/override.ts';
import { approve } from '../../lib/controller/override-approve.ts';
import type { OverrideResult } from '../../lib/controller/override-request.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import { policySchema } from '../../lib/domain/policy.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';
import { aReadyStage, type Stage } from './stage.ts';

const JOB = 'flights-atl';
const role = (name: string, person: string) => `arn:aws:sts::123456789012:assumed-role/${name}/${person}`;
const ANN = role('Lead', 'ann');
const BOB = role('Lead', 'bob');
const EVE = role('Developer', 'Lead');
const DAY = 86_400;

/** Two leads, vouched for, within a day, before each phase that can ask for it. */
const aStrictStage = (phase: Phase, given: object = {}) => {
  const rule = { quorum: 2, from: ['Lead'], expiresSeconds: DAY, ...given };
  const { approvals } = policySchema.parse({
    name: 'strict',
    approvals: { 'reverse-shadow': rule, cleanup: rule, complete: rule },
  });
  return aReadyStage(phase, { policy: { approvals } });
};
const asks = (stage: Stage, actor: string, given: object = {}) =>
  approve(stage.ports, { jobId: JOB, actor, verified: true, reason: 'reviewed', ...given }, stage.now);
const commit = (stage: Stage, to: Phase) =>
  commitPromotion(stage.ports, { jobId: JOB, to, sweepId: 's', expiresAt: addSeconds(NOW, 99 * DAY) }, stage.now);
const codeOf = (result: OverrideResult) => ('refused' in result ? result.code : 'ok');

describe('approvals that a policy asks for', () => {
  it.each<[Phase, Phase]>([
    ['shadow', 'reverse-shadow'],
    ['reverse-shadow', 'cleanup'],
  ])('%s -> %s waits for the quorum, and goes on when it is there', async (from, to) => {
    const stage = await aStrictStage(from);
    expect(await commit(stage, to)).toMatchObject({ committed: false, message: expect.stringContaining('0 of 2') });
    expect(await asks(stage, ANN)).toMatchObject({ next: `1 of 2 approvals for ${to}` });
    expect(await commit(stage, to)).toMatchObject({ committed: false, message: expect.stringContaining(ANN) });
    await asks(stage, BOB);
    expect(await commit(stage, to)).toMatchObject({ committed: true });
    expect(stage.job()).not.toHaveProperty('approvals');
    expect([...stage.state.history.values()].map(({ type }) => type)).toEqual(['approved', 'approved', 'promotion']);
  });

  it('are of different people, however often one of them signs', async () => {
    const stage = await aStrictStage('shadow');
    await asks(stage, ANN);
    expect(await asks(stage, ANN)).toMatchObject({ next: '1 of 2 approvals for reverse-shadow' });
  });

  it('expire', async () => {
    const stage = await aStrictStage('shadow');
    await asks(stage, ANN);
    stage.advance(DAY);
    expect(await asks(stage, BOB)).toMatchObject({ next: '1 of 2 approvals for reverse-shadow' });
  });

  it('are for the evidence that was there: a restart begins without any', async () => {
    const stage = await aStrictStage('shadow', { quorum: 1 });
    await asks(stage, ANN);
    await restart(stage.ports, { jobId: JOB, actor: 'x', verified: false, reason: 'x' }, stage.now);
    expect(await asks(stage, BOB)).toMatchObject({ job: { approvals: [{ actor: BOB, epoch: 2 }] } });
  });

  it('of the person who promotes do not count, unless the policy lets them', async () => {
    for (const byOthers of [true, false]) {
      const stage = await aStrictStage('shadow', { quorum: 1, byOthers });
      await asks(stage, ANN);
      const promoted = await promote(stage.ports, { jobId: JOB, actor: ANN, verified: true, reason: 'x' }, stage.now);
      expect(codeOf(promoted)).toBe(byOthers ? 'NeedsNotMet' : 'ok');
    }
  });
});

describe('approve refuses', () => {
  it('who is not vouched for, unless the policy allows what is claimed', async () => {
    const strict = await aStrictStage('shadow');
    expect(await asks(strict, 'Lead', { verified: false })).toMatchObject({ code: 'NotEntitled', field: 'actor' });
    expect(strict.writes).toEqual([]);
    const lenient = await aStrictStage('shadow', { allowClaimed: true });
    expect(codeOf(await asks(lenient, 'Lead', { verified: false }))).toBe('ok');
  });

  it('who has not the role, also when the session is called like it', async () => {
    expect(await asks(await aStrictStage('shadow'), EVE)).toMatchObject({ code: 'NotEntitled' });
  });

  it('what no policy asks for, and another phase than the next', async () => {
    expect(codeOf(await asks(await aReadyStage('shadow'), ANN))).toBe('NotAsked');
    expect(codeOf(await asks(await aStrictStage('pending'), ANN))).toBe('NotAsked');
    expect(codeOf(await asks(await aStrictStage('shadow'), ANN, { to: 'cleanup' }))).toBe('NotAllowed');
  });

  it.each(PHASES)('or allows in %s, dry without writing, and its repeat does nothing', async (phase) => {
    const stage = await aStrictStage(phase);
    const expected = phase === 'pending' ? 'NotAsked' : phase === 'complete' ? 'NotAllowed' : 'ok';
    expect(codeOf(await asks(stage, ANN, { dryRun: true }))).toBe(expected);
    expect(stage.writes).toEqual([]);
    const first = await asks(stage, ANN, { requestId: 'r-1' });
    expect(codeOf(first)).toBe(expected);
    stage.writes.length = 0;
    expect(await asks(stage, ANN, { requestId: 'r-1' })).toEqual(first);
    expect(stage.writes).toEqual([]);
  });
});
