/** The figures of the example: what each of them counts, and what it does not. */
import { describe, expect, test } from 'vitest';
import type { ProductionFindings, WrongPublication } from '../../examples/flights/production-check.ts';
import type { FencedReport } from '../../examples/flights/protocol.ts';
import { summarize, type Told } from '../../examples/flights/summary.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import type { TransitionRecord } from '../../lib/domain/transition.ts';

/** `at(3)` -> three o'clock. */
function at(hour: number): string {
  return new Date(Date.UTC(2001, 0, 15, hour)).toISOString();
}

function aJob(jobId: string, phase: Phase, changes: Partial<Job> = {}): Job {
  return { jobId, phase, ...changes } as Job;
}

function aTransition(type: 'promotion' | 'demotion', hour: number, changes: Partial<TransitionRecord> = {}) {
  const [from, to] = type === 'demotion' ? ['reverse-shadow', 'shadow'] : ['shadow', 'reverse-shadow'];
  const actor = { kind: 'automation', sweepId: `sweep-${hour}` };
  return { type, jobId: 'a', at: at(hour), from, to, actor, ...changes } as TransitionRecord;
}

function aTold(changes: Partial<Told>): Told {
  return {
    jobs: [],
    claims: [],
    transitions: [],
    sweepEndedAt: new Map(),
    fenced: [],
    partitions: 0,
    landings: 0,
    sweeps: 0,
    seconds: 0,
    ...changes,
  };
}

function findings(wrong: Partial<WrongPublication>[]): ProductionFindings {
  const whole = wrong.map((publication) => {
    return {
      jobId: 'a',
      partition: 'p',
      system: 'new',
      release: '1',
      run: 'r',
      landedAt: at(0),
      ...publication,
    } as const;
  });
  return { publications: 0, wrong: whole, empty: [], atEnd: [] };
}

const NOTHING_WRONG = findings([]);

describe('demoted by the regressing release', () => {
  const transitions = [aTransition('demotion', 5), aTransition('demotion', 9, { jobId: 'b' })];
  const jobs = [aJob('a', 'complete'), aJob('b', 'reverse-shadow'), aJob('c', 'shadow')];

  test('are those since its deployment, and recovered those that came back', () => {
    const summary = summarize(aTold({ jobs, transitions, regressedAt: at(6) }), NOTHING_WRONG);
    expect(summary).toMatchObject({ demotions: 2, recovered: 1, byPhase: { complete: 1, shadow: 1, pending: 0 } });
  });

  test('are none in a story without such a release', () => {
    expect(summarize(aTold({ jobs, transitions }), NOTHING_WRONG).recovered).toBe(0);
  });
});

describe('a fenced run', () => {
  const report: FencedReport = {
    type: 'fenced',
    jobId: 'a',
    partition: 'p',
    run: 'new-1',
    at: 'land',
    code: 'Fenced',
    assignedAt: at(4),
    refusedAt: at(6),
  };
  const count = (fenced: FencedReport[], transition: TransitionRecord) =>
    summarize(aTold({ fenced, transitions: [transition] }), NOTHING_WRONG).fenced;

  test('counts when its job was demoted while it was in flight, and is named', () => {
    expect(count([report], aTransition('demotion', 5))).toEqual([{ jobId: 'a', partition: 'p', run: 'new-1' }]);
  });

  test('does not count for a demotion before or after it, of another job, or for a promotion', () => {
    expect(count([report], aTransition('demotion', 3))).toEqual([]);
    expect(count([report], aTransition('demotion', 7))).toEqual([]);
    expect(count([report], aTransition('demotion', 5, { jobId: 'b' }))).toEqual([]);
    expect(count([report], aTransition('promotion', 5))).toEqual([]);
  });

  test('does not count when it was not its landing that was refused', () => {
    expect(count([{ ...report, at: 'warehouse' }], aTransition('demotion', 5))).toEqual([]);
  });
});

describe('a wrong publication', () => {
  const sweepEndedAt = new Map([['sweep-5', at(6)]]);
  const errors = (wrong: Partial<WrongPublication>, transitions: TransitionRecord[]) =>
    summarize(aTold({ transitions, sweepEndedAt }), findings([wrong])).productionErrors;

  test('by the old system is counted as such', () => {
    expect(errors({ system: 'old' }, [])).toMatchObject({ byOld: 1, publishedByNewBeforeDemotion: 0 });
  });

  test('by the new system is before the demotion until the sweep that demoted has ended', () => {
    const demoted = [aTransition('demotion', 5)];
    expect(errors({ landedAt: at(4) }, demoted)).toMatchObject({ publishedByNewBeforeDemotion: 1, afterDemotion: 0 });
    expect(errors({ landedAt: at(6) }, demoted)).toMatchObject({ publishedByNewBeforeDemotion: 1, afterDemotion: 0 });
    expect(errors({ landedAt: at(7) }, demoted)).toMatchObject({ publishedByNewBeforeDemotion: 0, afterDemotion: 1 });
  });

  test('by the new system is no longer after the demotion once the job was promoted again', () => {
    const transitions = [aTransition('demotion', 5), aTransition('promotion', 9)];
    expect(errors({ landedAt: at(8) }, transitions).afterDemotion).toBe(1);
    expect(errors({ landedAt: at(10) }, transitions).afterDemotion).toBe(0);
  });
});

test('partitions count as quarantined also when they no longer are, and jobs only need attention now', () => {
  const claims = [{ quarantine: { openedAt: at(1), clearedAt: at(2) } }, {}] as Claim[];
  const jobs = [aJob('a', 'shadow', { attention: { kind: 'stuck', cause: 'x', since: at(1) } }), aJob('b', 'shadow')];
  expect(summarize(aTold({ jobs, claims }), NOTHING_WRONG)).toMatchObject({ quarantined: 1, attention: 1 });
});
