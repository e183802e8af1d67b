import { afterEach, describe, expect, it, vi } from 'vitest';
import { publishCounts } from '../../functions/metrics.ts';

const RESULT = {
  sweepId: 'sweep-20261122T130000Z',
  group: 0,
  expiresAt: '2026-11-22T13:13:30.000Z',
  promotions: [],
  demotions: [{ jobId: 'a', reason: 'regressing', message: 'm' }],
  failed: [],
  jobs: 500,
  attention: { 'split-writer': 2, stuck: 7 },
} as unknown as Parameters<typeof publishCounts>[0];

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
    const [line, ...more] = linesOf(() => publishCounts(RESULT));
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'Crossfade', Dimensions: [['service']] }] },
      service: 'Crossfade-1',
      Jobs: 500,
      DemotedJobs: 1,
      UnjudgedJobs: 0,
      SplitWriterJobs: 2,
      OwedJobs: 0,
      StuckJobs: 7,
    });
  });

  it('are not written where nobody reads them', () => {
    vi.stubEnv('CROSSFADE_DEPLOYMENT', '');
    expect(linesOf(() => publishCounts(RESULT))).toEqual([]);
  });
});
