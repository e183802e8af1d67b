/** Mismatches that a policy expects, and what somebody found out about those that it does not. */
import { describe, expect, it } from 'vitest';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { recordExcuses } from '../../lib/controller/excuse.ts';
import { REDACTED, reportDifference } from '../../lib/controller/report-difference.ts';
import { isOpen, isQuarantined } from '../../lib/domain/claim.ts';
import { NO_CONTROLS } from '../../lib/domain/controls.ts';
import { isExcused } from '../../lib/domain/difference.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { freezeBaseline } from '../../lib/domain/transition.ts';
import { aJob, aPolicy, NOW } from '../builders/records.ts';
import { aStage, runBoth, runOf, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const ROUNDING = {
  name: 'rounding',
  reason: 'old drops a trailing row',
  owner: 'ann',
  expires: '2026-12-31',
  rowCount: { share: 0.01, rows: 0 },
};
const { criteria } = aPolicy();
const policyWith = (knownDifferences: object[], sampleColumns: string[] = []) => ({
  criteria: {
    ...criteria,
    landingLatency: false as const,
    resourceUtilization: false as const,
    dataQuality: { knownDifferences: knownDifferences as (typeof ROUNDING)[], sampleColumns },
  },
});

const swapped = (rules: object[] = [ROUNDING], sampleColumns?: string[]) =>
  aStage({ jobs: [aJob({ phase: 'reverse-shadow' })], policy: policyWith(rules, sampleColumns) });

const FEWER = { next: { rowCount: 995, checksum: 'rounded' } };
const names = (count: number) => Array.from({ length: count }, (_, i) => `p${String(i).padStart(2, '0')}`);

async function sweep(stage: Stage) {
  const expiresAt = addSeconds(stage.now(), 600);
  const request = { sweepId: 'a-sweep', group: 0, shards: [shardOf(JOB)], grants: { cleanup: 9 }, expiresAt };
  const result = await evaluateGroup(stage.ports, request, stage.now);
  await stage.gather();
  return result;
}

describe('a known difference', () => {
  it('is excused by the sweep: nothing is demoted, the quarantine ends, and the job goes on', async () => {
    const stage = swapped();
    await runBoth(stage, names(3), FEWER);
    expect(isQuarantined(stage.claim('p00'))).toBe(true);

    const { demotions, promotions } = await sweep(stage);
    expect(demotions).toEqual([]);
    expect(promotions).toMatchObject([{ jobId: JOB, to: 'cleanup' }]);
    const claim = stage.claim('p00');
    expect(claim.excused).toMatchObject({ rule: 'rounding', owner: 'ann' });
    expect([isQuarantined(claim), isOpen(claim)]).toEqual([false, false]);
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('hides no other mismatch behind more excuses than the evidence has names for', async () => {
    const stage = swapped();
    await runBoth(stage, ['a-real-one'], { next: { checksum: 'wrong' } });
    await runBoth(stage, names(20), FEWER);
    const { demotions } = await sweep(stage);
    expect(demotions).toMatchObject([{ jobId: JOB, reason: 'data-quality-failed' }]);
    expect(demotions[0]?.message).toContain('a-real-one');
  });

  it('lets a mismatch that nobody expects be named, however many expected ones came with it', async () => {
    const stage = swapped();
    await runBoth(stage, ['a-real-one'], { next: { checksum: 'wrong' } });
    await runBoth(stage, names(20), FEWER);
    const [first] = (await stage.ports.evidence.get(JOB, 'strong'))?.standing ?? [];
    expect(first?.partition).toBe('a-real-one');
    stage.writes.length = 0;
    expect((await sweep(stage)).demotions).toHaveLength(1);
    expect(stage.writes[0], 'a demotion waits for no excuse').toBe(`jobs.replace ${JOB}`);
  });

  it('is written on all that it excuses in one sweep, however little room the evidence has', async () => {
    const stage = swapped();
    const many = names(80);
    await runBoth(stage, many, FEWER);
    stage.calls.length = 0;
    expect((await sweep(stage)).promotions).toMatchObject([{ to: 'cleanup' }]);
    expect(many.filter((name) => !isExcused(stage.claim(name)))).toEqual([]);
    expect(stage.calls.filter((call) => call.startsWith('claims.get')).length, 'claims read one by one').toBe(0);
    expect(staleEvidence(stage)).toEqual([]);
    expect((await stage.ports.evidence.get(JOB, 'strong'))?.tally?.equal).toBe(many.length);
  });

  it('takes no more of an evaluation than it has: what is left over is no mismatch meanwhile, and excused later', async () => {
    const stage = swapped();
    await runBoth(stage, names(20), FEWER);
    const policy = stage.ports.policies.find('default')!;
    const read = async () => (await stage.ports.evidence.get(JOB, 'strong'))!;
    const budget = { claims: 5 };
    const facts = { job: stage.job(), policy, evidence: await read(), now: stage.now() };
    const evidence = await recordExcuses(stage.ports, facts, budget);
    expect(budget.claims).toBe(0);
    expect(names(20).filter((name) => isExcused(stage.claim(name)))).toHaveLength(5);
    expect(evidence).toEqual(await read());
    expect(evaluate({ ...facts, evidence, controls: NO_CONTROLS }).verdicts[0]?.outcome).toBe('inconclusive');
    expect(await recordExcuses(stage.ports, { ...facts, evidence }, budget)).toBe(evidence);
    expect((await sweep(stage)).demotions).toEqual([]);
    expect(names(20).filter((name) => !isExcused(stage.claim(name)))).toEqual([]);
  });

  it('makes as good a baseline as an equal pair does', async () => {
    const stage = swapped();
    await runBoth(stage, names(3), FEWER);
    await sweep(stage);
    const evidence = (await stage.ports.evidence.get(JOB, 'strong'))!;
    expect(freezeBaseline(evidence, NOW)).toMatchObject({ pairs: 3, computeSeconds: 60 });
  });

  it('may be written by a sweep that dies at any call: the next one finishes it', async () => {
    for (let call = 1; call <= 14; call++) {
      const stage = swapped();
      await runBoth(stage, names(3), FEWER);
      stage.crashAfter(call);
      await sweep(stage).catch(() => undefined);
      stage.crashAfter(Number.POSITIVE_INFINITY);
      await stage.gather();
      const { demotions, promotions } = await sweep(stage);
      expect([demotions.length, promotions.length], `after call ${call}`).toEqual([0, 1]);
      expect(names(3).filter((name) => isOpen(stage.claim(name)))).toEqual([]);
      expect(staleEvidence(stage)).toEqual([]);
    }
  });

  it('that was being written when a correction landed is not given to the correction', async () => {
    const stage = swapped();
    await runBoth(stage, names(3), FEWER);
    stage.before('claims.replace', () =>
      runOf(stage, { partition: 'p01', system: 'old', report: { checksum: 'other', rowCount: 5_000, attempt: 2 } }),
    );
    await sweep(stage);
    expect(isExcused(stage.claim('p01'))).toBe(false);
    expect((await sweep(stage)).demotions).toMatchObject([{ jobId: JOB, reason: 'data-quality-failed' }]);
  });

  it('excuses no more than it says: more rows apart, or other content, demote', async () => {
    for (const report of [{ rowCount: 900, checksum: 'x' }, { checksum: 'same-count-other-content' }]) {
      const stage = swapped();
      await runBoth(stage, names(3), FEWER);
      await runBoth(stage, ['q'], { next: report });
      expect((await sweep(stage)).demotions).toHaveLength(1);
    }
  });

  it('ends with the landing that it was given for: a correction is judged anew', async () => {
    const stage = swapped();
    await runBoth(stage, names(3), FEWER);
    await sweep(stage);
    const excused = stage.claim('p00');
    expect(isExcused(excused)).toBe(true);
    expect(isExcused({ ...excused, production: { ...excused.production!, checksum: 'corrected' } })).toBe(false);
  });

  it('ends with its last day, for what lands from then on', async () => {
    const stage = swapped([{ ...ROUNDING, expires: NOW.slice(0, 10) }]);
    await runBoth(stage, names(3), FEWER);
    stage.advance(86_400);
    expect((await sweep(stage)).demotions).toEqual([]);
    await runBoth(stage, ['q'], FEWER);
    expect((await sweep(stage)).demotions).toHaveLength(1);
  });

  it('reads a claim again that changed meanwhile', async () => {
    const stage = swapped();
    await runBoth(stage, names(3), FEWER);
    stage.before('claims.replace', async () => {
      const claim = stage.claim('p02');
      stage.state.claims.set(`${JOB}\u0000p02`, { ...claim, grant: 7, revision: claim.revision + 1 });
    });
    await sweep(stage);
    expect(names(3).filter((name) => isExcused(stage.claim(name)))).toHaveLength(3);
    expect(stage.claim('p02').grant).toBe(7);
  });
});

describe('a difference that was found out', () => {
  const found = { jobId: JOB, partition: 'p00', signature: 'mean_delay' };
  const value = { key: 'ATL-07', column: 'mean_delay', old: '-2', new: '-3' };
  const mismatching = async (columns?: string[], rules: object[] = []) => {
    const stage = swapped(rules, columns);
    await runBoth(stage, names(1), { next: { checksum: 'wrong' } });
    return stage;
  };

  it('names the cause in the verdict, and can be excused by it', async () => {
    const stage = await mismatching();
    await reportDifference(stage.ports, { ...found, sample: [] }, stage.now());
    await stage.gather();
    expect((await sweep(stage)).demotions[0]?.message).toContain('mean_delay (1)');

    const { rowCount: _, ...rule } = ROUNDING;
    const expected = await mismatching([], [{ ...rule, signature: 'mean_delay' }]);
    await reportDifference(expected.ports, { ...found, sample: [] }, expected.now());
    await expected.gather();
    expect((await sweep(expected)).demotions).toEqual([]);
  });

  it('keeps the values of listed columns and of no other', async () => {
    const stage = await mismatching(['mean_delay']);
    const sample = [value, { ...value, column: 'passenger' }];
    expect(await reportDifference(stage.ports, { ...found, sample }, stage.now())).toEqual({ redacted: 1 });
    expect(stage.claim('p00').difference?.sample).toEqual([
      value,
      { key: REDACTED, column: 'passenger', old: REDACTED, new: REDACTED },
    ]);
  });

  it('that is reported again writes nothing, and moves no pair of the evidence', async () => {
    const stage = await mismatching(['mean_delay']);
    const report = () => reportDifference(stage.ports, { ...found, sample: [value] }, stage.now());
    await report();
    const claim = stage.claim('p00');
    stage.advance(60);
    expect(await report()).toEqual({ redacted: 0 });
    expect(stage.claim('p00')).toBe(claim);
  });

  it('is refused where nothing mismatches, and for an unknown job or partition', async () => {
    const stage = await mismatching();
    await runBoth(stage, ['fine']);
    const report = (given: object) => reportDifference(stage.ports, { ...found, sample: [], ...given }, stage.now());
    expect(await report({ partition: 'fine' })).toMatchObject({ code: 'NoMismatch' });
    expect(await report({ partition: 'never' })).toMatchObject({ code: 'NotClaimed' });
    expect(await report({ jobId: 'nobody' })).toMatchObject({ code: 'UnknownJob' });
  });
});
