/** What transitions owe to hooks and how sweeps carry it; demotions, which wait for none; and the hook that removes the old job. */
import { describe, expect, it } from 'vitest';
import { settleHook } from '../../lib/controller/hook-steps.ts';
import { complete, demote } from '../../lib/controller/override.ts';
import type { Hooks } from '../../lib/controller/ports.ts';
import { aReadyStage, regress } from './stage.ts';
import { ALL, aTeam, by, hooksOf, JOB, PASS, says, sweep } from './team.ts';

describe('what a transition owes', () => {
  it('is told by a later sweep when the step died right after the commit', async () => {
    const stage = await aReadyStage('shadow', ALL);
    const team = aTeam();
    await sweep(stage, team.hooks, { until: 'settle' });
    expect(stage.job()).toMatchObject({ phase: 'reverse-shadow', hooks: { debts: [{ to: 'reverse-shadow' }] } });
    const { promotions } = await sweep(stage, team.hooks);
    expect(promotions).toMatchObject([{ jobId: JOB, weight: 0, step: 'settle' }]);
    expect(team.steps()).toEqual(['gate', 'prepare', 'settle']);
    expect(stage.job().hooks).toBeUndefined();
  });

  it('is told with the same key until the hook takes note of it, and holds the next promotion back meanwhile', async () => {
    const stage = await aReadyStage('pending', ALL);
    const team = aTeam({ settle: [says('fail'), { failed: 'no answer' }, says('not-yet'), PASS] });
    await sweep(stage, team.hooks);
    expect(stage.job().phase).toBe('shadow');
    for (const seconds of [900, 1_800, 3_600]) {
      expect(stage.job().hooks?.debts).toHaveLength(1);
      stage.advance(seconds);
      await sweep(stage, team.hooks);
    }
    expect(stage.job().hooks).toBeUndefined();
    expect(stage.job()).not.toHaveProperty('attention');
    expect([team.asked.length, new Set(team.keys()).size]).toEqual([4, 1]);
  });

  it('is told once, though two steps meet', async () => {
    const stage = await aReadyStage('shadow', ALL);
    const team = aTeam();
    await sweep(stage, team.hooks, { until: 'settle' });
    const item = { jobId: JOB };
    await Promise.all([
      settleHook(stage.ports, team.hooks, item, stage.now),
      settleHook(stage.ports, team.hooks, item, stage.now),
    ]);
    expect(stage.job().hooks).toBeUndefined();
    expect(new Set(team.keys().slice(2)).size).toBe(1);
    expect(await settleHook(stage.ports, team.hooks, item, stage.now)).toMatchObject({ asked: false });
  });

  it('is dropped when the policy has no such hook any more', async () => {
    const stage = await aReadyStage('shadow', ALL);
    const team = aTeam();
    await sweep(stage, team.hooks, { until: 'settle' });
    const find = stage.ports.policies.find;
    stage.ports.policies.find = (name) => ({ ...find(name)!, hooks: {} });
    await sweep(stage, team.hooks);
    expect(stage.job().hooks).toBeUndefined();
    expect(team.steps()).not.toContain('settle');
  });
});

describe('a demotion', () => {
  it('waits for no hook: it is committed by the sweep that sees the regression, and told of afterwards', async () => {
    const stage = await aReadyStage('reverse-shadow', ALL);
    await regress(stage);
    const order: string[] = [];
    const team: Hooks = {
      async call(_name, { step }) {
        order.push(`${step} while in ${stage.job().phase}`);
        return { failed: 'no answer within 60 s' };
      },
    };
    const { demotions, promotions } = await sweep(stage, team);
    expect(demotions).toMatchObject([{ jobId: JOB }]);
    expect(promotions).toMatchObject([{ step: 'settle' }]);
    expect(stage.job().phase).toBe('shadow');
    expect(order).toEqual(['settle while in shadow']);
  });

  it.each([0, 900])('is not delayed by what is owed to a hook that never answers, %i s later', async (seconds) => {
    const stage = await aReadyStage('shadow', ALL);
    const silent = aTeam({ settle: [{ failed: 'no answer within 60 s' }] });
    await sweep(stage, silent.hooks);
    expect(stage.job()).toMatchObject({ phase: 'reverse-shadow', attention: { kind: 'hook-failed' } });
    await regress(stage);
    stage.advance(seconds);
    await sweep(stage, silent.hooks);
    expect(stage.job()).toMatchObject({ phase: 'shadow', attention: { kind: 'regressing' } });
    expect(stage.job().hooks?.debts?.map(({ to }) => to)).toEqual(['reverse-shadow', 'shadow']);
  });

  it('by hand is told of too', async () => {
    const stage = await aReadyStage('reverse-shadow', ALL);
    await demote(stage.ports, by, stage.now);
    const team = aTeam();
    await sweep(stage, team.hooks);
    expect(team.asked).toMatchObject([{ step: 'settle', transition: { kind: 'demotion', reason: 'by-operator' } }]);
  });
});

describe('the hook that removes', () => {
  const removal = (confirmRemoval: 'hook' | 'operator') =>
    hooksOf({ complete: { remove: { function: 'orders-remove' }, confirmRemoval } });
  const REMOVED = says('pass', { removed: true });

  it('ends the migration of a job where the policy takes its word, without any grant', async () => {
    const stage = await aReadyStage('cleanup', removal('hook'));
    const team = aTeam({ remove: [says('not-yet'), REMOVED] });
    await sweep(stage, team.hooks, { grants: {} });
    expect(stage.job().phase).toBe('cleanup');
    stage.advance(900);
    await sweep(stage, team.hooks, { grants: {} });
    await sweep(stage, team.hooks, { grants: {} });
    expect(stage.job()).toMatchObject({ phase: 'complete', lastTransition: { reason: 'removal-confirmed' } });
    expect(team.steps()).toEqual(['remove', 'remove']);
  });

  it('leaves the end to a person where the policy does not', async () => {
    const stage = await aReadyStage('cleanup', removal('operator'));
    const team = aTeam({ remove: [REMOVED] });
    await sweep(stage, team.hooks);
    await sweep(stage, team.hooks);
    expect(stage.job()).toMatchObject({ phase: 'cleanup', hooks: { answers: { remove: { answer: 'pass' } } } });
    expect(team.asked).toHaveLength(1);
    expect(await complete(stage.ports, { ...by, confirm: JOB }, stage.now)).toMatchObject({
      job: { phase: 'complete' },
    });
  });

  it('is not believed when it passes without having removed anything', async () => {
    const stage = await aReadyStage('cleanup', removal('hook'));
    await sweep(stage, aTeam({ remove: [PASS] }).hooks);
    expect(stage.job()).toMatchObject({ phase: 'cleanup', attention: { kind: 'hook-failed' } });
  });

  it('keeps no person from ending it without the hook', async () => {
    const stage = await aReadyStage('cleanup', removal('hook'));
    await sweep(stage, aTeam({ remove: [says('fail')] }).hooks);
    expect(await complete(stage.ports, { ...by, confirm: JOB }, stage.now)).toMatchObject({
      job: { phase: 'complete' },
    });
  });
});
