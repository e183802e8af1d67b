import { describe, expect, it } from 'vitest';
import { countPair, type Tally } from '../../lib/domain/evidence/tally.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { toMs } from '../../lib/domain/time.ts';
import { assessCoverage, type Coverage, summarizeEvidence } from '../../lib/view/coverage.ts';
import { type CoverageEntry, renderCoverage } from '../../lib/view/coverage-page.ts';
import { anEvidence, aPair, aStanding, NOW } from '../builders/records.ts';

const HOUR_MS = 3_600_000;
const LIMITS = { maxAgeSeconds: 48 * 3_600, absentGraceSeconds: 6 * 3_600, minPairs: 24 };
const nowMs = toMs(NOW);
const hoursAgo = (hours: number) => nowMs - hours * HOUR_MS;

const both = (hours: number) => aPair({ oldLandedAt: hoursAgo(hours), newLandedAt: hoursAgo(hours) });
const oldOnly = (hours: number) => {
  const {
    newLandedAt: _,
    newLagSeconds: _l,
    ...pair
  } = aPair({ outcome: 'old-only', oldLandedAt: hoursAgo(hours), release: '' });
  return pair;
};
const newOnly = (hours: number) => {
  const { oldLandedAt: _, oldLagSeconds: _l, ...pair } = aPair({ outcome: 'new-only', newLandedAt: hoursAgo(hours) });
  return pair;
};

describe('coverage', () => {
  const cases: [what: string, phase: Phase, evidence: Parameters<typeof anEvidence>[0], coverage: Coverage][] = [
    ['nothing that has landed is missing', 'shadow', {}, 'missing'],
    ['both systems that land and match is paired', 'shadow', { recent: [both(1)] }, 'paired'],
    ['old alone is one-sided', 'shadow', { recent: [oldOnly(1)] }, 'one-sided'],
    ['new alone is one-sided', 'reverse-shadow', { recent: [newOnly(1)] }, 'one-sided'],
    ['new that fell silent while old lands is one-sided', 'shadow', { recent: [oldOnly(1), both(72)] }, 'one-sided'],
    [
      'new that is late for one partition, within the grace, is paired',
      'shadow',
      { recent: [oldOnly(2), both(26)] },
      'paired',
    ],
    ['new that is late beyond the grace is one-sided', 'shadow', { recent: [oldOnly(7), both(26)] }, 'one-sided'],
    ['both systems that fell silent is stale', 'shadow', { recent: [both(49)] }, 'stale'],
    [
      'what cannot be compared is incomparable',
      'shadow',
      { recent: [aPair({ outcome: 'incomparable', oldLandedAt: hoursAgo(1), newLandedAt: hoursAgo(1) })] },
      'incomparable',
    ],
    [
      'a difference that stands is mismatching',
      'shadow',
      { recent: [both(1)], standing: [aStanding()] },
      'mismatching',
    ],
    [
      'an excused difference is compared',
      'shadow',
      { recent: [aPair({ outcome: 'excused', oldLandedAt: hoursAgo(1), newLandedAt: hoursAgo(1) })] },
      'paired',
    ],
    ['old that lands in pending is not compared', 'pending', { recent: [oldOnly(1)] }, 'not-compared'],
    ['old that does not land in pending is stale', 'pending', { recent: [oldOnly(50)] }, 'stale'],
    ['new that lands in cleanup is not compared', 'cleanup', { recent: [newOnly(1)] }, 'not-compared'],
    ['nothing in cleanup is missing', 'cleanup', {}, 'missing'],
    ['complete is not compared any more', 'complete', {}, 'not-compared'],
  ];
  it.each(cases)('%s', (_, phase, evidence, coverage) => {
    expect(assessCoverage(phase, summarizeEvidence(anEvidence(evidence)), LIMITS, nowMs)).toBe(coverage);
  });

  it('of a job without evidence, or without a policy that says what is wanted, is missing', () => {
    expect(assessCoverage('shadow', undefined, LIMITS, nowMs)).toBe('missing');
    expect(assessCoverage('shadow', summarizeEvidence(anEvidence({ recent: [both(1)] })), undefined, nowMs)).toBe(
      'missing',
    );
  });

  it('becomes stale by time alone', () => {
    const facts = summarizeEvidence(anEvidence({ recent: [both(1)] }));
    expect(assessCoverage('shadow', facts, LIMITS, nowMs + 46 * HOUR_MS)).toBe('paired');
    expect(assessCoverage('shadow', facts, LIMITS, nowMs + 48 * HOUR_MS)).toBe('stale');
  });

  it('does not hold against new what old landed alone before the job was in shadow', () => {
    const before = { ...oldOnly(30), epoch: 1 };
    const since = { ...both(1), epoch: 2 };
    expect(assessCoverage('shadow', summarizeEvidence(anEvidence({ recent: [since, before] })), LIMITS, nowMs)).toBe(
      'paired',
    );
  });

  it('counts matching pairs of the newest epoch and release only', () => {
    const recent = [both(1), { ...both(2), release: '0.9.0' }, { ...both(3), epoch: 0 }, { ...both(4), counted: true }];
    expect(summarizeEvidence(anEvidence({ recent })).matching).toBe(1);
    const tally = { ...countPair(undefined, { ...both(4), counted: true }, []), equal: 30 } as Tally;
    expect(summarizeEvidence(anEvidence({ recent, tally })).matching).toBe(31);
  });
});

describe('the coverage page', () => {
  const entry = (jobId: string, team: string, coverage: Coverage): CoverageEntry => ({
    row: {
      jobId,
      team,
      wave: 0,
      policy: 'default',
      phase: 'shadow',
      phaseSince: NOW,
      epoch: 1,
      attention: undefined,
      held: false,
      proposed: false,
      coverage,
    },
    facts: undefined,
    limits: LIMITS,
  });
  const render = (entries: CoverageEntry[], filter: { team?: string; coverage?: Coverage; page?: number } = {}) =>
    renderCoverage({
      entries,
      filter: { page: 1, ...filter },
      hrefOf: () => '/c',
      jobHrefOf: (id) => `/j/${id}`,
      at: NOW,
    }).toString();

  it('shows as well nothing but what is compared and matches', () => {
    for (const silent of ['missing', 'one-sided', 'stale', 'incomparable', 'not-compared'] as const) {
      expect(render([entry('a', 't', silent)])).not.toContain('badge good');
    }
    expect(render([entry('a', 't', 'paired')])).toContain('badge good');
  });

  it('puts the team with the most silence first, and the worst evidence of a team', () => {
    const page = render([
      entry('a', 'calm', 'paired'),
      entry('b', 'quiet', 'missing'),
      entry('c', 'quiet', 'mismatching'),
    ]);
    expect(page.indexOf('quiet')).toBeLessThan(page.indexOf('calm'));
    expect(page.indexOf('/j/c')).toBeLessThan(page.indexOf('/j/b'));
    expect(page.indexOf('/j/b')).toBeLessThan(page.indexOf('/j/a'));
  });

  it('shows a page of many jobs, and a page that is not there as the last', () => {
    const many = Array.from({ length: 120 }, (_, i) => entry(`job-${String(i).padStart(3, '0')}`, 't', 'paired'));
    expect(render(many, { page: 2 }).match(/\/j\/job-/g)).toHaveLength(50);
    expect(render(many, { page: 99 })).toContain('Page 3 of 3');
  });
});
