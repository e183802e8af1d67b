/**
 * How a system delivers: what it does with each answer of the controller, and with a refusal in the middle of a run.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Assignment, Controller, LandAnswer, LandRequest, OwedPartition } from '../../examples/flights/client.ts';
import { PacedClock } from '../../examples/flights/clock.ts';
import { Pipeline, type PipelineParts } from '../../examples/flights/pipeline.ts';
import { parseTable } from '../../examples/flights/table.ts';
import { Warehouse } from '../../examples/flights/warehouse.ts';
import { makeScratchFolder } from './scratch.ts';

const DAY = '2001-01-01';
const SCHEDULED = { kind: 'scheduled', readyAt: '2001-01-02T00:00:00.000Z' } as const;
const clock = new PacedClock({ realMs: 0, virtualMs: Date.parse('2001-01-02T01:00:00Z'), pace: 0, ceilingMs: 1e15 });

let warehouse: Warehouse;
let landings: LandRequest[];
let calls: string[];
let reports: unknown[];

beforeEach(() => {
  warehouse = new Warehouse(makeScratchFolder());
  landings = [];
  calls = [];
  reports = [];
});

/** A controller that gives every job production under token 1, but for what a test has to say. */
function aController(changes: {
  assign?: (jobId: string, time: number) => Partial<Assignment>;
  land?: (landing: LandRequest) => LandAnswer;
  owed?: OwedPartition[][];
}): Controller {
  const times = new Map<string, number>();
  const owed = [...(changes.owed ?? [])];
  return {
    assign: async (items) => {
      calls.push(`assign ${items.map(({ jobId }) => jobId)}`);
      return items.map(({ jobId, partition }) => {
        const time = (times.get(jobId) ?? 0) + 1;
        times.set(jobId, time);
        const given = changes.assign?.(jobId, time);
        return { jobId, partition, write: 'production', token: '1', phase: 'shadow', epoch: 1, ...given };
      });
    },
    land: async (items) => {
      calls.push(`land ${items.map(({ jobId }) => jobId)}`);
      landings.push(...items);
      return items.map((landing) => changes.land?.(landing) ?? { accepted: true, table: 'production' });
    },
    published: async (items) => {
      calls.push(`published ${items.map(({ jobId }) => jobId)}`);
      return items.map(() => ({ ok: true }));
    },
    owed: async () => owed.shift() ?? [],
  };
}

function aPipeline(controller: Controller, changes: Partial<PipelineParts> = {}): Pipeline {
  return new Pipeline({
    system: 'new',
    controller,
    warehouse,
    clock,
    release: () => '1.1.0',
    compute: async ({ jobId }) => [`${jobId} row`],
    report: (report) => reports.push(report),
    ...changes,
  });
}

function partitionsOf(...jobIds: string[]): { jobId: string; partition: string }[] {
  return jobIds.map((jobId) => ({ jobId, partition: DAY }));
}

function rowsIn(table: string): string[] | undefined {
  const text = warehouse.read(table, DAY);
  return text === undefined ? undefined : parseTable(text);
}

describe('a pipeline', () => {
  test('assigns everything first, then lands in small batches, publishes and confirms', async () => {
    const jobIds = Array.from({ length: 10 }, (_, index) => `j${index}`);
    const pipeline = aPipeline(aController({}));
    await pipeline.deliverPartitions(partitionsOf(...jobIds), SCHEDULED);
    expect(calls).toEqual([
      `assign ${jobIds}`,
      `land ${jobIds.slice(0, 8)}`,
      `published ${jobIds.slice(0, 8)}`,
      `land ${jobIds.slice(8)}`,
      `published ${jobIds.slice(8)}`,
    ]);
    expect(pipeline.takeTally()).toEqual({ landed: 10, published: 10, nothing: 0, fenced: 0, failed: 0 });
    expect(rowsIn('j3/production')).toEqual(['j3 row']);
    expect(landings[0]).toMatchObject({
      attempt: 1,
      rowCount: 1,
      checksumAlgorithm: 'sha256-sum',
      kind: 'scheduled',
      landedAt: '2001-01-02T01:00:00.000Z',
      release: '1.1.0',
    });
    expect(landings[0]?.computeSeconds).toBeGreaterThan(0);
  });

  test('publishes to the table that was assigned, and confirms production only', async () => {
    const assign = (jobId: string) =>
      jobId === 'a' ? { write: 'shadow' as const } : { target: 'elsewhere/production' as const };
    await aPipeline(aController({ assign })).deliverPartitions(partitionsOf('a', 'b'), SCHEDULED);
    expect(rowsIn('a/shadow')).toEqual(['a row']);
    expect(rowsIn('elsewhere/production')).toEqual(['b row']);
    expect(calls).toContain('published b');
  });

  test('does nothing where there is nothing to write', async () => {
    const pipeline = aPipeline(aController({ assign: (jobId) => (jobId === 'a' ? { write: 'nothing' } : {}) }));
    await pipeline.deliverPartitions(partitionsOf('a', 'b'), SCHEDULED);
    expect(landings.map(({ jobId }) => jobId)).toEqual(['b']);
    expect(pipeline.takeTally()).toMatchObject({ nothing: 1, landed: 1 });
  });

  test('no longer asks for a job that is complete, and goes on asking for one that only has nothing to write', async () => {
    const phases: Record<string, string> = { a: 'complete', b: 'cleanup' };
    const controller = aController({ assign: (jobId) => ({ write: 'nothing', phase: phases[jobId] ?? 'shadow' }) });
    const pipeline = aPipeline(controller);
    await pipeline.deliverPartitions(partitionsOf('a', 'b'), SCHEDULED);
    await pipeline.deliverPartitions(partitionsOf('a', 'b'), SCHEDULED);
    expect(calls.filter((call) => call.startsWith('assign'))).toEqual(['assign a,b', 'assign b']);
  });

  test('throws fenced output away, asks again, and writes where it is told to by then', async () => {
    const controller = aController({
      assign: (_, time) => (time === 1 ? { token: '1' } : { token: '2', write: 'shadow' }),
      land: ({ token }) =>
        token === '1'
          ? { accepted: false, code: 'Fenced', message: 'taken over' }
          : { accepted: true, table: 'shadow' },
    });
    const pipeline = aPipeline(controller);
    await pipeline.deliverPartitions(partitionsOf('a'), SCHEDULED);
    expect(rowsIn('a/production')).toBeUndefined();
    expect(rowsIn('a/shadow')).toEqual(['a row']);
    expect(pipeline.takeTally()).toMatchObject({ fenced: 1, landed: 1, published: 0, failed: 0 });
    const inFlight = { assignedAt: clock.now(), refusedAt: clock.now() };
    expect(reports).toEqual([
      { type: 'fenced', jobId: 'a', partition: DAY, run: landings[0]?.runId, at: 'land', code: 'Fenced', ...inFlight },
    ]);
  });

  test('asks again when the warehouse refuses what the controller accepted', async () => {
    const newer = warehouse.stage('a/production', DAY, 'newer');
    const publication = {
      system: 'old',
      release: '1',
      run: 'r',
      rowCount: 1,
      checksum: 'c',
      landedAt: '',
      publishedAt: '',
    } as const;
    warehouse.publish(newer, { ...publication, token: '2' });
    const pipeline = aPipeline(aController({ assign: (_, time) => (time === 1 ? {} : { write: 'nothing' }) }));
    await pipeline.deliverPartitions(partitionsOf('a'), SCHEDULED);
    expect(warehouse.read('a/production', DAY)).toBe('newer');
    expect(reports).toMatchObject([{ type: 'fenced', at: 'warehouse', code: 'TokenTooOld' }]);
    expect(calls).not.toContain('published a');
  });

  test('gives up after a bounded number of refusals, and says so', async () => {
    const controller = aController({ land: () => ({ accepted: false, code: 'Fenced', message: 'no' }) });
    const pipeline = aPipeline(controller);
    await pipeline.deliverPartitions(partitionsOf('a'), SCHEDULED);
    expect(landings).toHaveLength(4);
    expect(reports.at(-1)).toMatchObject({ type: 'failed', message: expect.stringContaining('4 times in a row') });
  });

  test('reports an answer that asking again would not change, and delivers the partitions beside it', async () => {
    const controller = aController({
      land: ({ jobId }) =>
        jobId === 'a'
          ? { accepted: false, code: 'AttemptConflict', message: 'other content' }
          : { accepted: true, table: 'production' },
    });
    const compute = async ({ jobId }: { jobId: string }) => {
      if (jobId === 'b') throw new Error('no such source');
      return ['row'];
    };
    const pipeline = aPipeline(controller, { compute });
    await pipeline.deliverPartitions(partitionsOf('a', 'b', 'c'), SCHEDULED);
    expect(reports).toMatchObject([
      { type: 'failed', jobId: 'b', message: 'no such source' },
      { type: 'failed', jobId: 'a', message: 'land: AttemptConflict: other content' },
    ]);
    expect(rowsIn('c/production')).toEqual(['row']);
    expect(pipeline.takeTally()).toMatchObject({ landed: 1, failed: 2, fenced: 0 });
  });

  test('lands a rerun with the next attempt, but finishes a landing that was accepted under the same token', async () => {
    const content = { rowCount: 1, checksum: 'c' };
    const controller = aController({
      assign: (jobId) =>
        jobId === 'rerun'
          ? { token: '5', landed: { attempt: 2, token: '4', ...content } }
          : jobId === 'shadow'
            ? { token: '4', write: 'shadow', landed: { attempt: 2, token: '4', ...content } }
            : { token: '4', landed: { attempt: 2, token: '4', ...content } },
    });
    await aPipeline(controller).deliverPartitions(partitionsOf('rerun', 'shadow', 'finish'), { kind: 'backfill' });
    expect(landings.map(({ jobId, attempt, kind }) => [jobId, attempt, kind])).toEqual([
      ['rerun', 3, 'backfill'],
      ['shadow', 3, 'backfill'],
      ['finish', 2, 'backfill'],
    ]);
  });

  test('works off what it owes, once each, and leaves its own quarantined output to a fixed release', async () => {
    const owe = (jobId: string, reason: string) => ({
      jobId,
      partition: DAY,
      system: 'new' as const,
      reason,
      since: '',
    });
    const list = [owe('a', 'reassigned'), owe('b', 'quarantined')];
    await aPipeline(aController({ owed: [list, list] })).deliverOwed();
    expect(landings.map(({ jobId }) => jobId)).toEqual(['a']);

    landings = [];
    await aPipeline(aController({ owed: [list, [owe('c', 'not-published')], []] }), { system: 'old' }).deliverOwed();
    expect(landings.map(({ jobId }) => jobId)).toEqual(['a', 'b', 'c']);
  });
});
