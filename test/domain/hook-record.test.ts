/** What a job remembers of its hooks: when one is asked again, and what is still to be told. */
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import {
  findDueDebt,
  findWantedStep,
  type HookDebt,
  type HookRecord,
  hooksAfter,
  recordAnswer,
  recordTelling,
} from '../../lib/domain/hook-record.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds, secondsBetween } from '../../lib/domain/time.ts';
import { planTransition } from '../../lib/domain/transition.ts';
import { aJob, aPolicy, NOW } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR } from './cases.ts';
import { answered, GATED, hooksOf } from './hook-cases.ts';

describe('asking again', () => {
  const rule = { function: 'orders-gate', timeoutSeconds: 60 };
  const question = { step: 'gate', to: 'reverse-shadow', rule, round: 1 } as const;
  const waits = (answer: 'not-yet' | 'fail' | 'no-answer', times: number, retryAfterSeconds?: number) => {
    let job = aJob({ phase: 'shadow', epoch: EPOCH });
    let now = NOW;
    const seconds: number[] = [];
    for (let time = 0; time < times; time++) {
      job = recordAnswer(
        job,
        question,
        { answer, message: 'm', ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) } as never,
        now,
      )!;
      const { againAt = now } = job.hooks!.answers!.gate!;
      seconds.push(secondsBetween(now, againAt));
      now = addSeconds(againAt, 900);
    }
    return { seconds, asked: job.hooks!.answers!.gate!.asked };
  };

  it('not yet: by the next sweep at first, hourly in the end', () => {
    const { seconds, asked } = waits('not-yet', 30);
    expect(seconds.slice(0, 3)).toEqual([0, 225, 506.25]);
    expect(seconds.at(-1)).toBe(HOUR);
    expect(asked).toBe(30);
  });

  it.each(['fail', 'no-answer'] as const)('%s: after a quarter of an hour, doubling, up to six hours', (answer) => {
    expect(waits(answer, 7).seconds).toEqual([900, 1_800, 3_600, 7_200, 14_400, 6 * HOUR, 6 * HOUR]);
  });

  it('when the hook says', () => {
    expect(waits('not-yet', 2, 7_000).seconds).toEqual([7_000, 7_000]);
  });

  it('is due at that very instant, and not before', () => {
    const due = (againAt: string) =>
      findWantedStep(
        aReadyCase('shadow', {
          job: { hooks: { answers: { gate: answered({ answer: 'fail', againAt }) } } },
          policy: { hooks: GATED },
        }),
      )?.due;
    expect([due(ago(0)), due(ago(-0.001))]).toEqual([true, false]);
  });

  it('a gate whose pass grew old is another question, in the next round', () => {
    const facts = aReadyCase('shadow', {
      job: { hooks: { answers: { gate: answered({ at: ago(2 * DAY) }) } } },
      policy: { hooks: GATED },
    });
    expect(findWantedStep(facts)).toMatchObject({ step: 'gate', due: true, round: 2 });
    const job = recordAnswer(facts.job, { ...question, round: 2 }, { answer: 'not-yet' }, NOW);
    expect(job?.hooks?.answers?.gate).toMatchObject({ asked: 1, firstAskedAt: NOW, round: 2 });
  });

  it('takes no late answer to a question of an earlier round', () => {
    const job = aJob({
      phase: 'shadow',
      epoch: EPOCH,
      hooks: { answers: { gate: answered({ answer: 'fail', round: 2 }) } },
    });
    expect(recordAnswer(job, question, { answer: 'pass' }, NOW)).toBeUndefined();
    expect(recordAnswer(job, { ...question, round: 3 }, { answer: 'pass' }, NOW)).toBeDefined();
    const before = aJob({ phase: 'shadow', epoch: EPOCH + 1, hooks: job.hooks! });
    expect(recordAnswer(before, question, { answer: 'pass' }, NOW), 'rounds are of one epoch').toBeDefined();
  });

  it('asks another function another question, so that one which was asked before takes it for no repeat', () => {
    const wanted = (given: Partial<HookRecord>) =>
      findWantedStep(
        aReadyCase('shadow', { job: { hooks: { answers: { gate: answered(given) } } }, policy: { hooks: GATED } }),
      );
    expect(wanted({ function: 'another-gate', round: 3 })).toMatchObject({ due: true, again: false, round: 4 });
    expect(wanted({ function: 'another-gate', epoch: EPOCH - 1 })).toMatchObject({ round: 1 });
  });
});

describe('what a transition owes', () => {
  const TOLD = hooksOf({
    'reverse-shadow': { settle: { function: 'orders-told' } },
    shadow: { settle: { function: 'orders-told' } },
  });
  const policy = aPolicy({ hooks: TOLD });
  const transit = (facts: Evaluation, to: Phase, now = NOW) =>
    planTransition(
      facts.job,
      {
        to,
        reason: 'criteria-pass',
        message: 'm',
        actor: { kind: 'automation', sweepId: 's' },
        policy,
        evidence: facts.evidence,
      },
      now,
    );

  it.each<[Phase, Phase]>([
    ['shadow', 'reverse-shadow'],
    ['reverse-shadow', 'shadow'],
    ['cleanup', 'reverse-shadow'],
  ])('%s -> %s is written with it', (from, to) => {
    const job = transit(aReadyCase(from), to);
    const { version, epoch } = job;
    expect(job.hooks?.debts).toMatchObject([{ from, to, version, epoch, at: NOW }]);
  });

  it('is nothing where the policy has no hook for the phase', () => {
    expect(transit(aReadyCase('reverse-shadow'), 'cleanup').hooks).toBeUndefined();
  });

  it('outlives later transitions, in their order, and the answers of the epoch that is over do not', () => {
    const gated = aReadyCase('shadow', { job: { hooks: { answers: { gate: answered() } } } });
    const there = transit(gated, 'reverse-shadow');
    const back = transit({ ...gated, job: there }, 'shadow', addSeconds(NOW, 60));
    expect(back.hooks?.answers).toBeUndefined();
    expect(back.hooks?.debts?.map(({ to }) => to)).toEqual(['reverse-shadow', 'shadow']);
  });

  it('keeps the next promotion waiting until it is told, and no demotion', () => {
    const debts = transit(aReadyCase('reverse-shadow'), 'shadow').hooks!.debts!;
    const ready = aReadyCase('shadow', { job: { hooks: { debts } }, policy: { hooks: TOLD } });
    expect(evaluate(ready)).toMatchObject({
      reason: 'not-prepared',
      message: expect.stringContaining('settle orders-told after reverse-shadow -> shadow'),
    });
    expect(evaluate({ ...ready, job: { ...ready.job, hooks: {} } })).toMatchObject({ kind: 'promote' });
  });

  it('is paid by pass alone, and told again otherwise', () => {
    const facts = { ...aReadyCase('reverse-shadow'), policy };
    const job = transit(facts, 'shadow');
    const debt = findDueDebt({ job, policy, now: NOW })!;
    const rule = { function: 'orders-told', timeoutSeconds: 60 };
    const paid = recordTelling(job, debt, rule, { answer: 'pass' }, NOW)!;
    expect(paid.hooks).toBeUndefined();
    expect(recordTelling(paid, debt, rule, { answer: 'fail' }, NOW), 'a late repeat owes nothing anew').toBeUndefined();
    const again = recordTelling(job, debt, rule, { answer: 'fail', message: 'no' }, NOW)!;
    expect(again.hooks?.debts).toMatchObject([{ version: debt.version, last: { answer: 'fail', asked: 1 } }]);
    expect(findDueDebt({ job: again, policy, now: addSeconds(NOW, 899) })).toBeUndefined();
    expect(findDueDebt({ job: again, policy, now: addSeconds(NOW, 900) })).toBeDefined();
  });

  it('is void when the policy has no such hook any more, so that none is a dead end', () => {
    const job = transit(aReadyCase('reverse-shadow'), 'shadow');
    expect(findDueDebt({ job, policy: aPolicy(), now: NOW })).toBeUndefined();
    const facts = aReadyCase('shadow', { job: { hooks: job.hooks! } });
    expect(evaluate(facts)).toMatchObject({ kind: 'promote' });
  });

  it('stays bounded, and says how many transitions went untold', () => {
    const debt = (version: number): HookDebt => ({
      from: 'reverse-shadow',
      to: 'shadow',
      kind: 'demotion',
      version,
      epoch: version,
      at: NOW,
      reason: 'r',
    });
    let job = aJob({ phase: 'shadow' });
    for (let version = 1; version <= 13; version++) job = { ...job, ...hooksAfter(job, debt(version), policy) };
    expect(job.hooks?.debts).toHaveLength(10);
    expect(job.hooks?.debts?.[0]).toMatchObject({ version: 4, untold: 3 });
  });
});
