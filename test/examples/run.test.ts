/**
 * The example, small, as `npm start` runs it: two systems as processes, the local runtime, real flights. What comes of it
 * is up to them: nothing here knows which airports a release is wrong for.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../examples/flights/summary.ts';
import type { Event, EventType } from '../../lib/domain/event.ts';
import { findFaults } from '../events/schema-files.ts';

const RUN = fileURLToPath(new URL('../../examples/flights/run.ts', import.meta.url));
const TIMEOUT_MS = 120_000;

async function runExample(...options: string[]): Promise<Summary> {
  const args = [RUN, '--once', '--json', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/** What the run with a regression told; the test after it looks at that. */
let story: { summary: Summary; events: Event[] } | undefined;

const isOfVersion = (event: Event): event is Extract<Event, { jobId: string; version: number }> =>
  'jobId' in event && 'version' in event;

const PRODUCTION_IS_RIGHT = { byOld: 0, afterDemotion: 0, empty: 0, atEnd: 0 };

describe('the example', { timeout: TIMEOUT_MS }, () => {
  test('without a defect moves job after job, and demotes and quarantines nothing', async () => {
    const summary = await runExample('--without-defects', '--airports', '10', '--days', '20');
    expect(summary).toMatchObject({ jobs: 10, demotions: 0, recovered: 0, quarantined: 0, fenced: [] });
    expect(summary.productionErrors).toEqual({ ...PRODUCTION_IS_RIGHT, publishedByNewBeforeDemotion: 0 });
    expect(summary.byPhase['reverse-shadow'] + summary.byPhase.cleanup).toBeGreaterThan(6);
    // Airports that do not fly in winter.
    expect(summary.attention).toBeGreaterThan(0);
  });

  test('with a release that regresses demotes, has old take over, and brings the jobs back after the fix', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'crossfade-story-')), 'events.jsonl');
    const summary = await runExample('--airports', '10', '--days', '25', '--events', file);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    story = { summary, events: lines.map((line) => JSON.parse(line) as Event) };
    rmSync(dirname(file), { recursive: true });
    expect(summary.demotions).toBeGreaterThan(0);
    expect(summary.quarantined).toBeGreaterThanOrEqual(summary.demotions);
    expect(summary.recovered).toBe(summary.demotions);
    expect(summary.productionErrors).toMatchObject(PRODUCTION_IS_RIGHT);
    // A job lands once a day. Between its wrong landing and the first sweep after that is sealed, it may land once more.
    expect(summary.productionErrors.publishedByNewBeforeDemotion).toBeGreaterThan(0);
    expect(summary.productionErrors.publishedByNewBeforeDemotion).toBeLessThanOrEqual(2 * summary.demotions);
    expect(Object.keys(summary)).toEqual([
      'jobs',
      'byPhase',
      'promotions',
      'demotions',
      'recovered',
      'attention',
      'partitions',
      'landings',
      'fenced',
      'quarantined',
      'productionErrors',
      'sweeps',
      'seconds',
    ]);
  });

  test('tells its story in events, each as its schema has it, and each transition once', () => {
    if (!story) throw new Error('the story was not told: run the test before this one too');
    const { summary, events } = story;
    expect(events.flatMap(findFaults)).toEqual([]);
    expect(new Set(events.map((event) => event.eventId)).size).toBe(events.length);
    const count = (type: EventType) => events.filter((event) => event.type === type).length;
    expect(count('JobDemoted')).toBe(summary.demotions);
    expect(count('JobPromoted') + count('JobCompleted')).toBe(summary.promotions);
    expect(count('QuarantineOpened')).toBe(summary.quarantined);
    expect(count('QuarantineCleared')).toBe(summary.quarantined);
    expect(count('SweepFinished')).toBe(summary.sweeps);
    for (const type of ['PartitionReassigned', 'AttentionRaised', 'AttentionCleared'] as const) {
      expect(count(type), type).toBeGreaterThan(0);
    }
    // As each job's events came, so its versions rose.
    for (const own of Map.groupBy(events.filter(isOfVersion), (event) => event.jobId).values()) {
      const versions = own.map((event) => event.version);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    }
  });

  test('ends in order when it is interrupted, and leaves no process behind', async () => {
    const child = spawn(process.execPath, [RUN, '--airports', '4', '--days', '60', '--port', '0'], { detached: true });
    const exited = once(child, 'exit');
    await saidBy(child, 'day 2');
    const systems = await childrenOf(child.pid);
    expect(systems).toHaveLength(2);
    // To its group, as Ctrl-C does.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const [code] = await exited;
    expect(code).toBe(130);
    for (const pid of systems) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('fails with a reason when one of its systems dies', async () => {
    const child = spawn(process.execPath, [RUN, '--airports', '4', '--days', '60', '--once'], { detached: true });
    const exited = once(child, 'exit');
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await saidBy(child, 'day 2');
    const [old = 0] = await childrenOf(child.pid);
    process.kill(old, 'SIGKILL');
    const [code] = await exited;
    expect(errors).toMatch(/The example has failed: the (old|new) system has ended by SIGKILL/);
    expect(code).toBe(1);
    const [, folder = ''] = /What it has left is in (.*)/.exec(errors) ?? [];
    expect(existsSync(folder)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

function saidBy(child: ChildProcess, text: string): Promise<void> {
  let said = '';
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      if (said.includes(text)) resolve();
    });
  });
}

async function childrenOf(pid = 0): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return stdout.trim().split(/\s+/).map(Number);
}
