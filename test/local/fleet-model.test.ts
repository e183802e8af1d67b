import { describe, expect, it } from 'vitest';
import type { WrittenImage } from '../../lib/aws/stream.ts';
import { addSeconds, type Instant } from '../../lib/domain/time.ts';
import { FleetModel } from '../../lib/local/fleet-model.ts';
import { aJob, anEvidence, aPair, NOW } from '../builders/records.ts';

const LIMITS = { maxAgeSeconds: 48 * 3_600, absentGraceSeconds: 6 * 3_600, minPairs: 24 };

function aModel(log: (message: string) => void = () => {}) {
  let now: Instant = NOW;
  const model = new FleetModel({ run: 'r', limitsOf: () => LIMITS, now: () => now, log });
  return {
    model,
    pass(seconds: number) {
      now = addSeconds(now, seconds);
      model.sync();
    },
  };
}

const ALL = 1_000;

describe('the fleet in memory', () => {
  it('tells what looks different since a revision, and nothing that only was written', () => {
    const { model } = aModel();
    model.takeJob(aJob({ jobId: 'a' }));
    model.takeJob(aJob({ jobId: 'b' }));
    const { revision } = model.version;
    model.takeJob(aJob({ jobId: 'a', version: 2, labels: { tier: 'gold' } }));
    expect(model.changesSince(revision, ALL)).toEqual([]);
    model.takeJob(aJob({ jobId: 'a', version: 3, phase: 'shadow' }));
    expect(model.changesSince(revision, ALL)?.map(([jobId]) => jobId)).toEqual(['a']);
    expect(model.changesSince(model.version.revision, ALL)).toEqual([]);
  });

  it('tells that too much has changed instead of telling it', () => {
    const { model } = aModel();
    for (let i = 0; i < 10; i++) model.takeJob(aJob({ jobId: `job-${i}` }));
    expect(model.changesSince(0, 9)).toBeUndefined();
    expect(model.changesSince(0, 10)).toHaveLength(10);
  });

  it('keeps the newest of what comes out of order, from the tables and as it is written', () => {
    const { model } = aModel();
    model.takeJob(aJob({ version: 5, phase: 'cleanup' }));
    model.takeJob(aJob({ version: 4, phase: 'reverse-shadow' }));
    expect(model.entries().map(({ row }) => row.phase)).toEqual(['cleanup']);
    expect(model.counts()).toMatchObject({ cleanup: 1, 'reverse-shadow': 0 });
  });

  it('takes evidence that comes before its job', () => {
    const { model } = aModel();
    model.takeEvidence(anEvidence({ recent: [aPair()] }));
    model.takeJob(aJob({ phase: 'shadow' }));
    expect(model.entries()[0]?.row.coverage).toBe('paired');
  });

  it('sees evidence become stale, and a hold end, by time alone', () => {
    const { model, pass } = aModel();
    const hold = { scope: 'promotions' as const, actor: 'ana', reason: 'r', at: NOW, until: addSeconds(NOW, 3_600) };
    model.takeJob(aJob({ phase: 'shadow', hold }));
    model.takeEvidence(anEvidence({ recent: [aPair()] }));
    pass(0);
    const [entry] = model.entries();
    expect(entry?.row).toMatchObject({ held: true, coverage: 'paired' });
    const { revision } = model.version;
    pass(3_601);
    expect(entry?.row.held).toBe(false);
    pass(48 * 3_600);
    expect(entry?.row.coverage).toBe('stale');
    expect(model.changesSince(revision, ALL)).toHaveLength(1);
  });

  it('lets a retired job go, and says so', () => {
    const { model } = aModel();
    model.takeJob(aJob());
    const { revision } = model.version;
    model.takeJob(aJob({ version: 2, retired: { actor: 'ana', reason: 'r', at: NOW } }));
    expect(model.entries()).toEqual([]);
    expect(model.counts().pending).toBe(0);
    expect(model.changesSince(revision, ALL)).toEqual([['flights-atl']]);
  });

  it('lists jobs in text order, whatever the order in which they came', () => {
    const { model } = aModel();
    for (const jobId of ['b', 'a', 'B']) model.takeJob(aJob({ jobId }));
    expect(model.entries().map(({ row }) => row.jobId)).toEqual(['B', 'a', 'b']);
  });

  it('goes on past an item that it cannot read, and says which table it is in', () => {
    const said: string[] = [];
    const { model } = aModel((message) => said.push(message));
    const broken: WrittenImage = { jobId: { S: 'x' }, record: { S: 'job' }, layout: { N: '99' } };
    model.observe('jobs', broken);
    model.takeJob(aJob());
    model.sync();
    expect(said).toEqual([expect.stringContaining('an item of jobs is not shown')]);
    expect(model.entries()).toHaveLength(1);
  });
});
