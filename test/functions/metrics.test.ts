import { afterEach, describe, expect, it, vi } from 'vitest';
import { publishAccount, publishControls, publishCounts, publishLag } from '../../functions/metrics.ts';
import type { GroupResult } from '../../lib/controller/group-result.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';

const DEMOTION = {
  jobId: 'a',
  from: 'reverse-shadow',
  to: 'shadow',
  version: 3,
  reason: 'regressing',
  message: 'm',
} as const;

const RESULT: GroupResult = {
  sweepId: 'sweep-20261122T130000Z',
  group: 0,
  expiresAt: '2026-11-22T13:13:30.000Z',
  promotions: [],
  demotions: [DEMOTION],
  failed: [],
  jobs: 500,
  counts: { shadow: 300, complete: 200 },
  attention: { 'split-writer': 2, stuck: 7 },
  oldestStuckAt: addSeconds(NOW, -3_600),
  noted: [],
};

function linesOf(act: () => void): unknown[] {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  act();
  const lines = write.mock.calls.map(([text]) => JSON.parse(String(text)) as unknown);
  write.mockRestore();
  return lines;
}

describe('the counts of an evaluation', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('are one line of metrics whose only dimension is the deployment', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', 'Crossfade-1');
    const [line, ...more] = linesOf(() => publishCounts(RESULT, NOW));
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'Crossfade', Dimensions: [['service']] }] },
      service: 'Crossfade-1',
      Jobs: 500,
      ShadowJobs: 300,
      CompleteJobs: 200,
      DemotedJobs: 1,
      UnjudgedJobs: 0,
      SplitWriterJobs: 2,
      StuckJobs: 7,
      OldestStuckSeconds: 3_600,
    });
  });

  it('say zero where there is none: nothing known is never taken for none', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', 'Crossfade-1');
    const { oldestStuckAt: _, ...calm } = RESULT;
    const [line] = linesOf(() => publishCounts({ ...calm, attention: {} }, NOW));
    expect(line).toMatchObject({ PendingJobs: 0, OwedJobs: 0, StuckJobs: 0, OldestStuckSeconds: 0 });
  });

  it('are not written where nobody reads them', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', '');
    expect(linesOf(() => publishCounts(RESULT, NOW))).toEqual([]);
  });
});

describe('the metrics of a sweep', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('say how late it starts, and never a negative time for a clock that is ahead', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', 'Crossfade-1');
    expect(linesOf(() => publishLag(NOW, addSeconds(NOW, 7)))).toMatchObject([{ SweepLagSeconds: 7 }]);
    expect(linesOf(() => publishLag(NOW, addSeconds(NOW, -7)))).toMatchObject([{ SweepLagSeconds: 0 }]);
  });

  it('count what came of the promotions of a group, and how long after its schedule it was done', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', 'Crossfade-1');
    const results = (['committed', 'committed', 'refused', 'unknown'] as const).map((result) => ({
      ...{ jobId: 'a', to: 'shadow' as const, weight: 1 },
      result,
    }));
    expect(linesOf(() => publishAccount(results, NOW, addSeconds(NOW, 40)))).toMatchObject([
      { PromotedJobs: 2, RefusedPromotions: 1, UnknownPromotions: 1, SweepSeconds: 40 },
    ]);
    const [unnamed] = linesOf(() => publishAccount(results, undefined, NOW));
    expect(unnamed).not.toHaveProperty('SweepSeconds');
  });

  it('tell a pause from a break-glass pause', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', 'Crossfade-1');
    const paused = (scope: 'promotions' | 'all') => ({
      version: 1,
      pause: { scope, actor: 'ann', reason: 'r', at: NOW },
    });
    expect(linesOf(() => publishControls(paused('promotions'), NOW))).toMatchObject([
      { PromotionsPaused: 1, BreakGlassPause: 0, BreakerOpen: 0 },
    ]);
    expect(linesOf(() => publishControls(paused('all'), NOW))).toMatchObject([
      { PromotionsPaused: 1, BreakGlassPause: 1 },
    ]);
  });
});
