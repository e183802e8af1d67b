import { describe, expect, it } from 'vitest';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { type Policy, policySchema } from '../../lib/domain/policy.ts';
import { secondsBetween } from '../../lib/domain/time.ts';
import { freezeBaseline, isSettled, markSettled, planTransition } from '../../lib/domain/transition.ts';
import { aJob, anEvidence, aPolicy, aTransition, NOW } from '../builders/records.ts';
import { ago, DAY, HOUR, sealedPairs } from './cases.ts';

const SWEEP = { kind: 'automation', sweepId: 'sweep-1' } as const;
const ANN = { kind: 'operator', name: 'ann', verified: false } as const;

interface Given {
  job?: Partial<Job>;
  actor?: typeof SWEEP | typeof ANN;
  policy?: Partial<Policy>;
  evidence?: Parameters<typeof anEvidence>[0];
  forced?: boolean;
}

function move(from: Phase, to: Phase, { job, actor = SWEEP, policy, evidence, forced }: Given = {}): Job {
  const grounds = {
    to,
    reason: 'data-quality-failed' as const,
    message: 'why',
    actor,
    policy: aPolicy(policy),
    evidence: anEvidence(evidence),
    ...(forced && { forced }),
  };
  return planTransition(aJob({ phase: from, version: 7, epoch: 3, ...job }), grounds, NOW);
}

const cooldownOf = (job: Job) => secondsBetween(NOW, job.cooldownUntil!);
const demotedBefore = (...daysAgo: number[]) => ({ job: { demotedAt: daysAgo.map((days) => ago(days * DAY)) } });
const demote = (given: Given = {}) => move('reverse-shadow', 'shadow', given);

describe('the cooldown after a demotion', () => {
  it.each([
    [[], 1],
    [[3], 2],
    [[9, 3], 4],
    [[30, 9, 3], 8],
    [[40, 30, 9, 3], 16],
    [[50, 40, 30, 9, 3], 16],
    [[59, 58, 57, 56, 55, 54, 53, 52, 51], 16],
  ])('after demotions %j days ago it takes %d days', (daysAgo, days) => {
    expect(cooldownOf(demote(demotedBefore(...daysAgo)))).toBe(days * DAY);
  });

  it('forgets demotions that are older than the window of flapping', () => {
    expect(cooldownOf(demote(demotedBefore(200, 100, 61)))).toBe(DAY);
  });

  it('never exceeds the maximum, also where that is less than the first', () => {
    const cooldown = { firstSeconds: DAY, maxSeconds: HOUR };
    expect(cooldownOf(demote({ policy: { cooldown } }))).toBe(HOUR);
  });

  it('follows a demotion by hand too, which does not count as flapping', () => {
    const job = demote({ actor: ANN, ...demotedBefore(3) });
    expect(job.demotedAt).toEqual([ago(3 * DAY)]);
    expect(cooldownOf(job)).toBe(DAY);
  });

  it('does not follow a promotion', () => {
    expect(move('shadow', 'reverse-shadow').cooldownUntil).toBeUndefined();
  });

  it('remembers a bounded number of demotions, the newest', () => {
    const job = demote(demotedBefore(20, 19, 18, 17, 16, 15, 14, 13, 12, 11));
    expect(job.demotedAt.length).toBe(10);
    expect(job.demotedAt.at(-1)).toBe(NOW);
    expect(job.demotedAt[0]).toBe(ago(19 * DAY));
  });

  it('as many as the strictest policy counts can be remembered', () => {
    expect(policySchema.safeParse({ name: 'p', flapping: { demotions: 10 } }).success).toBe(true);
    expect(policySchema.safeParse({ name: 'p', flapping: { demotions: 11 } }).success).toBe(false);
  });

  it('a demotion by hand does not shorten one that runs', () => {
    const policy = { flapping: { demotions: 4, withinSeconds: DAY } };
    const job = demote({ actor: ANN, policy, job: { cooldownUntil: ago(-16 * DAY) } });
    expect(cooldownOf(job)).toBe(16 * DAY);
  });
});

describe('the record of a transition', () => {
  it('says who, why, by which policy and on which verdicts', () => {
    const { lastTransition } = demote();
    expect(lastTransition).toMatchObject({
      type: 'demotion',
      jobId: 'flights-atl',
      version: 8,
      epoch: 4,
      at: NOW,
      from: 'reverse-shadow',
      to: 'shadow',
      actor: SWEEP,
      reason: 'data-quality-failed',
      message: 'why',
      policy: { name: 'default', hash: 'a-hash' },
      settled: false,
    });
  });

  it('says that it was forced only when it was', () => {
    expect(move('pending', 'shadow', { actor: ANN, forced: true }).lastTransition).toHaveProperty('forced', true);
    expect(move('pending', 'shadow', { actor: ANN }).lastTransition).not.toHaveProperty('forced');
  });

  it('does not touch the job that it was planned from', () => {
    const job = Object.freeze(aJob({ phase: 'shadow', demotedAt: Object.freeze([]) as never }));
    const grounds = { to: 'pending', reason: 'by-operator', message: '', actor: ANN } as const;
    expect(() => planTransition(job, { ...grounds, policy: aPolicy(), evidence: anEvidence() }, NOW)).not.toThrow();
  });

  it('a hold, the labels and the registration survive it', () => {
    const hold = { scope: 'promotions', actor: 'ann', reason: 'r', at: NOW } as const;
    const kept = { hold, labels: { tier: '1' }, registeredAt: ago(90 * DAY) };
    expect(demote({ job: kept })).toMatchObject(kept);
  });
});

describe('what a transition sets and clears', () => {
  it('an automatic demotion wants attention from its first moment', () => {
    expect(demote().attention).toEqual({ kind: 'regressing', cause: 'data-quality-failed', since: NOW });
    expect(demote({ actor: ANN }).attention).toBeUndefined();
  });

  it('attention and proposal end with the phase they were about', () => {
    const job = {
      attention: { kind: 'stuck', cause: 'soak', since: NOW } as const,
      proposal: { to: 'reverse-shadow', kind: 'promotion', reason: 'r', at: NOW } as const,
    };
    const next = move('shadow', 'reverse-shadow', { job });
    expect(next).not.toHaveProperty('attention');
    expect(next).not.toHaveProperty('proposal');
  });

  it('back from cleanup the job awaits the old system, which was stopped; not otherwise', () => {
    expect(move('cleanup', 'reverse-shadow').awaitingOld).toBe(true);
    expect(move('shadow', 'reverse-shadow')).not.toHaveProperty('awaitingOld');
    expect(demote({ job: { awaitingOld: true } })).not.toHaveProperty('awaitingOld');
  });

  it('the baseline is frozen when the old system is stopped', () => {
    const evidence = { recent: sealedPairs(3) };
    expect(move('reverse-shadow', 'cleanup', { evidence }).baseline).toMatchObject({ frozenAt: NOW, pairs: 3 });
    expect(move('shadow', 'reverse-shadow', { evidence }).baseline).toBeUndefined();
  });
});

describe('the frozen baseline', () => {
  it('is the median of the old side, so that one slow day does not loosen it', () => {
    const lags = [10, 9_999, 30, 20, 40];
    const recent = sealedPairs(5, (index) => ({ oldLagSeconds: lags[index]!, oldComputeSeconds: index }));
    expect(freezeBaseline(anEvidence({ recent }), NOW)).toMatchObject({ lagSeconds: 30, computeSeconds: 2, pairs: 5 });
  });

  it('takes the lower of the two middle ones, the stricter', () => {
    const recent = sealedPairs(4, (index) => ({ oldLagSeconds: (index + 1) * 10 }));
    expect(freezeBaseline(anEvidence({ recent }), NOW).lagSeconds).toBe(20);
  });

  it('rests on matching, scheduled pairs only', () => {
    const bad = [{ backfill: true }, { outcome: 'mismatch' as const }, { outcome: 'old-only' as const }, {}];
    const recent = sealedPairs(4, (index) => ({ oldLagSeconds: index + 1, ...bad[index] }));
    expect(freezeBaseline(anEvidence({ recent }), NOW)).toMatchObject({ lagSeconds: 4, pairs: 1 });
  });

  it('has no figure for what nobody reported', () => {
    expect(freezeBaseline(anEvidence(), NOW)).toEqual({ frozenAt: NOW, pairs: 0 });
  });
});

describe('settling', () => {
  it('a job without records is settled', () => expect(isSettled(aJob())).toBe(true));

  it('is one more version, and settles both records', () => {
    const job = aJob({
      version: 8,
      lastTransition: aTransition({ version: 7 }),
      lastOverride: { ...aTransition(), type: 'released', version: 8 } as never,
    });
    expect(isSettled(job)).toBe(false);
    expect(isSettled(markSettled(job))).toBe(true);
    expect(markSettled(job).version).toBe(9);
  });
});
