/** What a sweep sends on for hooks: in which order, how much of it, and what it takes from others. */
import { describe, expect, it } from 'vitest';
import { choosePromotions, evaluateGroup, MAX_PROMOTIONS } from '../../lib/controller/evaluate-group.ts';
import type { Candidate, HookCall } from '../../lib/controller/group-result.ts';
import { chooseHookCalls, MAX_ASKED } from '../../lib/controller/hook-work.ts';
import { SHARDS } from '../../lib/domain/hash.ts';
import type { HookDebt } from '../../lib/domain/hook-record.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, anEvidence, aPair, NOW } from '../builders/records.ts';
import { aStage } from './stage.ts';
import { hooksOf } from './team.ts';

const TOLD = hooksOf({ 'reverse-shadow': { settle: { function: 'orders-told' } } });

const candidate = (jobId: string, given: Partial<Candidate> = {}): Candidate => ({
  jobId,
  to: 'shadow',
  weight: 1,
  step: 'commit',
  wave: 0,
  phaseSince: NOW,
  ...given,
});
const call = (jobId: string, step: 'settle' | 'again', seconds: number): HookCall => ({
  jobId,
  to: 'shadow',
  weight: 0,
  step,
  since: addSeconds(NOW, seconds),
});
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

describe('promotions with hooks', () => {
  it('stand behind those without, so that a hook that hangs delays none of them', () => {
    const candidates = [candidate('hooked', { step: 'ask' }), candidate('plain', { wave: 1 })];
    expect(choosePromotions(candidates, { shadow: 9 }).map(({ jobId }) => jobId)).toEqual(['plain', 'hooked']);
  });

  it('are bounded in one sweep, and leave their grants to others then', () => {
    const hooked = many(60, (index) => candidate(`hooked-${index}`, { step: 'ask' }));
    const plain = many(20, (index) => candidate(`plain-${index}`, { wave: 1 }));
    const chosen = choosePromotions([...hooked, ...plain], { shadow: 60 });
    expect(chosen.filter(({ step }) => step === 'ask')).toHaveLength(MAX_ASKED);
    expect(chosen.filter(({ step }) => step === 'commit')).toHaveLength(20);
  });

  it('to the end of a migration need no grant, since nothing limits how many end', () => {
    expect(choosePromotions([candidate('done', { to: 'complete', step: 'ask' })], {})).toHaveLength(1);
  });
});

describe('calls of hooks', () => {
  it('are of what happened first, then of what waits, the longest first', () => {
    const calls = [call('b', 'again', 0), call('c', 'settle', 20), call('a', 'settle', 10), call('d', 'again', -9)];
    expect(chooseHookCalls(calls).map(({ jobId }) => jobId)).toEqual(['a', 'c', 'd', 'b']);
  });

  it('are bounded in one sweep: what does not fit waits for the next one', () => {
    expect(chooseHookCalls(many(150, (index) => call(`job-${index}`, 'settle', index)))).toHaveLength(100);
  });

  it('fit into the payload of a state machine together with the promotions', async () => {
    const debt: HookDebt = {
      from: 'shadow',
      to: 'reverse-shadow',
      kind: 'promotion',
      version: 1,
      epoch: 1,
      at: NOW,
      reason: 'criteria-pass',
    };
    const owing = many(120, (index) =>
      aJob({ jobId: `owing-${index}`, phase: 'reverse-shadow', hooks: { debts: [debt] } }),
    );
    const ready = many(150, (index) => aJob({ jobId: `ready-${index}` }));
    const stage = aStage({ ...TOLD, jobs: [...owing, ...ready] });
    for (const { jobId } of ready) stage.state.evidence.set(jobId, anEvidence({ jobId, recent: [aPair()] }));
    const shards = many(SHARDS, (index) => index);
    const request = { sweepId: 's', group: 0, shards, grants: { shadow: 999 }, expiresAt: addSeconds(NOW, 600) };
    const { promotions } = await evaluateGroup(stage.ports, request, stage.now);
    expect(promotions).toHaveLength(MAX_PROMOTIONS);
    expect(promotions.filter(({ step }) => step === 'settle')).toHaveLength(100);
  });
});
